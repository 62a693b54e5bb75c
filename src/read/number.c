/* Up to 19 digits are gathered in an integer; where integer and power of ten are both exact
 * doubles one multiplication or division rounds correctly, everything else goes to strtod. */
#include "read/number.h"

#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <strings.h>

enum { MOST_DIGITS = 19, MOST_POWER = 22 };

static const double POWER[MOST_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                             1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                             1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

typedef struct decimal {
    uint64_t digits; /* the first MOST_DIGITS significant ones */
    int significant; /* how many of them */
    bool any;        /* a digit was seen, perhaps 0 */
    bool cut;        /* there were more */
    int64_t exponent;
} decimal;

static bool is_digit(char c)
{
    return (unsigned)(c - '0') < 10;
}

static const char *read_digits(const char *text, const char *end, bool fraction, decimal *number)
{
    for (; text < end && is_digit(*text); text++) {
        number->any = true;
        if (number->significant == MOST_DIGITS) {
            number->cut = true;
            number->exponent += !fraction;
            continue;
        }
        number->digits = 10 * number->digits + (uint64_t)(*text - '0');
        number->significant += number->digits != 0;
        number->exponent -= fraction;
    }
    return text;
}

/* The exponent part, if a whole one stands at `text`. */
static const char *read_exponent(const char *text, const char *end, decimal *number)
{
    const char *at = text + 1;
    if (text == end || (*text | 32) != 'e')
        return text;
    const bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (at == end || !is_digit(*at))
        return text;
    int64_t power = 0;
    for (; at < end && is_digit(*at); at++)
        if (power < 100000)
            power = 10 * power + (*at - '0');
    number->exponent += negative ? -power : power;
    return at;
}

static double slow(const char *text)
{
    static locale_t plain;
    if (!plain)
        plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    const locale_t before = plain ? uselocale(plain) : (locale_t)0;
    const double value = strtod(text, NULL);
    if (plain)
        uselocale(before);
    return value;
}

static const char *read_word(const char *text, const char *end, bool negative, double *value)
{
    static const char *const WORD[] = {"infinity", "inf", "nan"};
    static const int LENGTH[] = {8, 3, 3};
    for (int w = 0; w < 3; w++)
        if (end - text >= LENGTH[w] && strncasecmp(text, WORD[w], (size_t)LENGTH[w]) == 0) {
            const double size = w == 2 ? (double)NAN : (double)INFINITY;
            *value = negative ? -size : size;
            return text + LENGTH[w];
        }
    return NULL;
}

const char *pw_number(const char *text, const char *end, double *value)
{
    const char *at = text;
    const bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    decimal number = {.digits = 0};
    const char *unsigned_text = at;
    at = read_digits(at, end, false, &number);
    if (at < end && *at == '.')
        at = read_digits(at + 1, end, true, &number);
    if (!number.any)
        return read_word(unsigned_text, end, negative, value);
    at = read_exponent(at, end, &number);

    double size = (double)number.digits;
    if (number.cut)
        size = slow(unsigned_text);
    else if (number.exponent != 0 && number.digits != 0) {
        if (number.digits > (uint64_t)1 << 53 || llabs(number.exponent) > MOST_POWER)
            size = slow(unsigned_text);
        else if (number.exponent < 0)
            size /= POWER[-number.exponent];
        else
            size *= POWER[number.exponent];
    }
    *value = negative ? -size : size;
    return at;
}

const char *pw_number_whole(const char *text, const char *end, int64_t *value)
{
    const char *at = text;
    int64_t number = 0;
    for (; at < end && is_digit(*at); at++) {
        if (number > (INT64_MAX - 9) / 10)
            return NULL;
        number = 10 * number + (*at - '0');
    }
    *value = number;
    return at == text ? NULL : at;
}
