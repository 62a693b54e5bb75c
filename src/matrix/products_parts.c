/* The parts of the products: matrices A entry by entry, and operands row by row. */
#include "base/clones.h"
#include "matrix/products_kernels.h"

#include <float.h>
#include <string.h>

/* ---- which parts there are ---- */

static int64_t width_of(pw_operand operand, int64_t K)
{
    return operand == PW_OPERAND_PAIRS ? K * (K + 1) / 2 : K;
}

int pw_products_parts(const pw_products_request *request, pw_part part[PW_MOST_PARTS])
{
    const pw_operand operands[] = {
        PW_OPERAND_ROWS,
        request->terms == PW_TERMS_RATIO || request->terms == PW_TERMS_EXCEPT ? PW_OPERAND_ROWS
                                                                              : PW_OPERAND_NONE,
        request->curvature};
    int parts = 0;
    int64_t offset = 0;
    for (int i = 0; i < PW_MOST_PARTS; i++) {
        const int64_t width = width_of(operands[i], request->K);
        if (operands[i] == PW_OPERAND_NONE)
            continue;
        part[parts++] = (pw_part){.operand = operands[i], .width = width, .offset = offset};
        offset += width;
    }
    return parts;
}

int64_t pw_products_width(const pw_products_request *request)
{
    pw_part part[PW_MOST_PARTS];
    const pw_part *last = &part[pw_products_parts(request, part) - 1];
    return last->offset + last->width;
}

/* ---- entries of A ---- */

/* v / x² in units in which V is about 1, from a = v / x. Float has to hold sums of it times squares of factors:
 * it is cut off where x is next to nothing beside v. */
#define DEFINE_CURVE(real)                                                                         \
    PW_CLONES static void curve_##real(const pw_products *p, int64_t count,                        \
                                       const real *restrict x, const real *restrict a,             \
                                       real *restrict c)                                           \
    {                                                                                              \
        const real unit = (real)(p->scale * p->scale), least = (real)p->loss.least;                \
        const real most = (real)(p->single ? 1e20 : DBL_MAX);                                      \
        for (int64_t i = 0; i < count; i++) {                                                      \
            const real curvature = a[i] * (unit / (x[i] > least ? x[i] : least));                  \
            c[i] = curvature < most ? curvature : most;                                            \
        }                                                                                          \
    }

DEFINE_CURVE(float)
DEFINE_CURVE(double)

static bool has_curvature(const pw_products *p)
{
    return p->part[p->parts - 1].operand != PW_OPERAND_ROWS;
}

void pw_terms_derive(const pw_products *p, int64_t count, const double *v, const double *x,
                     double a[][PW_SEGMENT])
{
    switch (p->terms) {
    case PW_TERMS_V:
        memcpy(a[0], v, (size_t)count * sizeof *v);
        break;
    case PW_TERMS_IMPUTED:
        for (int64_t i = 0; i < count; i++)
            a[0][i] = v[i] == v[i] ? v[i] : x[i];
        break;
    case PW_TERMS_RESIDUAL:
        for (int64_t i = 0; i < count; i++)
            a[0][i] = v[i] == v[i] ? v[i] - x[i] : 0;
        break;
    case PW_TERMS_NUMERATOR:
        pw_loss_weigh(&p->loss, count, v, x, a[0], NULL);
        break;
    case PW_TERMS_RATIO:
        pw_loss_weigh(&p->loss, count, v, x, a[0], a[1]);
        break;
    case PW_TERMS_EXCEPT:
        pw_loss_weigh(&p->loss, count, v, x, a[0], NULL);
        for (int64_t i = 0; i < count; i++)
            a[1][i] = v[i] == v[i] ? 0 : -pw_loss_weight_of_zero(&p->loss, x[i]);
        break;
    }
    if (has_curvature(p))
        curve_double(p, count, x, a[0], a[p->parts - 1]);
}

#define DEFINE_NUMERATOR(real)                                                                     \
    PW_CLONES static void unscale_##real(real factor, int64_t count, const real *restrict x,       \
                                         real *restrict y)                                         \
    {                                                                                              \
        for (int64_t i = 0; i < count; i++)                                                        \
            y[i] = factor * x[i];                                                                  \
    }                                                                                              \
    static double numerator_##real(const pw_products *p, int64_t count, const real *v,             \
                                   void *const A[], int64_t first, bool measure)                   \
    {                                                                                              \
        real x[PW_SEGMENT], *a = (real *)A[0] + first;                                             \
        unscale_##real((real)(p->unit * p->unit), count, a, x);                                    \
        const double loss = pw_loss_take_kl_##real(&p->loss, count, v, x, a, measure);             \
        if (has_curvature(p))                                                                      \
            curve_##real(p, count, x, a, (real *)A[p->parts - 1] + first);                         \
        return loss;                                                                               \
    }

DEFINE_NUMERATOR(float)
DEFINE_NUMERATOR(double)

double pw_terms_numerator(const pw_products *p, int64_t count, const void *v, void *const A[],
                          int64_t first, bool measure)
{
    return p->single ? numerator_float(p, count, v, A, first, measure)
                     : numerator_double(p, count, v, A, first, measure);
}

void pw_terms_measure(const pw_products *p, const pw_tile *tile, int64_t row, int64_t first,
                      int64_t count, const double *v, const double *x, pw_products_share *share)
{
    double held_out[PW_SEGMENT];
    share->loss += pw_loss_sum(&p->loss, count, v, x);
    if (pw_matrix_has_absent_zeros(p->V))
        share->zeros += pw_loss_sum_of_zeros(&p->loss, count, x);
    if (p->V->holdout.share > 0) {
        pw_tile_read_held_out(tile, row, first, count, held_out);
        share->held_out += pw_loss_sum(&p->loss, count, held_out, x);
    }
}

/* ---- operands ---- */

/* `factor` brings products of factors to units in which V is about 1. */
#define DEFINE_OPERAND(real)                                                                       \
    PW_CLONES static void squares_##real(int64_t count, const uint32_t *which, const real *X,      \
                                         int K, real factor, real *restrict operand)               \
    {                                                                                              \
        for (int64_t i = 0; i < count; i++, operand += K) {                                        \
            const real *x = X + (which ? (int64_t)which[i] : i) * K;                               \
            for (int c = 0; c < K; c++)                                                            \
                operand[c] = factor * x[c] * x[c];                                                 \
        }                                                                                          \
    }                                                                                              \
    PW_CLONES static void pairs_##real(int64_t count, const uint32_t *which, const real *X, int K, \
                                       real factor, real *restrict operand)                        \
    {                                                                                              \
        for (int64_t i = 0; i < count; i++) {                                                      \
            const real *x = X + (which ? (int64_t)which[i] : i) * K;                               \
            for (int a = 0; a < K; operand += K - a, a++) {                                        \
                const real first = factor * x[a];                                                  \
                for (int b = 0; b < K - a; b++)                                                    \
                    operand[b] = first * x[a + b];                                                 \
            }                                                                                      \
        }                                                                                          \
    }

DEFINE_OPERAND(float)
DEFINE_OPERAND(double)

void pw_part_operands(const pw_products *p, bool single, const pw_part *part, int64_t count,
                      const uint32_t *which, const void *X, void *operand)
{
    const bool pairs = part->operand == PW_OPERAND_PAIRS;
    const double factor = 1 / (p->scale * p->scale);
    if (single)
        (pairs ? pairs_float : squares_float)(count, which, X, p->K, 1, operand);
    else
        (pairs ? pairs_double : squares_double)(count, which, X, p->K, factor, operand);
}
