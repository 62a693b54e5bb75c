#include "base/poisson.h"

#include "base/logarithm.h"

#include <math.h>

static const double LEAST_REJECTED = 10, MOST_REJECTED = 1e15;

enum { MOST_DRAWS = 256 }; /* each is accepted with more than 3/4 */

/* The least x with u ≤ P(X ≤ x). Beyond 100 the probability is less than that u tells apart. */
static double invert(double u, double mean)
{
    enum { MOST = 100 };
    double p = exp(-mean), sum = p;
    int x = 0;
    while (u > sum && x < MOST) {
        p *= mean / ++x;
        sum += p;
    }
    return x;
}

/* ln x! less Stirling's (x + ½) ln x − x + ½ ln 2π, for x > 0. */
static double stirling_error(double x)
{
    static const double SMALL[] = {
        0,
        0.0810614667953272582196702,
        0.0413406959554092940938221,
        0.02767792568499833914878929,
        0.02079067210376509311152277,
        0.01664469118982119216319487,
        0.01387612882307074799874573,
        0.01189670994589177009505572,
        0.010411265261972096497478567,
        0.009255462182712732917728637,
        0.008330563433362871256469318,
        0.007573675487951840794972024,
        0.006942840107209529865664152,
        0.006408994188004207068439631,
        0.005951370112758847735624416,
        0.005554733551962801371038690,
    };
    if (x < sizeof SMALL / sizeof *SMALL)
        return SMALL[(int)x];
    const double q = 1 / (x * x);
    return (1.0 / 12 - q * (1.0 / 360 - q * (1.0 / 1260 - q * (1.0 / 1680 - q / 1188)))) / x;
}

/* x ln(x / mean) + mean − x, for x > 0: near the mean by the series in v = (x − mean) / (x + mean). */
static double deviance(double x, double mean)
{
    const double difference = x - mean, v = difference / (x + mean);
    if (fabs(v) > 0.1)
        return x * pw_logarithm(x / mean) - difference;
    double sum = difference * v, term = 2 * x * v, before = NAN;
    for (int j = 3; sum != before; j += 2) {
        before = sum;
        term *= v * v;
        sum += term / j;
    }
    return sum;
}

/* Whether ln(√2π q) ≤ ln(√2π P(X = x)), where P(x) = exp(−deviance − stirling_error) / √(2π x) */
static int accepts(double q, double x, double mean)
{
    const double root_two_pi = 2.5066282746310005024;
    if (x == 0)
        return pw_logarithm(q) <= -mean;
    return pw_logarithm(q * root_two_pi * sqrt(x)) <= -deviance(x, mean) - stirling_error(x);
}

static double reject(pw_random_key key, int64_t row, uint32_t column, double mean)
{
    const double b = 0.931 + 2.53 * sqrt(mean), a = -0.059 + 0.02483 * b;
    const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), squeeze = 0.9277 - 3.6224 / (b - 2);
    for (int draw = 0; draw < MOST_DRAWS; draw++, key.model++) {
        double pair[2];
        pw_random_pair(key, row, column, pair);
        const double u = pair[0] - 0.5, v = pair[1], edge = 0.5 - fabs(u);
        const double x = floor((2 * a / edge + b) * u + mean + 0.43);
        if (edge >= 0.07 && v <= squeeze)
            return x;
        if (x < 0 || (edge < 0.013 && v > edge))
            continue;
        if (accepts(v * inverse_alpha / (a / (edge * edge) + b), x, mean))
            return x;
    }
    return floor(mean);
}

double pw_random_poisson(pw_random_key key, int64_t row, uint32_t column, double mean)
{
    if (mean < LEAST_REJECTED)
        return mean > 0 ? invert(pw_random_uniform(key, row, column), mean) : 0;
    if (mean <= MOST_REJECTED)
        return reject(key, row, column, mean);
    return round(mean + sqrt(mean) * pw_random_normal(key, row, column));
}
