/* What products with the stored entries of sparse V lack: in the sums of an update all entries count, or none.
 *
 *     residual      R = (V − WH) Yᵀ over the observed entries + X (Y Yᵀ): as if the missing ones were those of WH
 *     denominators  of a ratio: those of all entries being observed zeros, less the missing entries' part
 *
 * X is the factor that the sums are for, Y the other one. */
#include "iterate/state.h"
#include "linalg/blas.h"

#include <math.h>

/* R += X G in pieces: BLAS counts in int. */
static void add_product(const pw_state *s, const pw_side *other, int64_t rows, const double *X,
                        double *R)
{
    enum { PIECE = 1 << 15 };
    const int64_t k = s->k;
    for (int64_t i = 0; i < rows; i += PIECE)
        pw_gemm_double(false, false, rows - i < PIECE ? rows - i : PIECE, k, k, X + i * k, k,
                       other->gram, k, 1, R + i * k, k);
}

/* D of one component: the sum over all entries less that over the missing ones. What is left by rounding where all
 * are missing counts as nothing. */
static double denominator(const pw_state *s, double all, double less)
{
    const double rounding = s->single ? 1e-5 : 1e-12;
    return all + less > rounding * all ? all + less : 0;
}

static void complete_denominators(const pw_state *s, const pw_side *other, int64_t rows,
                                  const double *X, double *D)
{
    const int k = s->k;
    for (int64_t i = 0; i < rows; i++)
        for (int c = 0; c < k; c++) {
            double all = s->loss.beta == 1 ? other->sums[c] : 0;
            for (int j = 0; j < k && s->loss.beta == 2; j++)
                all += X[i * k + j] * other->gram[j * k + c];
            D[i * k + c] = denominator(s, all, D[i * k + c]);
        }
}

void pw_complete(const pw_state *s, const pw_side *other, int64_t from, int64_t to, const double *X,
                 double *sums, int64_t room)
{
    const double *rows = X + from * s->k;
    if (s->products.terms == PW_TERMS_RESIDUAL)
        add_product(s, other, to - from, rows, pw_part_sums(s, 0, from, sums, room));
    else if (s->products.terms == PW_TERMS_EXCEPT)
        complete_denominators(s, other, to - from, rows, pw_part_sums(s, 1, from, sums, room));
}
