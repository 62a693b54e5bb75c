#include "base/memory.h"
#include "decompose/svd_work.h"
#include "dist/collective.h"

#include <math.h>

/* square[c] += ‖y − σ_c x‖² for the columns y of Y and x of X from `first` on */
static void add_squares(const pw_svd_work *w, int64_t rows, const double *Y, const double *X,
                        int first, double *square)
{
    const int k = w->request->k;
    for (int64_t i = 0; i < rows; i++)
        for (int c = first; c < k && c < first + w->block; c++) {
            const double x = Y[i * w->block + c - first] - w->svd->S[c] * X[i * k + c];
            square[c] += x * x;
        }
}

/* ‖(A v − σ u, Aᵀ u − σ v)‖ / σ_1 */
pw_code pw_svd_measure(pw_svd_work *w)
{
    const int k = w->request->k;
    const int64_t count = w->V->count, cols = w->V->cols;
    pw_svd *svd = w->svd;
    double *X = NULL, *square = NULL;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(X, cols * w->block));
    PW_TRY(PW_NEW(square, k));
done:
    code = pw_agree(w->team, code);
    for (int first = 0; code == PW_OK && first < k; first += w->block) {
        pw_block_take(cols, k, svd->Vt, first, w->block, X);
        pw_operator_apply(&w->op, X, w->Y, NULL);
        add_squares(w, count, w->Y, svd->U, first, svd->residual);
        pw_block_take(count, k, svd->U, first, w->block, w->Y);
        pw_operator_apply_transposed(&w->op, w->Y, X);
        add_squares(w, cols, X, svd->Vt, first, square);
    }
    if (code == PW_OK)
        pw_reduce_sum(w->team, svd->residual, k);
    svd->good = true;
    for (int c = 0; code == PW_OK && c < k; c++) {
        svd->residual[c] = svd->S[0] > 0 ? sqrt(svd->residual[c] + square[c]) / svd->S[0] : 0;
        svd->good = svd->good && svd->residual[c] <= w->request->tolerance;
    }
    free(X);
    free(square);
    return code;
}

/* Entries this near to the largest are as large: which one is, rounding would decide. */
static const double NEARLY = 1 - 1e-8;

/* For each triplet the sign of the first of the largest entries of the user's right vector, of this rank's rows of X from `first` on.
 * Collective over team. */
static void find_signs(pw_team *team, int64_t rows, int64_t first, int k, const double *X,
                       double *largest, int64_t *where, double *sign)
{
    for (int64_t i = 0; i < rows; i++)
        for (int c = 0; c < k; c++)
            largest[c] = fmax(largest[c], fabs(X[i * k + c]));
    pw_reduce_max(team, largest, k);
    for (int c = 0; c < k; c++)
        where[c] = -INT64_MAX;
    for (int64_t i = rows - 1; i >= 0; i--)
        for (int c = 0; c < k; c++)
            if (fabs(X[i * k + c]) >= NEARLY * largest[c])
                where[c] = -(first + i);
    pw_reduce_max_int(team, where, k);
    for (int c = 0; c < k; c++) {
        const int64_t i = -where[c] - first;
        sign[c] = i >= 0 && i < rows && X[i * k + c] < 0 ? 1 : 0;
    }
    pw_reduce_max(team, sign, k);
}

static void turn_columns(int64_t rows, int k, const double *sign, double *X)
{
    for (int64_t i = 0; i < rows; i++)
        for (int c = 0; c < k; c++)
            X[i * k + c] = sign[c] > 0 ? -X[i * k + c] : X[i * k + c];
}

pw_code pw_svd_turn(pw_svd_work *w)
{
    const int k = w->request->k;
    const bool transposed = w->V->transposed;
    pw_svd *svd = w->svd;
    double *largest = NULL, *sign = NULL;
    int64_t *where = NULL;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(largest, k));
    PW_TRY(PW_NEW(sign, k));
    PW_TRY(PW_NEW(where, k));
done:
    code = pw_agree(w->team, code);
    if (code == PW_OK) {
        find_signs(w->team, transposed ? w->V->count : w->V->cols, transposed ? w->V->first : 0, k,
                   transposed ? svd->U : svd->Vt, largest, where, sign);
        turn_columns(w->V->count, k, sign, svd->U);
        turn_columns(w->V->cols, k, sign, svd->Vt);
    }
    free(largest);
    free(sign);
    free(where);
    return code;
}
