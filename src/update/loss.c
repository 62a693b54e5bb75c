#include "update/loss.h"

#include "base/clones.h"
#include "base/logarithm.h"

#include <math.h>

pw_loss pw_loss_of(const pw_options *options, double mean)
{
    static const double BETA[] = {2, 1, 0};
    const double beta = options->loss == PW_LOSS_BETA ? options->beta : BETA[options->loss];
    const double zero = 1e-12; /* of the mean: its inverse square is still a number in float */
    return (pw_loss){.beta = beta,
                     .exponent = beta < 1   ? 1 / (2 - beta)
                                 : beta > 2 ? 1 / (beta - 1)
                                            : 1,
                     .floor = options->floor,
                     .least = beta < 2 ? zero * mean : 0};
}

bool pw_loss_is_sparse(const pw_loss *loss)
{
    return loss->beta == 1 || loss->beta == 2;
}

/* ---- weights ---- */

/* v / x, 0 where v is missing: NaN is not > 0. */
#define DEFINE_RATIO(real)                                                                         \
    PW_CLONES static void ratio_##real(real least, int64_t count, const real *restrict v,          \
                                       const real *restrict x, real *restrict a)                   \
    {                                                                                              \
        for (int64_t i = 0; i < count; i++) {                                                      \
            const real ratio = v[i] / (x[i] > least ? x[i] : least);                               \
            a[i] = v[i] > 0 ? ratio : 0;                                                           \
        }                                                                                          \
    }

DEFINE_RATIO(double)
DEFINE_RATIO(float)

PW_CLONES static void weigh_kl(const pw_loss *loss, int64_t count, const double *restrict v,
                               const double *restrict x, double *restrict a, double *restrict b)
{
    ratio_double(loss->least, count, v, x, a);
    for (int64_t i = 0; b && i < count; i++)
        b[i] = v[i] == v[i] ? 1 : 0;
}

PW_CLONES static void weigh_is(const pw_loss *loss, int64_t count, const double *restrict v,
                               const double *restrict x, double *restrict a, double *restrict b)
{
    for (int64_t i = 0; i < count; i++) {
        const double y = x[i] > loss->least ? x[i] : loss->least, inverse = 1 / y;
        const double value = v[i] < loss->floor ? loss->floor : v[i];
        a[i] = value == value ? value * inverse * inverse : 0;
        if (b)
            b[i] = value == value ? inverse : 0;
    }
}

PW_CLONES static void weigh_frobenius(int64_t count, const double *restrict v,
                                      const double *restrict x, double *restrict a,
                                      double *restrict b)
{
    for (int64_t i = 0; i < count; i++) {
        const double y = x[i];
        a[i] = v[i] == v[i] ? v[i] : 0;
        if (b)
            b[i] = v[i] == v[i] ? y : 0;
    }
}

static void weigh_beta(const pw_loss *loss, int64_t count, const double *v, const double *x,
                       double *a, double *b)
{
    for (int64_t i = 0; i < count; i++) {
        const double y = x[i] > loss->least ? x[i] : loss->least;
        const double value = v[i] < loss->floor ? loss->floor : v[i];
        const double power = value == value ? pow(y, loss->beta - 2) : 0;
        a[i] = value > 0 ? value * power : 0;
        if (b)
            b[i] = y * power;
    }
}

void pw_loss_weigh(const pw_loss *loss, int64_t count, const double *v, const double *x, double *a,
                   double *b)
{
    if (loss->beta == 1)
        weigh_kl(loss, count, v, x, a, b);
    else if (loss->beta == 0)
        weigh_is(loss, count, v, x, a, b);
    else if (loss->beta == 2)
        weigh_frobenius(count, v, x, a, b);
    else
        weigh_beta(loss, count, v, x, a, b);
}

/* ---- costs: d(v | x), 0 where v is missing ---- */

PW_CLONES static void cost_kl(const pw_loss *loss, int64_t count, const double *restrict v,
                              const double *restrict x, double *restrict d)
{
    for (int64_t i = 0; i < count; i++) {
        const double y = x[i] > loss->least ? x[i] : loss->least;
        const double cost = v[i] > 0 ? v[i] * pw_logarithm(v[i] / y) - v[i] + y : x[i];
        d[i] = v[i] == v[i] ? cost : 0;
    }
}

