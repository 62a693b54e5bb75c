/* Objective, relative error and projected gradient of an iteration, the same on all ranks. */
#include "dist/collective.h"
#include "iterate/state.h"

#include <math.h>

static void find_dead(pw_state *s)
{
    for (int c = 0; c < s->k; c++) {
        const int diagonal = c * s->k + c;
        s->dead[c] = !(s->S[diagonal] > 0 && s->replicated.gram[diagonal] > 0);
    }
}

void pw_agree_on_figures(pw_state *s)
{
    pw_model *model = s->model;
    const double start = pw_seconds();
    find_dead(s);
    s->agreed[0] = model->objective;
    s->agreed[1] = model->relative_error;
    s->agreed[2] = model->projected_gradient;
    s->agreed[3] = model->holdout_error;
    pw_broadcast(s->team, s->agreed, (PW_FIGURES + (int64_t)s->k) * (int64_t)sizeof *s->agreed, 0);
    model->objective = s->agreed[0];
    model->relative_error = s->agreed[1];
    model->projected_gradient = s->agreed[2];
    model->holdout_error = s->agreed[3];
    pw_timer_add(&s->team->timer, PW_PHASE_REDUCE, start, 0, 0);
}

static double relative_error(const pw_state *s, double loss)
{
    const double share = s->reference > 0 ? loss / s->reference : 0;
    return s->loss.beta == 2 ? sqrt(share) : share;
}

/* Root mean square, or mean of the deviance 2 d(v | x). */
static double holdout_error(const pw_state *s)
{
    if (s->summary->held_out == 0)
        return 0;
    const double mean = 2 * s->swept[PW_SWEPT_HELD_OUT] / (double)s->summary->held_out;
    return s->loss.beta == 2 ? sqrt(mean) : mean;
}

pw_code pw_objective(pw_state *s)
{
    const double start = pw_seconds();
    const double sum = s->plan->loss(s);
    const double loss = sum < 0 ? 0 : sum; /* NaN stays */
    const double penalty = s->plan->penalty(s);
    s->model->objective = loss + (s->lags ? s->penalty_before : penalty);
    s->model->relative_error = relative_error(s, loss);
    s->model->holdout_error = holdout_error(s);
    s->model->projected_gradient = sqrt(s->gradient);
    s->penalty_before = penalty;
    pw_timer_add(&s->team->timer, PW_PHASE_OBJECTIVE, start, 2.0 * s->k * (double)s->V->cols,
                 16.0 * s->k * (double)s->V->cols);
    pw_agree_on_figures(s);
    if (isfinite(s->model->objective) && isfinite(s->model->projected_gradient))
        return PW_OK;
    return pw_fail(PW_ERROR_INTERNAL,
                   "%s: the factors are no longer finite after iteration %lld. Use --precision "
                   "double, or another --init-file.",
                   s->V->path ? s->V->path : "V", (long long)s->model->iteration);
}
