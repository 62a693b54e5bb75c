/* Objective, relative error and projected gradient of an iteration, the same on all ranks. */
#include "dist/collective.h"
#include "iterate/state.h"

#include <math.h>

static void find_figures(pw_state *s)
{
    const pw_model *model = s->model;
    s->agreed[0] = model->objective;
    s->agreed[1] = model->relative_error;
    s->agreed[2] = model->projected_gradient;
    s->agreed[3] = model->holdout_error;
    for (int c = 0; c < s->k; c++) {
        const int diagonal = c * s->k + c;
        s->dead[c] = !(s->S[diagonal] > 0 && s->replicated.gram[diagonal] > 0);
        s->shift[c] = pw_balance_shift(s, c);
    }
}

void pw_agree_on_figures(pw_batch *batch)
{
    const double start = pw_seconds();
    for (int i = 0; i < batch->members; i++)
        find_figures(batch->member[i]);
    pw_broadcast(batch->team, batch->figures,
                 batch->figures_length * (int64_t)sizeof *batch->figures, 0);
    for (int i = 0; i < batch->members; i++) {
        const double *agreed = batch->member[i]->agreed;
        pw_model *model = batch->member[i]->model;
        model->objective = agreed[0];
        model->relative_error = agreed[1];
        model->projected_gradient = agreed[2];
        model->holdout_error = agreed[3];
    }
    pw_timer_add(&batch->team->timer, PW_PHASE_REDUCE, start, 0, 0);
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

static void find_objective(pw_state *s)
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
}

pw_code pw_objectives(pw_batch *batch)
{
    for (int i = 0; i < batch->members; i++)
        if (!batch->member[i]->needs_sums)
            find_objective(batch->member[i]);
    pw_agree_on_figures(batch);
    for (int i = 0; i < batch->members; i++) {
        const pw_model *model = batch->member[i]->model;
        if (!isfinite(model->objective) || !isfinite(model->projected_gradient))
            return pw_fail(
                PW_ERROR_INTERNAL,
                "%s: the factors are no longer finite after iteration %lld. Use --precision "
                "double, or another --init-file.",
                batch->V->path ? batch->V->path : "V", (long long)model->iteration);
    }
    return PW_OK;
}
