/* Fields are found left to right; a cursor that became NULL means that the line has no more. */
#include "read/fields.h"

#include "read/number.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

/* Blanks around fields do not count; a tab is one where it is not the delimiter. */
static bool is_blank(char c, char delimiter)
{
    return c == ' ' || (c == '\t' && delimiter != '\t');
}

static const char *skip_blanks(const char *at, const char *end, char delimiter)
{
    while (at < end && is_blank(*at, delimiter))
        at++;
    return at;
}

static bool is_delimiter(char c, char delimiter)
{
    return delimiter == PW_WHITE_SPACE ? is_blank(c, delimiter) : c == delimiter;
}

const char *pw_field_first(const pw_line *line, char delimiter)
{
    const char *at = skip_blanks(line->begin, line->end, delimiter);
    return at == line->end ? NULL : at;
}

bool pw_field_end(const char *at, const char *end, char delimiter, const char **next)
{
    const char *stop = skip_blanks(at, end, delimiter);
    *next = NULL;
    if (stop == end)
        return true;
    if (delimiter == PW_WHITE_SPACE) {
        *next = stop;
        return stop > at;
    }
    *next = stop + 1;
    return *stop == delimiter;
}

static pw_field_outcome next_quoted(const char **at, const char *end, char delimiter,
                                    pw_field *field)
{
    const char *stop = field->begin;
    while (stop < end && (*stop != '"' || (stop + 1 < end && stop[1] == '"')))
        stop += *stop == '"' ? 2 : 1;
    if (stop >= end)
        return PW_FIELD_OPEN;
    field->end = stop;
    return pw_field_end(stop + 1, end, delimiter, at) ? PW_FIELD_FOUND : PW_FIELD_TRAILING;
}

pw_field_outcome pw_field_next(const char **at, const char *end, char delimiter, pw_field *field)
{
    if (!*at)
        return PW_FIELD_NONE;
    const char *stop = skip_blanks(*at, end, delimiter);
    *field = (pw_field){.begin = stop, .end = stop};
    if (stop < end && *stop == '"') {
        field->quoted = true;
        field->begin++;
        return next_quoted(at, end, delimiter, field);
    }
    while (stop < end && !is_delimiter(*stop, delimiter))
        stop++;
    pw_field_end(stop, end, delimiter, at);
    while (stop > field->begin && is_blank(stop[-1], delimiter))
        stop--;
    field->end = stop;
    return PW_FIELD_FOUND;
}

pw_code pw_field_failure(pw_field_outcome outcome, const char *path, int64_t line)
{
    if (outcome == PW_FIELD_OPEN)
        return pw_fail(PW_ERROR_INPUT,
                       "%s: line %" PRId64 ": a field in quotes does not end on its line. Line "
                       "breaks inside fields are not supported: take them out.",
                       path, line);
    return pw_fail(PW_ERROR_INPUT,
                   "%s: line %" PRId64 ": something stands between a closing quote and the next "
                   "delimiter. Double the quotes inside a field.",
                   path, line);
}

pw_code pw_field_add_name(const pw_field *field, pw_names *names)
{
    const char *quote =
        field->quoted ? memchr(field->begin, '"', (size_t)(field->end - field->begin)) : NULL;
    const int64_t index = names->count;
    pw_code code = pw_names_add(names, field->begin, field->end - field->begin);
    if (!quote || code != PW_OK)
        return code;
    char *text = names->text + names->offset[index], *to = text;
    const char *from = text, *end = names->text + names->offset[index + 1];
    while (from < end) {
        from += *from == '"'; /* the first of two */
        *to++ = *from++;
    }
    names->offset[index + 1] = names->offset[index] + (to - text);
    return PW_OK;
}

bool pw_field_is_number(const pw_field *field)
{
    double value;
    const char *begin = pw_number_skip_blanks(field->begin, field->end);
    const char *stop = pw_number(begin, field->end, &value);
    return stop && pw_number_skip_blanks(stop, field->end) == field->end;
}

bool pw_field_is_missing(const pw_field *field)
{
    static const char *const MISSING[] = {"", "NA", "N/A", "#N/A", "null", "none", "?", "-", "."};
    const size_t length = (size_t)(field->end - field->begin);
    for (size_t i = 0; i < sizeof MISSING / sizeof *MISSING; i++)
        if (strlen(MISSING[i]) == length && strncasecmp(field->begin, MISSING[i], length) == 0)
            return true;
    return false;
}
