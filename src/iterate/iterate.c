#include "iterate/iterate.h"

#include "base/fault.h"
#include "iterate/state.h"

static void checkpoint(pw_state *s)
{
    const double start = pw_seconds();
    if (s->hooks->checkpoint(s->hooks->context) != PW_OK)
        pw_log_warn(&s->team->log, "no checkpoint written: %s", pw_failure());
    s->checkpointed = pw_timer_add(&s->team->timer, PW_PHASE_CHECKPOINT, start, 0, 0);
}

/* A sweep without update: what is stored belongs to the stored factors. */
static pw_code evaluate(pw_state *s)
{
    s->gradient = 0;
    s->plan->evaluate(s);
    const pw_code code = pw_objective(s);
    if (code == PW_OK)
        pw_record_objective(s);
    return code;
}

/* Under a monotone method a rise beyond the rounding of long sums is a bug: a test build ends with it, a release tells
 * of it once. */
static pw_code check_rise(pw_state *s)
{
    enum { MOST_ROUNDING = 64 }; /* times the resolution of the objective */
    static const char TEXT[] = "internal: the objective rose by %.3g in iteration %lld, which %s "
                               "never does. Please report this.";
    const pw_history_row *now = pw_known_row(s, 0), *before = pw_known_row(s, 1);
    if (s->warned || s->may_rise || !before)
        return PW_OK;
    const double rise = now->objective - before->objective;
    if (rise <= MOST_ROUNDING * s->resolution)
        return PW_OK;
    if (PW_TEST_BUILD)
        return pw_fail(PW_ERROR_INTERNAL, TEXT, rise, (long long)now->iteration, s->method->name);
    s->warned = true;
    pw_log_warn(&s->team->log, TEXT, rise, (long long)now->iteration, s->method->name);
    return PW_OK;
}

/* Before the first iteration. */
static pw_reason reason_not_to_start(const pw_state *s)
{
    if (s->distributed.fixed == s->k && s->replicated.fixed == s->k)
        return PW_REASON_CONVERGED; /* all is given */
    return s->model->iteration >= s->options->max_iterations ? PW_REASON_ITERATIONS
                                                             : PW_REASON_NONE;
}

static pw_code loop(pw_state *s)
{
    pw_model *model = s->model;
    pw_code code = PW_OK;
    model->reason = reason_not_to_start(s);
    while (model->reason == PW_REASON_NONE) {
        pw_extrapolate_adapt(s);
        pw_correlate_judge(s);
        s->gradient = 0;
        s->plan->iterate(s);
        PW_TRY(pw_objective(s));
        PW_TRY(pw_record(s));
        PW_TRY(check_rise(s));
        model->reason = pw_stop_reason(s);
        pw_report_iteration(s, model->reason != PW_REASON_NONE);
        model->revived = false;
        if (model->reason == PW_REASON_NONE)
            pw_revive(s);
        const bool wanted = s->wishes[PW_WISH_CHECKPOINT] > 0 || model->reason != PW_REASON_NONE;
        if (wanted && s->hooks && s->hooks->checkpoint)
            checkpoint(s);
    }
done:
    return code;
}

pw_code pw_iterate(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                   const pw_options *options, const pw_iterate_hooks *hooks, pw_model *model)
{
    pw_state state;
    pw_code code = pw_state_create(team, V, summary, options, hooks, model, &state);
    if (code != PW_OK)
        goto done;
    state.started = state.checkpointed = state.reported = pw_seconds();
    pw_report_start(&state);
    state.reference = pw_reference(&state);
    state.plan->begin(&state);
    state.penalty_before = state.plan->penalty(&state);
    pw_agree_on_figures(&state);
    if (!model->revived) /* else the checkpoint holds the revived ones */
        pw_revive(&state);
    PW_TRY(loop(&state));
    PW_TRY(evaluate(&state));
    pw_report_dead(&state);
    pw_report_orthogonal(&state);
    pw_bound(&state);
    pw_normalise(&state);
done:
    pw_state_destroy(&state);
    return code;
}
