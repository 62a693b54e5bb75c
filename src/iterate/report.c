/* How far the run is: a live line on a terminal, `key = value` lines in a log file. */
#include "iterate/progress.h"
#include "iterate/state.h"

#include <math.h>
#include <stdio.h>

void pw_report_start(const pw_state *s)
{
    static const char *const STORAGE[] = {"dense", "sparse"};
    static const char *const LOSSES[] = {"frobenius", "kl", "is", "beta"};
    const pw_matrix *V = s->V;
    char k[32] = "", inner[64] = ""; /* only where they are those of all models */
    if (s->batch->models == 1) {
        snprintf(k, sizeof k, "  k = %d", s->k);
        snprintf(inner, sizeof inner, "  inner_iterations = %d %d",
                 V->transposed ? s->replicated.inner : s->distributed.inner,
                 V->transposed ? s->distributed.inner : s->replicated.inner);
    }
    pw_log_say(
        &s->team->log,
        "V = %lld × %lld %s %s, distributed by %s%s  loss = %s  method = %s  products = %s%s",
        (long long)(V->transposed ? V->cols : V->rows),
        (long long)(V->transposed ? V->rows : V->cols), STORAGE[V->sparse], pw_type_text(V->type),
        V->transposed ? "columns" : "rows", k, LOSSES[s->options->loss], s->method->name,
        s->products.single ? "single" : "double", inner);
    if (pw_matrix_misses(V))
        pw_log_say(&s->team->log, "observed = %.0f  held_out = %lld", s->summary->observed,
                   (long long)s->summary->held_out);
}

/* The held-out error as text, "" where nothing is held out. */
static void holdout_text(const pw_state *s, const pw_history_row *row, char text[static 48])
{
    text[0] = '\0';
    if (s->V->holdout.share > 0)
        snprintf(text, 48, "  holdout_error = %.8g", row->holdout_error);
}

/* The time left until a limit ends the run, if nothing else does. */
static double seconds_left(const pw_state *s, double per_iteration)
{
    const double by_count =
        per_iteration * (double)(s->options->max_iterations - s->model->iteration);
    const double by_clock = s->options->max_seconds - s->model->seconds;
    return s->options->max_seconds > 0 && by_clock < by_count ? by_clock : by_count;
}

void pw_report_iteration(pw_state *s, bool last)
{
    const pw_model *model = s->model;
    const pw_history_row *row = pw_known_row(s, 0);
    const pw_log *log = &s->team->log;
    const double now = pw_seconds(), since = now - s->batch->reported;
    const double per_iteration =
        model->iteration > 0 ? model->seconds / (double)model->iteration : 0;
    const bool line =
        last || log->level >= PW_LOG_VERBOSE ||
        (!log->terminal && ((row && row->iteration == 1) || since >= s->options->report_every));
    char left[32], held_out[48];
    if (!row || (!line && (!log->terminal || since * PW_LIVE_PER_SECOND < 1)))
        return;
    s->batch->reported = now;
    holdout_text(s, row, held_out);
    pw_duration_text(last ? 0 : seconds_left(s, per_iteration), left);
    if (line)
        pw_log_say(&s->team->log,
                   "iteration = %lld  objective = %.10g  relative_error = %.6f  "
                   "projected_gradient = %.3e%s  seconds_per_iteration = %.3g  eta_at_most = %s",
                   (long long)row->iteration, row->objective, row->relative_error,
                   row->projected_gradient, held_out, per_iteration, left);
    else
        pw_log_live(
            &s->team->log,
            "iteration %lld  objective %.8g  error %.6f  gradient %.2e%s  %.3g s/iteration  "
            "at most %s left",
            (long long)row->iteration, row->objective, row->relative_error, row->projected_gradient,
            held_out, per_iteration, left);
}

void pw_report_models(pw_batch *batch)
{
    pw_progress *progress = &batch->progress;
    pw_log *log = &batch->team->log;
    pw_meeting *meeting = pw_batch_meeting(batch);
    if (meeting) {
        pw_meeting_attend(meeting, batch->model, batch->models, batch->members,
                          batch->wishes[PW_WISH_STOP] > 0);
    } else if (pw_progress_is_due(progress, log, batch->options->report_every)) {
        pw_progress_count(progress, batch->model, batch->models, batch->members, progress->figure);
        progress->started = batch->started - batch->seconds_before;
        pw_progress_tell(progress, log);
    }
}
