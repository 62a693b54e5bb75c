/* Sparse V: a row of R gathers rows of Hᵀ, a row of W is scattered to rows of P. */
#include "base/clones.h"
#include "matrix/products_kernels.h"

#include <string.h>

enum { SEGMENT = 256 }; /* nonzeros widened at a time */

/* sum (K) += Σ_i value[i] · H[column[i]]; four rows of H at a time spare loads and stores of the sum. */
#define DEFINE_GATHER(real)                                                                        \
    PW_CLONES static void gather_##real(int64_t count, const uint32_t *column, const real *value,  \
                                        const real *H, int K, real *restrict sum)                  \
    {                                                                                              \
        int64_t i = 0;                                                                             \
        for (; i + 4 <= count; i += 4) {                                                           \
            const real *h0 = H + (int64_t)column[i] * K, *h1 = H + (int64_t)column[i + 1] * K;     \
            const real *h2 = H + (int64_t)column[i + 2] * K, *h3 = H + (int64_t)column[i + 3] * K; \
            const real v0 = value[i], v1 = value[i + 1], v2 = value[i + 2], v3 = value[i + 3];     \
            for (int c = 0; c < K; c++)                                                            \
                sum[c] += v0 * h0[c] + v1 * h1[c] + v2 * h2[c] + v3 * h3[c];                       \
        }                                                                                          \
        for (; i < count; i++) {                                                                   \
            const real *h = H + (int64_t)column[i] * K;                                            \
            for (int c = 0; c < K; c++)                                                            \
                sum[c] += value[i] * h[c];                                                         \
        }                                                                                          \
    }

DEFINE_GATHER(float)
DEFINE_GATHER(double)

PW_CLONES static void scatter(int64_t count, const uint32_t *column, const double *value,
                              const double *restrict w, int K, double *restrict P)
{
    for (int64_t i = 0; i < count; i++) {
        double *restrict p = P + (int64_t)column[i] * K;
        for (int c = 0; c < K; c++)
            p[c] += value[i] * w[c];
    }
}

/* One row of R in double, or in float sums of at most PW_MOST_TERMS terms. */
static void row_times_h(pw_products *p, const pw_tile *tile, int64_t row, float *sum, double *R)
{
    const int K = p->K;
    const int64_t end = tile->row_pointer[row + 1];
    int64_t terms = 0;
    for (int64_t i = tile->row_pointer[row]; i < end; i += SEGMENT) {
        const int64_t count = end - i < SEGMENT ? end - i : SEGMENT;
        if (!p->single) {
            double value[SEGMENT];
            pw_widen_to_double(tile->type, tile->values, i, count, value);
            gather_double(count, tile->column + i, value, p->H, K, R);
            continue;
        }
        float value[SEGMENT];
        pw_widen_to_float(tile->type, tile->values, i, count, value);
        gather_float(count, tile->column + i, value, p->H_single, K, sum);
        terms += count;
        if (terms + SEGMENT > PW_MOST_TERMS || i + count == end) {
            for (int c = 0; c < K; c++) {
                R[c] += p->scale * (double)sum[c];
                sum[c] = 0;
            }
            terms = 0;
        }
    }
}

void pw_sparse_times_h(pw_products *p, const pw_tile *tile, int thread, int64_t from, int64_t to,
                       double *R)
{
    float *sum = p->share[thread].R_block;
    memset(R + from * p->K, 0, (size_t)((to - from) * p->K) * sizeof *R);
    for (int64_t row = from; row < to; row++)
        row_times_h(p, tile, row, sum, R + row * p->K);
}

/* The first of the ascending columns[from … to - 1] that is not below `column`. */
static int64_t first_not_below(const uint32_t *columns, int64_t from, int64_t to, int64_t column)
{
    while (from < to) {
        const int64_t middle = from + (to - from) / 2;
        if (columns[middle] < column)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* P is always summed in double here: popular columns have far more terms than a float sum can bear. */
void pw_sparse_times_w(pw_products *p, const pw_tile *tile, int thread, const double *W)
{
    const pw_products_share *share = &p->share[thread];
    double value[SEGMENT];
    for (int64_t row = 0; row < tile->rows; row++) {
        int64_t i = tile->row_pointer[row], end = tile->row_pointer[row + 1];
        if (p->threads > 1) {
            i = first_not_below(tile->column, i, end, share->column_from);
            end = first_not_below(tile->column, i, end, share->column_to);
        }
        for (; i < end; i += SEGMENT) {
            const int64_t count = end - i < SEGMENT ? end - i : SEGMENT;
            pw_widen_to_double(tile->type, tile->values, i, count, value);
            scatter(count, tile->column + i, value, W + row * p->K, p->K, p->P);
        }
    }
}