PW_CLONES static void cost_is(const pw_loss *loss, int64_t count, const double *restrict v,
                              const double *restrict x, double *restrict d)
{
    for (int64_t i = 0; i < count; i++) {
        const double y = x[i] > loss->least ? x[i] : loss->least;
        const double ratio = (v[i] < loss->floor ? loss->floor : v[i]) / y;
        d[i] = v[i] == v[i] ? ratio - pw_logarithm(ratio) - 1 : 0;
    }
}

PW_CLONES static void cost_frobenius(int64_t count, const double *restrict v,
                                     const double *restrict x, double *restrict d)
{
    for (int64_t i = 0; i < count; i++) {
        const double difference = v[i] == v[i] ? v[i] - x[i] : 0;
        d[i] = 0.5 * difference * difference;
    }
}

static void cost_beta(const pw_loss *loss, int64_t count, const double *v, const double *x,
                      double *d)
{
    const double beta = loss->beta;
    for (int64_t i = 0; i < count; i++) {
        const double y = x[i] > loss->least ? x[i] : loss->least;
        const double value = v[i] < loss->floor ? loss->floor : v[i], power = pow(y, beta - 1);
        const double own = value > 0 ? pow(value, beta) : 0;
        d[i] = v[i] == v[i] ? (own + power * ((beta - 1) * y - beta * value)) / (beta * (beta - 1))
                            : 0;
    }
}

/* Sums of a call fit into the type of its entries. */
#define DEFINE_SUM(real)                                                                           \
    PW_CLONES static double add_up_##real(int64_t count, const real *d)                            \
    {                                                                                              \
        real part[16] = {0};                                                                       \
        int64_t i = 0;                                                                             \
        for (; i + 16 <= count; i += 16)                                                           \
            for (int l = 0; l < 16; l++)                                                           \
                part[l] += d[i + l];                                                               \
        for (; i < count; i++)                                                                     \
            part[i & 15] += d[i];                                                                  \
        double sum = 0;                                                                            \
        for (int l = 0; l < 16; l++)                                                               \
            sum += (double)part[l];                                                                \
        return sum;                                                                                \
    }

DEFINE_SUM(double)
DEFINE_SUM(float)

double pw_loss_sum(const pw_loss *loss, int64_t count, const double *v, const double *x)
{
    double d[PW_LOSS_ENTRIES];
    if (loss->beta == 1)
        cost_kl(loss, count, v, x, d);
    else if (loss->beta == 0)
        cost_is(loss, count, v, x, d);
    else if (loss->beta == 2)
        cost_frobenius(count, v, x, d);
    else
        cost_beta(loss, count, v, x, d);
    return add_up_double(count, d);
}

PW_CLONES static void costs_of_zeros(const pw_loss *loss, int64_t count, const double *restrict x,
                                     double *restrict d)
{
    for (int64_t i = 0; i < count; i++)
        d[i] = pw_loss_of_zero(loss, x[i]);
}

double pw_loss_sum_of_zeros(const pw_loss *loss, int64_t count, const double *x)
{
    double d[PW_LOSS_ENTRIES];
    costs_of_zeros(loss, count, x, d);
    return add_up_double(count, d);
}

/* ---- both at once ---- */

#define DEFINE_TAKE_KL(real, logarithm)                                                            \
    PW_CLONES static void ratio_and_cost_##real(real least, int64_t count, const real *restrict v, \
                                                const real *restrict x, real *restrict a,          \
                                                real *restrict d)                                  \
    {                                                                                              \
        for (int64_t i = 0; i < count; i++) {                                                      \
            const real y = x[i] > least ? x[i] : least, ratio = v[i] / y;                          \
            const real cost = v[i] * logarithm(v[i] > 0 ? ratio : 1) - v[i] + y;                   \
            a[i] = v[i] > 0 ? ratio : 0;                                                           \
            d[i] = v[i] > 0 ? cost : v[i] == v[i] ? x[i] : 0;                                      \
        }                                                                                          \
    }                                                                                              \
    double pw_loss_take_kl_##real(const pw_loss *loss, int64_t count, const real *v,               \
                                  const real *x, real *a, bool measure)                            \
    {                                                                                              \
        real d[PW_LOSS_ENTRIES];                                                                   \
        if (measure)                                                                               \
            ratio_and_cost_##real((real)loss->least, count, v, x, a, d);                           \
        else                                                                                       \
            ratio_##real((real)loss->least, count, v, x, a);                                       \
        return measure ? add_up_##real(count, d) : 0;                                              \
    }

DEFINE_TAKE_KL(double, pw_logarithm)
DEFINE_TAKE_KL(float, pw_logarithm_float)
