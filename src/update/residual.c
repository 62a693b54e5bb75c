/* How far rows of a factor are from the KKT conditions of their quadratic problem. */
#include "update/lanes.h"
#include "update/update.h"

PW_CLONES static void add_panel(const pw_quadratic *q, int64_t first, int64_t rows)
{
    pw_lanes *X = pw_lanes_panel(q->work, q->k, 0);
    const double *R = q->R + first * q->ldr;
    pw_lanes_load(rows, q->k, q->X + first * q->ldx, q->ldx, X);
    for (int c = 0; c < q->k; c++) {
        pw_lanes product;
        pw_lanes_times_gram(q->k, q->G + c * q->k, X, &product);
        for (int64_t l = 0; l < rows; l++) {
            const double g = pw_projected(
                *pw_lane(&X[c], l), *pw_lane(&product, l) - R[l * q->ldr + c], q->G[c * q->k + c]);
            q->residual[c] += g * g;
        }
    }
}

void pw_quadratic_residual(const pw_quadratic *q)
{
    for (int64_t i = 0; i < q->rows; i += PW_LANES)
        add_panel(q, i, q->rows - i < PW_LANES ? q->rows - i : PW_LANES);
}
