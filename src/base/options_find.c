/* Looking things up in the table, and what to say about names that are not in it. */
#include "base/options_find.h"

#include "base/nearest.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

const pw_command_info *pw_command_describe(pw_command command)
{
    const pw_command_info *info = PW_COMMANDS;
    while (info->name && info->command != command)
        info++;
    return info;
}

pw_code pw_command_named(const char *name, pw_command *command)
{
    pw_nearest nearest = {.word = name};
    for (const pw_command_info *info = PW_COMMANDS; info->name; info++) {
        if (strcmp(name, info->name) == 0) {
            *command = info->command;
            return PW_OK;
        }
        pw_nearest_offer(&nearest, info->name);
    }
    pw_nearest_offer(&nearest, "help");
    if (nearest.name)
        return pw_fail(PW_ERROR_USAGE, "no command '%.100s'; did you mean '%s'?", name,
                       nearest.name);
    return pw_fail(PW_ERROR_USAGE, "no command '%.100s'. `partwise help` lists them.", name);
}

const pw_option *pw_option_find(const char *name, unsigned commands)
{
    for (const pw_option *option = PW_OPTIONS; option->name; option++)
        if ((option->commands & commands) && strcmp(option->name, name) == 0)
            return option;
    return NULL;
}

const pw_option *pw_option_find_letter(char letter, unsigned commands)
{
    for (const pw_option *option = PW_OPTIONS; option->name; option++)
        if ((option->commands & commands) && option->letter == letter)
            return option;
    return NULL;
}

void *pw_option_field(const pw_option *option, const pw_options *options)
{
    return (char *)options + option->offset;
}

char *pw_option_variable(const char *name, char variable[static PW_VARIABLE_LENGTH])
{
    int length = snprintf(variable, PW_VARIABLE_LENGTH, "%s", PW_VARIABLE_PREFIX);
    for (; *name && length < PW_VARIABLE_LENGTH - 1; name++)
        variable[length++] = (char)(*name == '-' ? '_' : toupper((unsigned char)*name));
    variable[length] = '\0';
    return variable;
}

/* "fit, convert and info" */
static void list_commands(unsigned commands, char *text, size_t size)
{
    size_t length = 0;
    text[0] = '\0';
    for (const pw_command_info *info = PW_COMMANDS; info->name && length < size; info++) {
        if (!(commands & info->command))
            continue;
        commands &= ~(unsigned)info->command;
        const char *before = length == 0 ? "" : commands ? ", " : " and ";
        length += (size_t)snprintf(text + length, size - length, "%s%s", before, info->name);
    }
}

/* The option exists, but for other commands. */
static pw_code fail_unused(pw_command command, const char *label, const char *name)
{
    char users[80];
    unsigned commands = 0;
    for (const pw_option *option = PW_OPTIONS; option->name; option++)
        if (strcmp(option->name, name) == 0)
            commands |= option->commands;
    list_commands(commands, users, sizeof users);
    return pw_fail(PW_ERROR_USAGE, "%s: `partwise %s` does not use this option; it belongs to %s.",
                   label, pw_command_describe(command)->name, users);
}

const char *pw_option_nearest(const char *name, unsigned commands)
{
    pw_nearest nearest = {.word = name};
    for (const pw_option *option = PW_OPTIONS; option->name; option++)
        if (option->commands & commands)
            pw_nearest_offer(&nearest, option->name);
    return nearest.name;
}

pw_code pw_option_fail_unknown(pw_command command, const char *label, const char *prefix,
                               const char *name)
{
    if (pw_option_find(name, PW_ANY_COMMAND))
        return fail_unused(command, label, name);
    const char *nearest = pw_option_nearest(name, command);
    if (nearest)
        return pw_fail(PW_ERROR_USAGE, "%s: no such option; did you mean %s%s?", label, prefix,
                       nearest);
    return pw_fail(PW_ERROR_USAGE, "%s: no such option. `partwise help %s` lists them.", label,
                   pw_command_describe(command)->name);
}
