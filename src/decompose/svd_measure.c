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
        pw_svd_take(cols, k, svd->Vt, first, w->block, X);
        pw_operator_apply(&w->op, X, w->Y, NULL);
        add_squares(w, count, w->Y, svd->U, first, svd->residual);
        pw_svd_take(count, k, svd->U, first, w->block, w->Y);
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

/* Turns triplets so that the largest entry of the user's right vector is positive. Collective over team. */
pw_code pw_svd_turn(pw_svd_work *w)
{
    const int k = w->request->k;
    pw_svd *svd = w->svd;
    const double *X = w->V->transposed ? svd->U : svd->Vt;
    const int64_t rows = w->V->transposed ? w->V->count : w->V->cols;
    double *largest; /* of x, then of −x */
    const pw_code code = pw_agree(w->team, PW_NEW(largest, 2 * (int64_t)k));
    for (int64_t i = 0; code == PW_OK && i < rows; i++)
        for (int c = 0; c < k; c++) {
            largest[c] = fmax(largest[c], X[i * k + c]);
            largest[k + c] = fmax(largest[k + c], -X[i * k + c]);
        }
    if (code == PW_OK)
        pw_reduce_max(w->team, largest, 2 * (int64_t)k);
    for (int c = 0; code == PW_OK && c < k; c++) {
        for (int64_t i = 0; largest[k + c] > largest[c] && i < w->V->count; i++)
            svd->U[i * k + c] = -svd->U[i * k + c];
        for (int64_t j = 0; largest[k + c] > largest[c] && j < w->V->cols; j++)
            svd->Vt[j * k + c] = -svd->Vt[j * k + c];
    }
    free(largest);
    return code;
}
