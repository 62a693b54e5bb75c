/* The help of a command, made from the table. */
#include "base/options_find.h"
#include "base/options_text.h"

#include <string.h>

enum { WIDTH = 92, HELP_COLUMN = 28, TEXT_LENGTH = 4096, LEFT_LENGTH = 64 };

void pw_text_wrap(FILE *stream, const char *text, int column, int indent)
{
    const char *gap = "";
    while (*(text += strspn(text, " "))) {
        const int length = (int)strcspn(text, " ");
        if (*gap && column + 1 + length > WIDTH) {
            fprintf(stream, "\n%*s", indent, "");
            column = indent;
            gap = "";
        }
        fprintf(stream, "%s%.*s", gap, length, text);
        column += (int)strlen(gap) + length;
        text += length;
        gap = " ";
    }
    fputc('\n', stream);
}

void pw_text_lines(FILE *stream, const char *lines, const char *before)
{
    while (*lines) {
        const int length = (int)strcspn(lines, "\n");
        fprintf(stream, "%s%.*s\n", before, length, lines);
        lines += length + (lines[length] == '\n');
    }
}

char *pw_option_limits_text(const pw_option *option, unsigned commands, char *text, size_t size)
{
    char parts[3][PW_CHOICES_LENGTH] = {"", "", ""};
    if (option->type == PW_OPTION_CHOICE)
        pw_option_choices_text(option, parts[0], sizeof parts[0]);
    if (option->initial && option->type != PW_OPTION_FLAG)
        snprintf(parts[1], sizeof parts[1], "default: %s", option->initial);
    if (option->required & commands)
        snprintf(parts[2], sizeof parts[2], "required");
    const char *last = *parts[1] ? parts[1] : parts[2];
    if (!*parts[0] && !*last)
        text[0] = '\0';
    else
        snprintf(text, size, " (%s%s%s)", parts[0], *parts[0] && *last ? "; " : "", last);
    return text;
}

static void print_option(FILE *stream, const pw_option *option, pw_command command)
{
    char left[LEFT_LENGTH], limits[PW_LIMITS_LENGTH], text[TEXT_LENGTH];
    char letter[] = "    ";
    if (option->letter)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(left, sizeof left, "  %.4s--%s%s%s", letter, option->name,
             option->value_name ? " " : "", option->value_name ? option->value_name : "");
    snprintf(text, sizeof text, "%s%s", option->help,
             pw_option_limits_text(option, command, limits, sizeof limits));
    fprintf(stream, "%-*s", HELP_COLUMN, left);
    pw_text_wrap(stream, text, HELP_COLUMN, HELP_COLUMN);
}

static void print_section(FILE *stream, const pw_option_section *section, pw_command command)
{
    bool first = true;
    for (const pw_option *option = PW_OPTIONS; option->name; option++) {
        if (!(option->commands & command) || strcmp(option->section, section->name) != 0)
            continue;
        if (first)
            fprintf(stream, "\n%s [%s]\n", section->title, section->name);
        print_option(stream, option, command);
        first = false;
    }
}

pw_code pw_options_print_help(pw_command command, FILE *stream)
{
    const pw_command_info *info = pw_command_describe(command);
    fprintf(stream, "Usage: partwise %s %s [options]\n\n", info->name, info->usage);
    pw_text_wrap(stream, info->description, 0, 0);
    for (const pw_option_section *section = PW_OPTION_SECTIONS; section->name; section++)
        print_section(stream, section, command);
    fprintf(stream, "  -h, --help%*sPrint this text.\n\n", HELP_COLUMN - 12, "");
    pw_text_wrap(stream,
                 "Options can also stand in a file (--config FILE), each under the [section] named "
                 "above, or in the environment, such as PARTWISE_MAX_ITERATIONS=50. The command "
                 "line beats the environment, the environment beats the file.",
                 0, 0);
    fprintf(stream, "\nExamples\n");
    pw_text_lines(stream, info->examples, "  ");
    return pw_text_finish(stream);
}

pw_code pw_text_finish(FILE *stream)
{
    if (fflush(stream) || ferror(stream))
        return pw_fail(PW_ERROR_OUTPUT, "the text cannot be written.");
    return PW_OK;
}
