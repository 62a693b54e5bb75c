/* Naive twins of the updates: the formulas, one row and one component at a time. */
#include "update/update.h"

static double gradient(const pw_quadratic *q, int64_t row, int c)
{
    double sum = -q->R[row * q->ldr + c];
    for (int j = 0; j < q->k; j++)
        sum += q->X[row * q->ldx + j] * q->G[j * q->k + c];
    return sum;
}

/* One pass of HALS over a row; returns its squared move. */
static double hals_pass(const pw_quadratic *q, int64_t row, double *residual)
{
    double moved = 0;
    for (int c = 0; c < q->k; c++) {
        double *x = &q->X[row * q->ldx + c];
        const double d = q->G[c * q->k + c], old = *x;
        if (d <= 0)
            continue;
        const double g = gradient(q, row, c), wanted = old - g / d;
        *x = wanted > 0 ? wanted : 0;
        moved += (*x - old) * (*x - old);
        if (residual)
            residual[c] += pw_projected(old, g, d) * pw_projected(old, g, d);
    }
    return moved;
}

void pw_hals_update_ref(const pw_quadratic *q)
{
    for (int64_t row = 0; row < q->rows; row++) {
        const double first_move = hals_pass(q, row, q->residual);
        double moved = first_move;
        for (int repeat = 1; repeat < q->inner && moved > 0.01 * first_move; repeat++)
            moved = hals_pass(q, row, 0);
    }
}

void pw_quadratic_residual_ref(const pw_quadratic *q)
{
    for (int64_t row = 0; row < q->rows; row++)
        for (int c = 0; c < q->k; c++) {
            const double g =
                pw_projected(q->X[row * q->ldx + c], gradient(q, row, c), q->G[c * q->k + c]);
            q->residual[c] += g * g;
        }
}

void pw_mu_update_ref(const pw_quadratic *q)
{
    pw_quadratic_residual_ref(q);
    for (int64_t row = 0; row < q->rows; row++) {
        double *updated = q->work;
        for (int c = 0; c < q->k; c++) {
            const double x = q->X[row * q->ldx + c], r = q->R[row * q->ldr + c];
            const double denominator = gradient(q, row, c) + r;
            updated[c] = denominator > 0 ? x * r / denominator : x;
        }
        for (int c = 0; c < q->k; c++)
            q->X[row * q->ldx + c] = updated[c];
    }
}
