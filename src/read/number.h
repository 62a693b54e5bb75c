/* Decimal numbers in text, read fast and exactly: the double that strtod gives in the C locale. */
#ifndef PW_READ_NUMBER_H
#define PW_READ_NUMBER_H

#include <stdint.h>

/* Local. Reads the number that starts at `text` and ends before `end`: decimal digits with sign,
 * point and exponent, or nan, inf, infinity in any case. Returns the first byte behind it, NULL
 * where no number starts. *end must be readable and must not continue a number (a line end, a
 * delimiter, NUL). */
const char *pw_number(const char *text, const char *end, double *value);

/* Local. Reads digits only. Returns the first byte behind them; NULL where there are none or where
 * the number does not fit. */
const char *pw_number_whole(const char *text, const char *end, int64_t *value);

/* Local. The first byte from `text` on that is neither blank nor tab, at most `end`. */
static inline const char *pw_number_skip_blanks(const char *text, const char *end)
{
    while (text < end && (*text == ' ' || *text == '\t'))
        text++;
    return text;
}

#endif
