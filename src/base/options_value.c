/* Text to value and back, for the six types that an option may have. */
#include "base/options_value.h"

#include "base/memory.h"
#include "base/options_find.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Doubles hold every whole number up to here. */
static const double MOST_EXACT = 9007199254740992.0;

/* Shared by all: "LABEL: 'TEXT' is …". */
static pw_code refuse(const char *label, const char *text, const char *why)
{
    return pw_fail(PW_ERROR_USAGE, "%s: '%.100s' %s.", label, text, why);
}

char *pw_option_list(const char *const *names, uint64_t set, const char *last, char *text,
                     size_t size)
{
    size_t length = 0;
    text[0] = '\0';
    for (int i = 0; names[i] && set && length < size; i++) {
        const uint64_t bit = UINT64_C(1) << i;
        if (!(set & bit))
            continue;
        set &= ~bit;
        const bool more = names[i + 1] && set >> (i + 1);
        const char *before = length == 0 ? "" : more ? ", " : last;
        length += (size_t)snprintf(text + length, size - length, "%s%s", before, names[i]);
    }
    return text;
}

char *pw_option_choices_text(const pw_option *option, char *text, size_t size)
{
    return pw_option_list(option->choices, UINT64_MAX, " or ", text, size);
}

/* strtod and strtoll take more than numbers: spaces, "nan", "inf", hexadecimal. */
static bool looks_like_a_number(const char *text)
{
    return *text && strspn(text, "0123456789+-.eE") == strlen(text);
}

static pw_code check_range(const pw_option *option, const char *label, const char *text,
                           double value)
{
    if (value < option->least)
        return pw_fail(PW_ERROR_USAGE, "%s: '%.100s' is below %.12g.", label, text, option->least);
    if (value > option->most)
        return pw_fail(PW_ERROR_USAGE, "%s: '%.100s' is above %.12g.", label, text, option->most);
    return PW_OK;
}

/* Reads 12 and -3, and also 1e6 where that is exactly a whole number. */
static pw_code read_whole(const pw_option *option, const char *label, const char *text,
                          int64_t *value)
{
    char *end;
    if (!looks_like_a_number(text))
        return refuse(label, text, "is no whole number");
    errno = 0;
    *value = strtoll(text, &end, 10);
    if (*end) {
        const double wide = strtod(text, &end);
        if (*end || wide != floor(wide))
            return refuse(label, text, "is no whole number");
        errno = fabs(wide) > MOST_EXACT ? ERANGE : 0;
        *value = errno ? 0 : (int64_t)wide;
    }
    if (errno == ERANGE)
        return refuse(label, text, "is too large a number");
    return check_range(option, label, text, (double)*value);
}

/* The bytes of a unit: K, M, G or T, with or without iB behind it and a space before; 0 for any other text. */
static double bytes_of_unit(const char *unit)
{
    static const char LETTERS[] = "KMGTkmgt";
    unit += *unit == ' ';
    const char *letter = *unit ? strchr(LETTERS, *unit) : NULL;
    if (!letter || (unit[1] && strcmp(unit + 1, "iB") != 0))
        return 0;
    return exp2(10.0 * (double)(1 + (letter - LETTERS) % 4));
}

/* Reads 8000 as read_whole does, and 8G, 1.5T, 500 MiB; parts of a byte are rounded up. */
static pw_code read_size(const pw_option *option, const char *label, const char *text,
                         int64_t *value)
{
    const char *unit = text + strspn(text, "0123456789+-.eE");
    const double bytes = bytes_of_unit(unit);
    char *end;
    if (!*unit)
        return read_whole(option, label, text, value);
    const double size = strtod(text, &end) * bytes;
    if (unit == text || bytes == 0 || end != unit)
        return refuse(label, text, "is no size such as 8000000000, 500M, 8G or 1.5T");
    const pw_code code = check_range(option, label, text, size);
    if (code == PW_OK)
        *value = (int64_t)ceil(size);
    return code;
}

static pw_code read_real(const pw_option *option, const char *label, const char *text,
                         double *value)
{
    char *end = NULL;
    if (looks_like_a_number(text))
        *value = strtod(text, &end);
    if (!end || *end)
        return refuse(label, text, "is no number");
    if (!isfinite(*value))
        return refuse(label, text, "is too large a number");
    return check_range(option, label, text, *value);
}

static pw_code read_choice(const pw_option *option, const char *label, const char *text,
                           int64_t *value)
{
    char list[PW_CHOICES_LENGTH];
    for (int i = 0; option->choices[i]; i++)
        if (strcmp(text, option->choices[i]) == 0) {
            *value = i;
            return PW_OK;
        }
    return pw_fail(PW_ERROR_USAGE, "%s: '%.100s' is not one of %s.", label, text,
                   pw_option_choices_text(option, list, sizeof list));
}

static pw_code read_flag(const char *label, const char *text, bool *value)
{
    static const char *const WORDS[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (strcmp(text, WORDS[i]) == 0) {
            *value = i % 2;
            return PW_OK;
        }
    return refuse(label, text, "is neither yes nor no");
}

static pw_code read_text(const char *label, const char *text, char **value)
{
    char *copy;
    if (!*text)
        return pw_fail(PW_ERROR_USAGE, "%s: the value is empty.", label);
    if (PW_NEW(copy, (int64_t)strlen(text) + 1))
        return PW_ERROR_MEMORY;
    strcpy(copy, text);
    free(*value);
    *value = copy;
    return PW_OK;
}

pw_code pw_option_set(const pw_option *option, const char *label, const char *text,
                      pw_options *options)
{
    void *field = pw_option_field(option, options);
    pw_code code = PW_OK;
    int64_t whole = 0;
    double real = 0;
    switch (option->type) {
    case PW_OPTION_FLAG:
        return read_flag(label, text, field);
    case PW_OPTION_TEXT:
        return read_text(label, text, field);
    case PW_OPTION_CHOICE:
        return read_choice(option, label, text, field);
    case PW_OPTION_WHOLE:
    case PW_OPTION_SIZE:
        code = option->type == PW_OPTION_SIZE ? read_size(option, label, text, &whole)
                                              : read_whole(option, label, text, &whole);
        if (code == PW_OK)
            *(int64_t *)field = whole;
        return code;
    case PW_OPTION_REAL:
        if ((code = read_real(option, label, text, &real)) == PW_OK)
            *(double *)field = real;
        return code;
    }
    return pw_fail(PW_ERROR_INTERNAL, "%s: the table gives this option no type.", label);
}

/* The fewest digits that read back to the same number. */
static const char *real_text(double value, char number[static PW_NUMBER_LENGTH])
{
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(number, PW_NUMBER_LENGTH, "%.*g", digits, value);
        if (strtod(number, NULL) == value)
            break;
    }
    return number;
}

const char *pw_option_text(const pw_option *option, const pw_options *options,
                           char number[static PW_NUMBER_LENGTH])
{
    const void *field = pw_option_field(option, options);
    const char *text = NULL;
    switch (option->type) {
    case PW_OPTION_FLAG:
        return *(const bool *)field ? "yes" : "no";
    case PW_OPTION_CHOICE:
        return option->choices[*(const int64_t *)field];
    case PW_OPTION_WHOLE:
    case PW_OPTION_SIZE:
        snprintf(number, PW_NUMBER_LENGTH, "%" PRId64, *(const int64_t *)field);
        return number;
    case PW_OPTION_REAL:
        return real_text(*(const double *)field, number);
    case PW_OPTION_TEXT:
        text = *(char *const *)field;
    }
    return text ? text : "";
}
