/* Natural logarithms that vectorise, as libm's do not: x = 2^e m with √½ ≤ m < √2, and ln m = 2 atanh s as a series,
 * s = (m − 1) / (m + 1). */
#ifndef PW_BASE_LOGARITHM_H
#define PW_BASE_LOGARITHM_H

#include <stdint.h>
#include <string.h>

/* Local. ln x of positive, normal x. */
static inline double pw_logarithm(double x)
{
    static const double ROOT_HALF = 0.70710678118654752440, LN_2 = 0.69314718055994530942;
    int64_t bits, shifted;
    memcpy(&bits, &x, sizeof bits);
    memcpy(&shifted, &ROOT_HALF, sizeof shifted);
    const int64_t e = (bits - shifted) >> 52;
    const int64_t mantissa = bits - e * (INT64_C(1) << 52);
    double m;
    memcpy(&m, &mantissa, sizeof m);
    const double s = (m - 1) / (m + 1), q = s * s;
    double sum = 1.0 / 21;
    sum = sum * q + 1.0 / 19;
    sum = sum * q + 1.0 / 17;
    sum = sum * q + 1.0 / 15;
    sum = sum * q + 1.0 / 13;
    sum = sum * q + 1.0 / 11;
    sum = sum * q + 1.0 / 9;
    sum = sum * q + 1.0 / 7;
    sum = sum * q + 1.0 / 5;
    sum = sum * q + 1.0 / 3;
    sum = sum * q + 1;
    return (double)e * LN_2 + 2 * s * sum;
}

/* Local. The same in float. */
static inline float pw_logarithm_float(float x)
{
    static const float ROOT_HALF = 0.70710678F, LN_2 = 0.69314718F;
    int32_t bits, shifted;
    memcpy(&bits, &x, sizeof bits);
    memcpy(&shifted, &ROOT_HALF, sizeof shifted);
    const int32_t e = (bits - shifted) >> 23;
    const int32_t mantissa = bits - e * (INT32_C(1) << 23);
    float m;
    memcpy(&m, &mantissa, sizeof m);
    const float s = (m - 1) / (m + 1), q = s * s;
    float sum = 1.0F / 9;
    sum = sum * q + 1.0F / 7;
    sum = sum * q + 1.0F / 5;
    sum = sum * q + 1.0F / 3;
    sum = sum * q + 1;
    return (float)e * LN_2 + 2 * s * sum;
}

/* Local. ln(1 + v) of v ≥ 0, with all digits where v is small: the second term is what 1 + v loses of v. NaN stays. */
static inline double pw_logarithm_plus_1(double v)
{
    const double x = 1 + v;
    return pw_logarithm(x) + (v - (x - 1)) / x;
}

#endif
