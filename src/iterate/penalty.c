/* Penalties on the factors, by component, as the updates see them.
 *
 * A penalty on one factor X alone would drive X to zero and the other, Y, to infinity. So the columns of Y are
 * bounded, ‖y_c‖₂ ≤ 1, and at the optimum have length 1. Instead of bounding them the penalty is written so that
 * the scale of a component does not matter,
 *
 *     Σ_c  l1 ‖y_c‖₂ ‖x_c‖₁ + ½ l2 ‖y_c‖₂² ‖x_c‖₂²,
 *
 * and columns get length 1 at the end. For X these are l1 and l2 with weights ‖y_c‖ and ‖y_c‖². For Y the second
 * term is an l2 of weight l2 ‖x_c‖₂²; the first is at most one of weight l1 ‖x_c‖₁ / ‖y_c‖, with the lengths
 * before the update and equal there, so the objective never rises.
 *
 * Where one of x_c and y_c is given, so is the scale of the component, and there is nothing to bound. */
#include "iterate/state.h"

#include <math.h>
#include <string.h>

static double length_of(const pw_state *s, const pw_side *side, int c)
{
    return sqrt(side->gram[c * s->k + c]);
}

bool pw_is_given(const pw_state *s, int c)
{
    return c < s->distributed.fixed || c < s->replicated.fixed;
}

static bool is_bounded(const pw_state *s, const pw_side *side, int c)
{
    return side->bounded && !pw_is_given(s, c);
}

static void weigh(const pw_state *s, pw_side *side, const pw_side *other, int c)
{
    const double own = length_of(s, side, c), others = length_of(s, other, c);
    side->weight_l1[c] = side->l1 * (is_bounded(s, other, c) ? others : 1);
    side->weight_l2[c] = side->l2 * (is_bounded(s, other, c) ? others * others : 1);
    if (is_bounded(s, side, c) && own > 0)
        side->weight_l2[c] +=
            other->l1 * other->sums[c] / own + other->l2 * other->gram[c * s->k + c];
    side->typical[c] = own / sqrt((double)side->rows);
}

void pw_side_prepare(const pw_state *s, pw_side *side, const pw_side *other)
{
    memcpy(side->G, other->gram, (size_t)s->k * (size_t)s->k * sizeof *side->G);
    if (side->orthogonal)
        pw_orthogonal_prepare(s, side);
    if (s->approximates)
        pw_correlate_prepare(s, side, other);
    for (int c = 0; c < s->k; c++) {
        weigh(s, side, other, c);
        side->G[c * s->k + c] += side->weight_l2[c] + s->coupling;
    }
}

/* Of one factor, weighted by the lengths of the other's columns where those are bounded. */
static double penalty_on(const pw_state *s, const pw_side *side, const pw_side *other)
{
    double sum = 0;
    for (int c = 0; c < s->k; c++) {
        const double length = is_bounded(s, other, c) ? length_of(s, other, c) : 1;
        sum += side->l1 * length * side->sums[c] +
               0.5 * side->l2 * length * length * side->gram[c * s->k + c];
    }
    return sum;
}

double pw_penalty(const pw_state *s)
{
    return penalty_on(s, &s->distributed, &s->replicated) +
           penalty_on(s, &s->replicated, &s->distributed);
}

static bool has_penalty(const pw_side *side)
{
    return side->l1 > 0 || side->l2 > 0;
}

bool pw_is_penalised(const pw_state *s)
{
    return has_penalty(&s->distributed) || has_penalty(&s->replicated);
}

static void scale_column(double *X, int64_t rows, int k, int c, double scale)
{
    for (int64_t i = 0; i < rows; i++)
        X[i * k + c] *= scale;
}

void pw_bound(pw_state *s)
{
    pw_model *model = s->model;
    for (int c = 0; c < s->k; c++) {
        double length = 1;
        if (is_bounded(s, &s->distributed, c))
            length = 1 / length_of(s, &s->distributed, c);
        else if (is_bounded(s, &s->replicated, c))
            length = length_of(s, &s->replicated, c);
        if (!(length > 0) || !isfinite(length))
            continue;
        scale_column(model->distributed, s->V->count, s->k, c, length);
        scale_column(model->replicated, s->V->cols, s->k, c, 1 / length);
    }
}
