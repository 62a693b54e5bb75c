/* How far rows of a factor are from the KKT conditions of their problem. */
#include "update/lanes.h"
#include "update/update.h"

PW_CLONES static void add_panel(const pw_problem *p, int64_t first, int64_t rows)
{
    pw_lanes *X = pw_lanes_panel(p->work, p->k, 0);
    const double *R = p->R + first * p->ldr;
    pw_lanes_load(rows, p->k, p->X + first * p->ldx, p->ldx, X);
    for (int c = p->fixed; c < p->k; c++) {
        pw_lanes product;
        pw_lanes_times_gram(p->k, p->G + c * p->k, X, &product);
        for (int64_t l = 0; l < rows; l++) {
            const double gradient = *pw_lane(&product, l) - R[l * p->ldr + c] + p->l1[c];
            const double g = pw_projected(*pw_lane(&X[c], l), gradient, p->G[c * p->k + c]);
            p->residual[c] += g * g;
        }
    }
}

static void add_ratio(const pw_problem *p)
{
    for (int64_t i = 0; i < p->rows; i++)
        for (int c = p->fixed; c < p->k; c++) {
            const double x = p->X[i * p->ldx + c];
            double curvature;
            const double gradient = pw_ratio_gradient(p, i, c, x, &curvature);
            const double g = pw_projected(x, gradient, curvature);
            p->residual[c] += g * g;
        }
}

int64_t pw_problem_residual_work(int k)
{
    return pw_lanes_work(k, 1);
}

void pw_problem_residual(const pw_problem *p)
{
    for (int64_t i = 0; p->G && i < p->rows; i += PW_LANES)
        add_panel(p, i, p->rows - i < PW_LANES ? p->rows - i : PW_LANES);
    if (!p->G)
        add_ratio(p);
}
