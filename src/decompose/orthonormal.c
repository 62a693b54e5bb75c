/* for each of two passes
 *     G = XᵀX over all ranks = L Lᵀ          # on rank 0, which also decides, so that all do the same
 *     if L tells of a bad condition: X, R₂ = Householder QR of X; R = R₂ R; done
 *     X = X L⁻ᵀ, R = Lᵀ R                    # after the first pass orthonormal up to ε cond², then up to ε */
#include "decompose/orthonormal.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "linalg/blas.h"
#include "linalg/gram.h"
#include "linalg/cholesky.h"
#include "plinalg/qr.h"

#include <math.h>
#include <string.h>

static const double WORST_CONDITION = 1e7; /* its square times ε is the first pass's error */
static const double WORST_SECOND = 1.1;    /* times k, the bound of the identity */
static const double LEAST_LENGTH = 1e-140; /* of a column: a shorter one's square loses digits */

typedef struct triangles {
    double *L;       /* k × k, and the verdict on it: one transfer */
    double *R;       /* of what X was at first */
    double *product; /* k × k of scratch */
} triangles;

static void set_identity(int k, double *A)
{
    memset(A, 0, (size_t)k * k * sizeof *A);
    for (int64_t i = 0; i < k; i++)
        A[i * k + i] = 1;
}

/* ‖S‖ ‖S⁻¹‖ (Frobenius) of the triangle S that has the rows of L, scaled to length 1: no smaller than the condition of X
 * with columns of length 1, at most k times as large. A factor of X that only scales its columns does no harm. */
static double condition_bound(int k, const double *L, double *inverse)
{
    double sum = 0;
    set_identity(k, inverse);
    pw_cholesky_solve_rows(k, k, L, inverse); /* L⁻ᵀ */
    for (int64_t i = 0; i < k; i++) {
        double length = 0, inverse_length = 0;
        for (int64_t j = 0; j < k; j++) {
            length = hypot(length, j <= i ? L[i * k + j] : 0);
            inverse_length = hypot(inverse_length, inverse[i * k + j]);
        }
        if (length < LEAST_LENGTH)
            return INFINITY;
        sum += length * inverse_length * (length * inverse_length);
    }
    return sqrt(k * sum);
}

/* The Cholesky factor of XᵀX; false where X is too badly conditioned for it. */
static bool factor(pw_team *team, int64_t count, int k, const double *X, double worst, triangles *t)
{
    double *verdict = t->L + (int64_t)k * k;
    memset(t->L, 0, (size_t)k * k * sizeof *t->L);
    pw_gram_add(count, k, X, k, t->L);
    pw_reduce_sum(team, t->L, (int64_t)k * k);
    if (team->rank == 0) {
        *verdict = pw_cholesky(k, t->L) && condition_bound(k, t->L, t->product) <= worst;
        for (int64_t i = 0; i < k; i++)
            for (int64_t j = i + 1; j < k; j++)
                t->L[i * k + j] = 0;
    }
    pw_broadcast(team, t->L, ((int64_t)k * k + 1) * (int64_t)sizeof *t->L, 0);
    return *verdict != 0;
}

/* R = T R or Tᵀ R. */
static void multiply(int k, bool transpose, const double *T, triangles *t)
{
    pw_gemm_double(transpose, false, k, k, k, T, k, t->R, k, 0, t->product, k);
    memcpy(t->R, t->product, (size_t)k * k * sizeof *t->R);
}

static pw_code orthonormalise(pw_team *team, int64_t count, int k, double *X, triangles *t)
{
    const double worst[] = {WORST_CONDITION, WORST_SECOND * k};
    set_identity(k, t->R);
    for (int pass = 0; pass < 2; pass++) {
        if (!factor(team, count, k, X, worst[pass], t)) {
            pw_code code = pw_qr_rows(team, count, k, X, t->L);
            if (code == PW_OK)
                multiply(k, false, t->L, t);
            return code;
        }
        pw_cholesky_solve_rows(count, k, t->L, X);
        multiply(k, true, t->L, t);
    }
    return PW_OK;
}

pw_code pw_orthonormalise(pw_team *team, int64_t count, int k, double *X, double *R)
{
    triangles t = {.L = NULL};
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(t.L, (int64_t)k * k + 1));
    PW_TRY(PW_NEW(t.R, (int64_t)k * k));
    PW_TRY(PW_NEW(t.product, (int64_t)k * k));
done:
    code = pw_agree(team, code);
    if (code == PW_OK)
        code = orthonormalise(team, count, k, X, &t);
    if (code == PW_OK && R)
        memcpy(R, t.R, (size_t)k * k * sizeof *R);
    free(t.L);
    free(t.R);
    free(t.product);
    return code;
}
