/* Options from an .ini file: sections and names as in the table. */
#include "base/nearest.h"
#include "base/options_find.h"
#include "base/options_sources.h"

#include <errno.h>
#include <ini.h>
#include <string.h>

enum { LABEL_LENGTH = 512 };

typedef struct ini_file {
    pw_option_reading *reading;
    const char *path;
    FILE *stream;
    int line;     /* number of the line read last, from 1 */
    pw_code code; /* of the first failure; nothing is read after it */
    bool given[PW_MOST_OPTIONS];
} ini_file;

/* Hands inih one line at a time, so that the number of the line is known when a value arrives. */
static char *read_line(char *line, int size, void *context)
{
    ini_file *file = context;
    if (file->code || !fgets(line, size, file->stream))
        return NULL;
    file->line++;
    if (!strchr(line, '\n') && !feof(file->stream)) {
        file->code = pw_fail(PW_ERROR_USAGE, "%s:%d: the line is longer than %d characters.",
                             file->path, file->line, size - 2);
        return NULL;
    }
    return line;
}

static pw_code check_section(const char *label, const char *section)
{
    pw_nearest nearest = {.word = section};
    for (const pw_option_section *known = PW_OPTION_SECTIONS; known->name; known++) {
        if (strcmp(section, known->name) == 0)
            return PW_OK;
        pw_nearest_offer(&nearest, known->name);
    }
    if (nearest.name)
        return pw_fail(PW_ERROR_USAGE, "%s: no such section [%s]; did you mean [%s]?", label,
                       section, nearest.name);
    return pw_fail(PW_ERROR_USAGE, "%s: no such section [%s].", label, section);
}

static pw_code check_place(ini_file *file, const pw_option *option, const char *label,
                           const char *section)
{
    bool *given = &file->given[option - PW_OPTIONS];
    if (strcmp(option->section, section) != 0)
        return pw_fail(PW_ERROR_USAGE, "%s: belongs to section [%s].", label, option->section);
    if (strcmp(option->name, "config") == 0)
        return pw_fail(PW_ERROR_USAGE, "%s: a file of options cannot name another one.", label);
    if (*given)
        return pw_fail(PW_ERROR_USAGE,
                       "%s: given twice. (An indented line continues the one above it.)", label);
    *given = true;
    return PW_OK;
}

static pw_code read_value(ini_file *file, const char *section, const char *name, const char *value)
{
    pw_code code = PW_OK;
    char label[LABEL_LENGTH];
    const pw_command command = file->reading->command;
    const pw_option *option = pw_option_find(name, command);
    snprintf(label, sizeof label, "%.400s:%d: %s", file->path, file->line, name);
    if (*section)
        PW_TRY(check_section(label, section));
    if (!option)
        return pw_option_fail_unknown(command, label, "", name);
    PW_TRY(check_place(file, option, label, section));
    PW_TRY(pw_option_give(file->reading, option, PW_SOURCE_FILE, label, value));
done:
    return code;
}

/* What inih calls for every value. */
static int take_value(void *context, const char *section, const char *name, const char *value)
{
    ini_file *file = context;
    if (file->code == PW_OK)
        file->code = read_value(file, section, name, value);
    return file->code == PW_OK;
}

pw_code pw_options_read_file(pw_option_reading *reading, const char *path)
{
    ini_file file = {.reading = reading, .path = path, .stream = fopen(path, "r")};
    if (!file.stream)
        return pw_fail(PW_ERROR_INPUT, "%.400s: cannot be opened: %s.", path, strerror(errno));
    const int bad_line = ini_parse_stream(read_line, &file, take_value, &file);
    if (file.code == PW_OK && ferror(file.stream))
        file.code = pw_fail(PW_ERROR_INPUT, "%.400s: cannot be read: %s.", path, strerror(errno));
    if (file.code == PW_OK && bad_line)
        file.code = pw_fail(PW_ERROR_USAGE, "%.400s:%d: is neither [section] nor name = value.",
                            path, bad_line);
    fclose(file.stream);
    return file.code;
}
