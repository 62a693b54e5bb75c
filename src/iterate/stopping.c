/* The history of a run, and whether it goes on. */
#include "base/memory.h"
#include "iterate/state.h"

#include <math.h>

enum {
    STALL_WINDOW = 10,    /* iterations over which the fall of the objective is judged */
    FIRST_HISTORY = 4096, /* iterations recorded before the history has to grow */
};

void pw_record_objective(pw_state *s)
{
    pw_history *history = &s->model->history;
    pw_history_row *last = history->count > 0 ? &history->row[history->count - 1] : NULL;
    if (!last || !isnan(last->objective))
        return;
    last->objective = s->model->objective;
    last->relative_error = s->model->relative_error;
    last->holdout_error = s->model->holdout_error;
}

pw_code pw_record(pw_state *s)
{
    pw_model *model = s->model;
    pw_history *history = &model->history;
    if (s->lags)
        pw_record_objective(s);
    if (history->count == history->capacity) { /* on all ranks at once */
        pw_code code = pw_agree(
            s->team, PW_GROW(history->row, &history->capacity, history->count + FIRST_HISTORY));
        if (code != PW_OK)
            return code;
    }
    model->iteration++;
    model->seconds = s->seconds_before + pw_seconds() - s->started;
    if (model->iteration == 1)
        model->first_residual = model->projected_gradient;
    history->row[history->count++] = (pw_history_row){
        .iteration = model->iteration,
        .seconds = model->seconds,
        .objective = s->lags ? NAN : model->objective,
        .relative_error = s->lags ? NAN : model->relative_error,
        .projected_gradient = model->projected_gradient,
        .holdout_error = s->lags && s->V->holdout.share > 0 ? NAN : model->holdout_error,
    };
    return PW_OK;
}

const pw_history_row *pw_known_row(const pw_state *s, int64_t back)
{
    const pw_history *history = &s->model->history;
    int64_t last = history->count - 1;
    if (last >= 0 && isnan(history->row[last].objective))
        last--;
    return last - back >= 0 ? &history->row[last - back] : NULL;
}

/* The best of the window counts: an extrapolated run rises now and then. One that is worse all over the window is on its
 * way somewhere else. */
static bool stalled(const pw_state *s)
{
    const pw_history_row *then = pw_known_row(s, STALL_WINDOW);
    if (s->options->stall <= 0 || !then)
        return false;
    double best = then[1].objective;
    for (int i = 2; i <= STALL_WINDOW; i++)
        best = fmin(best, then[i].objective);
    const double fall = then->objective - best;
    return (fall >= -s->resolution && fall <= s->options->stall * then->objective) ||
           then->objective <= s->resolution;
}

/* Whether the least held-out error is `patience` iterations old. */
static bool overfits(pw_state *s)
{
    const pw_history *history = &s->model->history;
    for (; s->judged < history->count && !isnan(history->row[s->judged].objective); s->judged++)
        if (history->row[s->judged].holdout_error < history->row[s->least_held_out].holdout_error)
            s->least_held_out = s->judged;
    return s->options->patience > 0 && s->V->holdout.share > 0 &&
           s->judged - 1 - s->least_held_out >= s->options->patience;
}

pw_reason pw_stop_reason(pw_state *s)
{
    const pw_model *model = s->model;
    const double tolerance = s->options->tolerance;
    if (s->method->traits & PW_SELECTS) /* the one update was exact */
        return PW_REASON_CONVERGED;
    if (s->batch->wishes[PW_WISH_STOP] > 0)
        return PW_REASON_STOPPED;
    const bool too_early = model->revived || pw_orthogonal_grows(s);
    if (tolerance > 0 && model->projected_gradient <= tolerance * model->first_residual &&
        !too_early)
        return PW_REASON_CONVERGED;
    if (stalled(s) && !too_early)
        return PW_REASON_STALLED;
    if (overfits(s))
        return PW_REASON_HOLDOUT;
    if (model->iteration >= s->options->max_iterations)
        return PW_REASON_ITERATIONS;
    if (s->batch->wishes[PW_WISH_TIME_UP] > 0)
        return PW_REASON_TIME;
    return PW_REASON_NONE;
}
