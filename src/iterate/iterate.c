#include "iterate/iterate.h"

#include "base/fault.h"
#include "base/memory.h"
#include "iterate/state.h"

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

/* ---- from the first factors to the last ---- */

static bool is_lone(const pw_batch *batch)
{
    return batch->models == 1 && !pw_batch_meeting(batch);
}

/* Before the first iteration. */
static pw_reason reason_not_to_start(const pw_state *s)
{
    if (s->distributed.fixed == s->k && s->replicated.fixed == s->k)
        return PW_REASON_CONVERGED; /* all is given */
    return s->model->iteration >= s->options->max_iterations ? PW_REASON_ITERATIONS
                                                             : PW_REASON_NONE;
}

/* A model that has no state yet. */
static pw_code create_state(pw_batch *batch, const pw_summary *summary, pw_model *model)
{
    pw_state *s = NULL;
    pw_data *data;
    pw_code code = PW_OK;
    PW_TRY(pw_data_find(batch, summary, model->seed, &data));
    if (!model->distributed)
        PW_TRY(batch->hooks->start(batch->hooks->context, &data->V, &data->summary, model));
    PW_TRY(pw_agree(batch->team, PW_NEW(s, 1)));
    code = pw_state_create(batch, data, model, s);
    if (code == PW_OK)
        return pw_batch_join(batch, s);
    pw_state_destroy(s);
done:
    free(s);
    return code;
}

static void begin(pw_state *s)
{
    if (!s->batch->told)
        pw_report_start(s);
    s->batch->told = true;
    s->reference = pw_reference(s);
    s->plan->begin(s);
    s->penalty_before = s->plan->penalty(s);
    if (s->model->reason == PW_REASON_NONE) /* else it was resumed at its end */
        s->model->reason = reason_not_to_start(s);
    s->leaves = s->model->reason != PW_REASON_NONE;
}

static bool has_room(const pw_batch *batch, const pw_model *model)
{
    return batch->members == 0 ||
           (batch->width + model->k <= batch->most && !batch->member[0]->plan->alone);
}

/* Takes in models in their order while there is room. */
static pw_code admit(pw_batch *batch, const pw_summary *summary)
{
    const int before = batch->members;
    pw_code code = PW_OK;
    while (batch->next < batch->models && has_room(batch, &batch->model[batch->next])) {
        pw_model *model = &batch->model[batch->next++];
        if (model->finished) /* in an earlier, resumed part */
            continue;
        PW_TRY(create_state(batch, summary, model));
        begin(batch->member[batch->members - 1]);
    }
    if (batch->members == before)
        return PW_OK;
    pw_agree_on_figures(batch);
    for (int i = before; i < batch->members; i++)
        if (!batch->member[i]->model->revived) /* else the checkpoint holds the revived ones */
            pw_revive(batch->member[i]);
done:
    return code;
}

/* ---- one sweep ---- */

static void prepare(pw_state *s)
{
    if (!s->needs_sums && !s->leaves) {
        if (!s->model->adapted)
            pw_extrapolate_adapt(s);
        s->model->adapted = true;
        pw_correlate_judge(s);
    }
    s->updates = !s->needs_sums && !s->leaves;
    s->gradient = 0;
    if (!s->needs_sums)
        s->plan->before(s);
}

static void sweep(pw_batch *batch)
{
    for (int i = 0; i < batch->members; i++)
        prepare(batch->member[i]);
    if (!batch->member[0]->plan->alone)
        pw_sweep(batch);
    for (int i = 0; i < batch->members; i++)
        if (!batch->member[i]->needs_sums)
            batch->member[i]->plan->after(batch->member[i]);
}

/* After an iteration. */
static pw_code judge(pw_state *s)
{
    pw_model *model = s->model;
    pw_code code = PW_OK;
    PW_TRY(pw_record(s));
    PW_TRY(check_rise(s));
    model->reason = pw_stop_reason(s);
    s->leaves = model->reason != PW_REASON_NONE;
    if (is_lone(s->batch))
        pw_report_iteration(s, s->leaves);
    model->revived = model->adapted = false;
    if (!s->leaves) {
        pw_balance(s);
        pw_revive(s);
    }
done:
    return code;
}

/* After its evaluation: what is stored belongs to the stored factors. */
static pw_code finish(pw_batch *batch, int member)
{
    pw_state *s = batch->member[member];
    pw_model *model = s->model;
    pw_record_objective(s);
    if (is_lone(batch)) {
        pw_report_dead(s);
        pw_report_orthogonal(s);
    }
    pw_balance(s);
    pw_bound(s);
    pw_normalise(s);
    model->finished = pw_reason_kept(model) != PW_REASON_NONE;
    pw_batch_leave(batch, member);
    const pw_iterate_hooks *hooks = batch->hooks;
    return hooks && hooks->finish ? hooks->finish(hooks->context, model) : PW_OK;
}

/* What the sweep means for each member. Those that were evaluated leave. */
static pw_code conclude(pw_batch *batch)
{
    pw_code code = PW_OK;
    PW_TRY(pw_objectives(batch));
    for (int i = batch->members - 1; i >= 0; i--) {
        pw_state *s = batch->member[i];
        if (s->needs_sums)
            s->needs_sums = false;
        else if (s->updates)
            PW_TRY(judge(s));
        else
            PW_TRY(finish(batch, i));
    }
done:
    return code;
}

/* ---- all of them ---- */

static bool is_interrupted(const pw_batch *batch)
{
    return batch->wishes[PW_WISH_STOP] > 0 || batch->wishes[PW_WISH_TIME_UP] > 0;
}

static bool all_leave(const pw_batch *batch)
{
    for (int i = 0; i < batch->members; i++)
        if (!batch->member[i]->leaves)
            return false;
    return batch->members > 0 && batch->next >= batch->models;
}

/* When its time has come, where nothing is left but evaluations, and once it is interrupted: from then on factors are made
 * ready for the result, as that of a lone model is once it has left. */
static void checkpoint(pw_batch *batch)
{
    const pw_iterate_hooks *hooks = batch->hooks;
    const bool last = is_interrupted(batch) || all_leave(batch);
    const bool ready = batch->closed || (is_lone(batch) && batch->members == 0);
    if (!hooks || !hooks->checkpoint || ready || !(batch->wishes[PW_WISH_CHECKPOINT] > 0 || last))
        return;
    batch->closed = is_interrupted(batch);
    const double start = pw_seconds();
    if (hooks->checkpoint(hooks->context) != PW_OK)
        pw_log_warn(&batch->team->log, "no checkpoint written: %s", pw_failure());
    batch->checkpointed = pw_timer_add(&batch->team->timer, PW_PHASE_CHECKPOINT, start, 0, 0);
}

static pw_code loop(pw_batch *batch, const pw_summary *summary)
{
    pw_code code = PW_OK;
    while (true) {
        if (!is_interrupted(batch))
            PW_TRY(admit(batch, summary));
        if (batch->members == 0)
            break;
        sweep(batch);
        PW_TRY(conclude(batch));
        checkpoint(batch);
        if (!is_lone(batch))
            pw_report_models(batch);
    }
done:
    return code;
}

pw_code pw_iterate(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                   const pw_options *options, const pw_iterate_hooks *hooks, pw_model *model,
                   int64_t models)
{
    pw_batch batch;
    pw_code code = PW_OK;
    PW_TRY(pw_batch_create(team, V, options, hooks, model, models, &batch));
    batch.started = batch.checkpointed = batch.reported = pw_seconds();
    PW_TRY(loop(&batch, summary));
done:
    pw_batch_destroy(&batch);
    return code;
}
