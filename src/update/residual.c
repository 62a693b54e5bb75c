/* How far rows of a factor are from the KKT conditions of their problem. */
#include "update/lanes.h"
#include "update/update.h"

PW_CLONES static void add_panel(const pw_problem *p, int64_t first, int64_t rows)
{
    pw_lanes *X = pw_lanes_panel(p->work, p->k, 0), *R = pw_lanes_panel(p->work, p->k, 1);
    pw_lanes_load(rows, p->k, p->X + first * p->ldx, p->ldx, X);
    pw_lanes_load(rows, p->k, p->R + first * p->ldr, p->ldr, R);
    for (int c = p->fixed; c < p->k; c++) {
        pw_lanes gradient;
        pw_lanes_times_gram(1, p->k, p->G + c * p->k, X, &gradient);
        for (int v = 0; v < PW_VECTORS; v++)
            gradient.v[v] += p->l1[c] - R[c].v[v];
        p->residual[c] += pw_lanes_residual(&X[c], &gradient, p->G[c * p->k + c]);
    }
}

int64_t PW_OF_WIDTH(pw_problem_residual_work)(int k)
{
    return pw_lanes_work(k, 2);
}

void PW_OF_WIDTH(pw_problem_residual)(const pw_problem *p)
{
    for (int64_t i = 0; p->G && i < p->rows; i += PW_LANES)
        add_panel(p, i, p->rows - i < PW_LANES ? p->rows - i : PW_LANES);
    for (int64_t i = 0; !p->G && i < p->rows; i++)
        pw_ratio_add_residual(p, i);
}
