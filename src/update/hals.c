/* Hierarchical alternating least squares (Cichocki & Phan 2009): one component after the other,
 *
 *     x_c ← max(0, x_c − (x G − r + l1)_c / G_cc),    c = 1 … k,
 *
 * each exact given the others, so the objective never rises. The pass is repeated up to `inner` times
 * while it pays (Gillis & Glineur 2012): a row rests once a pass moves it by less than a tenth of its first
 * move. That is decided row by row, so it does not depend on how rows are dealt to tiles or ranks.
 *
 * Flops: 2 k² a row and pass. Words moved: 3 k a row.
 */
#include "base/fetch.h"
#include "update/lanes.h"
#include "update/update.h"

#include <stddef.h>

static const double REST = 0.1 * 0.1; /* squared share of the first move below which a row rests */

/* Moves component c of a panel, given (x G)_c; rows move by awake (0 or 1) of their step. */
PW_INLINE void move(const pw_problem *p, int c, const pw_lanes *product, const pw_lanes *awake,
                    pw_lanes *X, const pw_lanes *R, pw_lanes *moved, double *residual,
                    pw_lanes *step)
{
    const double curvature = p->G[c * p->k + c], inverse = 1 / curvature, l1 = p->l1[c];
    pw_vector sum = {0};
    *step = (pw_lanes){0};
    if (!(curvature > 0))
        return; /* the other factor has lost this component: nothing to learn about it */
    for (int v = 0; v < PW_VECTORS; v++) {
        const pw_vector old = X[c].v[v], zero = {0};
        const pw_vector wanted = old - (product->v[v] - R[c].v[v] + l1) * inverse;
        const pw_vector kept = (pw_vector)((pw_vector_mask)wanted & (wanted > zero));
        step->v[v] = awake->v[v] * (kept - old);
        X[c].v[v] = old + step->v[v];
        sum += step->v[v] * step->v[v];
        moved->v[v] += step->v[v] * step->v[v];
    }
    for (int l = 0; residual && l < PW_VECTOR_LENGTH; l++)
        residual[c] += curvature * curvature * sum[l];
}

/* One pass over the components of a panel, two at a time: the second one learns of the first one's step.
 * moved becomes the squared lengths of the moves; residual may be NULL. Of the rows of the panel after it, which `next` points
 * to unless it is NULL, each component fetches as much as it has lanes. */
PW_INLINE void pass(const pw_problem *p, pw_lanes *X, const pw_lanes *R, const pw_lanes *awake,
                    pw_lanes *moved, double *residual, const double *next)
{
    const int k = p->k;
    pw_lanes product[2], step;
    int c = p->fixed;
    *moved = (pw_lanes){0};
    for (; c + 1 < k; c += 2) {
        pw_lanes_times_gram(2, k, p->G + c * k, X, product);
        if (next)
            pw_fetch(next + c * PW_LANES, 2 * PW_LANES * (int)sizeof *next);
        move(p, c, &product[0], awake, X, R, moved, residual, &step);
        for (int v = 0; v < PW_VECTORS; v++)
            product[1].v[v] += p->G[c * k + c + 1] * step.v[v];
        move(p, c + 1, &product[1], awake, X, R, moved, residual, &step);
    }
    if (c < k) {
        pw_lanes_times_gram(1, k, p->G + c * k, X, product);
        move(p, c, product, awake, X, R, moved, residual, &step);
    }
}

/* Puts rows to rest that hardly moved; false when all rest. */
PW_INLINE bool any_awake(pw_lanes *awake, const pw_lanes *moved, const pw_lanes *first_move)
{
    pw_vector any = {0};
    for (int v = 0; v < PW_VECTORS; v++) {
        awake->v[v] =
            (pw_vector)((pw_vector_mask)awake->v[v] & (moved->v[v] > REST * first_move->v[v]));
        any += awake->v[v];
    }
    double count = 0;
    for (int l = 0; l < PW_VECTOR_LENGTH; l++)
        count += any[l];
    return count > 0;
}

PW_CLONES static void update_panel(const pw_problem *p, int64_t first, int64_t rows)
{
    pw_lanes *X = pw_lanes_panel(p->work, p->k, 0), *R = pw_lanes_panel(p->work, p->k, 1);
    pw_lanes awake, moved, first_move;
    const double *next = p->X + (first + PW_LANES) * p->ldx;
    pw_lanes_load(rows, p->k, p->X + first * p->ldx, p->ldx, X);
    pw_lanes_load(rows, p->k, p->R + first * p->ldr, p->ldr, R);
    for (int l = 0; l < PW_LANES; l++)
        *pw_lane(&awake, l) = l < rows;
    pass(p, X, R, &awake, &first_move, p->residual, next);
    moved = first_move;
    for (int repeat = 1; repeat < p->inner && any_awake(&awake, &moved, &first_move); repeat++)
        pass(p, X, R, &awake, &moved, NULL, NULL);
    pw_lanes_store(rows, p->k, X, p->X + first * p->ldx, p->ldx);
}

int64_t PW_OF_WIDTH(pw_hals_work)(int k)
{
    return pw_lanes_work(k, 2);
}

void PW_OF_WIDTH(pw_hals_update)(const pw_problem *p)
{
    for (int64_t i = 0; i < p->rows; i += PW_LANES)
        update_panel(p, i, p->rows - i < PW_LANES ? p->rows - i : PW_LANES);
}
