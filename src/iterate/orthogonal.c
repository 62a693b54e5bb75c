/* Orthogonal components of one factor, X (rows × k), so that each row keeps one of them: a hard clustering.
 *
 * By a penalty on the cosines of its columns,
 *
 *     ½ α Σ_{c≠d} ‖y_c‖ ‖y_d‖ <x_c, x_d>,
 *
 * with Y the other factor: the scale of a component does not matter. In the update of X it is an addition to the Gram
 * matrix, G_cd + α √(G_cc G_dd) for c ≠ d. At α > 1 a row with two components gains by giving up one. α begins small
 * after some iterations without, and grows until no two components meet; the objective is stated without it.
 *
 * By a rule, for --method orthogonal-mu (Ding, Li, Peng & Park 2006): x ← x √(r / (x Xᵀ R)), which takes
 * Xᵀ R for the Gram matrix. */
#include "dist/collective.h"
#include "iterate/state.h"
#include "linalg/gram.h"

#include <math.h>
#include <string.h>

enum { FREE_ITERATIONS = 10 };
static const double FIRST = 0.01, GROW = 1.1, MOST = 2;

/* Mean cosine of two different columns; dead ones have none. */
static double mean_cosine(const pw_state *s, const pw_side *side)
{
    double sum = 0;
    for (int c = 0; c < s->k; c++)
        for (int d = 0; d < s->k; d++) {
            const double square = side->gram[c * s->k + c] * side->gram[d * s->k + d];
            if (c != d && square > 0)
                sum += side->gram[c * s->k + d] / sqrt(square);
        }
    return s->k > 1 ? sum / ((double)s->k * (s->k - 1)) : 0;
}

static const pw_side *orthogonal_side(const pw_state *s)
{
    return s->distributed.orthogonal  ? &s->distributed
           : s->replicated.orthogonal ? &s->replicated
                                      : NULL;
}

bool pw_orthogonal_grows(const pw_state *s)
{
    const pw_side *side = orthogonal_side(s);
    return side && !s->rule && s->model->alpha < MOST && mean_cosine(s, side) > 0;
}

void pw_orthogonal_adapt(pw_state *s)
{
    pw_model *model = s->model;
    if (pw_orthogonal_grows(s) && model->iteration >= FREE_ITERATIONS)
        model->alpha = model->alpha > 0 ? fmin(MOST, GROW * model->alpha) : FIRST;
}

/* XᵀR, from P and the replicated factor: both are sums of the same products. */
static void take_rule(const pw_state *s, pw_side *side)
{
    const bool replicated = side == &s->replicated;
    const pw_batch *batch = s->batch;
    const double *H = s->model->replicated + batch->from * s->k, *P = s->P + batch->from * s->k;
    memset(side->G, 0, (size_t)s->k * (size_t)s->k * sizeof *side->G);
    pw_cross_add(batch->to - batch->from, s->k, replicated ? P : H, replicated ? H : P, side->G);
    if (batch->sharded)
        pw_reduce_sum(s->team, side->G, (int64_t)s->k * s->k);
}

void pw_orthogonal_prepare(const pw_state *s, pw_side *side)
{
    const int k = s->k;
    if (s->rule)
        take_rule(s, side);
    for (int c = 0; c < k && !s->rule; c++)
        for (int d = 0; d < c; d++) {
            const double add = s->model->alpha * sqrt(side->G[c * k + c] * side->G[d * k + d]);
            side->G[c * k + d] += add;
            side->G[d * k + c] += add;
        }
}

void pw_report_orthogonal(pw_state *s)
{
    const pw_side *side = orthogonal_side(s);
    if (side)
        pw_log_say(&s->team->log, "mean_cosine_of_components = %.3g", mean_cosine(s, side));
}
