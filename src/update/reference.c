/* Naive twins of the updates: the formulas, one row and one component at a time. */
#include "update/update.h"

#include <math.h>

static double gradient(const pw_problem *p, int64_t row, int c, double *curvature)
{
    const double x = p->X[row * p->ldx + c];
    if (!p->G)
        return pw_ratio_gradient(p, row, c, x, curvature);
    double sum = p->l1[c] - p->R[row * p->ldr + c];
    for (int j = 0; j < p->k; j++)
        sum += p->X[row * p->ldx + j] * p->G[j * p->k + c];
    *curvature = p->G[c * p->k + c];
    return sum;
}

/* One pass of HALS over a row; returns its squared move. */
static double hals_pass(const pw_problem *p, int64_t row, double *residual)
{
    double moved = 0;
    for (int c = p->fixed; c < p->k; c++) {
        double *x = &p->X[row * p->ldx + c], d;
        const double g = gradient(p, row, c, &d), old = *x, wanted = old - g / d;
        if (d <= 0)
            continue;
        *x = wanted > 0 ? wanted : 0;
        moved += (*x - old) * (*x - old);
        if (residual)
            residual[c] += pw_projected(old, g, d) * pw_projected(old, g, d);
    }
    return moved;
}

void pw_hals_update_ref(const pw_problem *p)
{
    for (int64_t row = 0; row < p->rows; row++) {
        const double first_move = hals_pass(p, row, p->residual);
        double moved = first_move;
        for (int repeat = 1; repeat < p->inner && moved > 0.01 * first_move; repeat++)
            moved = hals_pass(p, row, 0);
    }
}

void pw_problem_residual_ref(const pw_problem *p)
{
    for (int64_t row = 0; row < p->rows; row++)
        for (int c = p->fixed; c < p->k; c++) {
            double curvature;
            const double g = gradient(p, row, c, &curvature);
            const double projected = pw_projected(p->X[row * p->ldx + c], g, curvature);
            p->residual[c] += projected * projected;
        }
}

void pw_mu_update_ref(const pw_problem *p)
{
    pw_problem_residual_ref(p);
    for (int64_t row = 0; row < p->rows; row++) {
        double *updated = p->work;
        for (int c = p->fixed; c < p->k; c++) {
            const double x = p->X[row * p->ldx + c];
            const double r = p->G ? p->R[row * p->ldr + c] : p->N[row * p->ldn + c];
            double curvature;
            const double denominator = gradient(p, row, c, &curvature) + r;
            const double keep = p->G ? p->damping : 0;
            updated[c] =
                denominator > 0 ? x * (keep + (1 - keep) * pow(r / denominator, p->exponent)) : x;
        }
        for (int c = p->fixed; c < p->k; c++)
            p->X[row * p->ldx + c] = updated[c];
    }
}
