/* PARTWISE_NAME=value, with '_' for '-'. */
#include "base/options_find.h"
#include "base/options_sources.h"

#include <ctype.h>
#include <string.h>

extern char **environ;

/* Variables that are no options: those of the tests, and what module systems like to set. */
static const char *const NOT_OPTIONS[] = {"fault",   "faults",     "rehearse", "data", "slow",
                                          "dir",     "test-slurm", "home",     "root", "prefix",
                                          "version", "bin",        "lib",      "inc",  "include"};

static bool is_no_option(const char *name)
{
    for (size_t i = 0; i < sizeof NOT_OPTIONS / sizeof *NOT_OPTIONS; i++)
        if (strcmp(name, NOT_OPTIONS[i]) == 0)
            return true;
    return false;
}

/* "MAX_ITERATIONS=…" to "max-iterations". */
static void option_name(const char *entry, char name[static PW_VARIABLE_LENGTH])
{
    int length = 0;
    for (; *entry && *entry != '=' && length < PW_VARIABLE_LENGTH - 1; entry++)
        name[length++] = (char)(*entry == '_' ? '-' : tolower((unsigned char)*entry));
    name[length] = '\0';
}

static pw_code fail_unknown(const char *variable, const char *name)
{
    char meant[PW_VARIABLE_LENGTH];
    const char *nearest = pw_option_nearest(name, PW_ANY_COMMAND);
    if (!nearest)
        return pw_fail(PW_ERROR_USAGE, "environment variable %s: no such option.", variable);
    return pw_fail(PW_ERROR_USAGE, "environment variable %s: no such option; did you mean %s?",
                   variable, pw_option_variable(nearest, meant));
}

static pw_code read_entry(pw_option_reading *reading, const char *entry)
{
    char name[PW_VARIABLE_LENGTH], variable[PW_VARIABLE_LENGTH];
    const char *equals = strchr(entry, '=');
    option_name(entry, name);
    pw_option_variable(name, variable);
    if (!equals || !equals[1] || is_no_option(name))
        return PW_OK;
    const pw_option *option = pw_option_find(name, reading->command);
    if (option)
        return pw_option_give(reading, option, PW_SOURCE_ENVIRONMENT, variable, equals + 1);
    if (pw_option_find(name, PW_ANY_COMMAND)) /* meant for another command */
        return PW_OK;
    return fail_unknown(variable, name);
}

pw_code pw_options_read_environment(pw_option_reading *reading)
{
    pw_code code = PW_OK;
    const size_t length = strlen(PW_VARIABLE_PREFIX);
    for (char **entry = environ; entry && *entry; entry++)
        if (strncmp(*entry, PW_VARIABLE_PREFIX, length) == 0)
            PW_TRY(read_entry(reading, *entry + length));
done:
    return code;
}
