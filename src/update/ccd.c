/* Coordinate descent, one component of a factor at a time (CCD++: Yu, Hsieh, Si & Dhillon 2012; with x ≥ 0: Hsieh &
 * Dhillon 2011). Given N = Σ (r + x y) y and D = Σ y² + l2 over the observed entries of a row, r being what the model
 * leaves of V,
 *
 *     x ← max(0, (N − l1) / D)
 *
 * is exact given everything else, so the objective never rises. A row that nothing is known of becomes 0. Biases have
 * y = 1 and any sign.
 *
 * Flops: 3 an entry of X. Words moved: 4.
 */
#include "base/clones.h"
#include "update/update.h"

PW_CLONES void pw_ccd_update(const pw_problem *p)
{
    for (int64_t i = 0; i < p->rows; i++)
        for (int c = p->fixed; c < p->k; c++) {
            double *x = &p->X[i * p->ldx + c];
            const double n = p->N[i * p->ldn + c] - p->l1[c], d = p->D[i * p->ldd + c];
            const double gradient = d * *x - n, best = d > 0 ? n / d : 0;
            const double g = p->any_sign ? gradient : pw_projected(*x, gradient, d);
            p->residual[c] += g * g;
            *x = best > 0 || p->any_sign ? best : 0;
        }
}

int64_t pw_ccd_work(int k)
{
    (void)k;
    return 0;
}
