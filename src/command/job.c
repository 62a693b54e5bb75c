#include "command/job.h"

#include "base/memory.h"
#include "command/bound.h"
#include "command/groups.h"
#include "command/timings.h"
#include "initialise/initialise.h"
#include "iterate/iterate.h"
#include "matrix/feed.h"
#include "matrix/weight.h"
#include "read/read.h"
#include "read/streaming.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void pw_job_create(pw_team *team, const pw_options *options, pw_job *job)
{
    *job = (pw_job){.team = team, .options = options, .model = &job->lone};
    job->result = (pw_result){.options = options,
                              .V = &job->V,
                              .summary = &job->summary,
                              .model = &job->lone,
                              .models = 1,
                              .started = (double)time(NULL)};
}

void pw_job_destroy(pw_job *job)
{
    if (!job)
        return;
    pw_model_destroy(&job->lone);
    for (int64_t i = 0; i < job->restarts; i++)
        pw_model_destroy(&job->restart[i]);
    free(job->restart);
    free(job->bound);
    pw_matrix_destroy(&job->V);
}

pw_code pw_job_check_outputs(pw_job *job)
{
    pw_code code = pw_write_check(job->team, job->options->output);
    if (code == PW_OK && job->options->checkpoint)
        code = pw_write_check(job->team, job->options->checkpoint);
    return code;
}

static void forgo_copies(pw_job *job)
{
    char text[24];
    if (!pw_streaming_forgoes_copies(job->team, job->options, &job->V))
        return;
    pw_log_say(&job->team->log,
               "note: extrapolation is off: --memory %s has no room for the copies of W and H to "
               "extrapolate from.",
               pw_memory_text(job->options->memory, text));
    job->lean = *job->options; /* borrows its texts */
    job->lean.extrapolate = PW_PRESENT_NO;
    job->options = &job->lean;
}

pw_code pw_job_read(pw_job *job)
{
    const double start = pw_seconds();
    pw_code code = PW_OK;
    PW_TRY(pw_matrix_read(job->team, job->options, &job->V));
    forgo_copies(job);
    PW_TRY(pw_matrix_observe(job->team, job->options, &job->V));
    pw_timer_add(&job->team->timer, PW_PHASE_READ, start, 0, 0);
done:
    return code;
}

pw_code pw_job_allocate(pw_job *job)
{
    return pw_model_allocate(job->team, &job->V, job->options, (int)job->options->k,
                             (uint64_t)job->options->seed, job->model);
}

pw_code pw_job_summarise(pw_job *job)
{
    const double start = pw_seconds();
    pw_code code = PW_OK;
    PW_TRY(pw_matrix_summarise(job->team, &job->V, &job->summary));
    PW_TRY(pw_summary_check(&job->V, &job->summary));
    pw_timer_add(&job->team->timer, PW_PHASE_READ, start, 0, (double)pw_matrix_bytes(&job->V));
done:
    return code;
}

pw_code pw_job_weigh(pw_job *job)
{
    const double start = pw_seconds();
    pw_code code = PW_OK;
    PW_TRY(pw_matrix_weigh(job->team, job->options, &job->V));
    PW_TRY(pw_weight_summarise(job->team, &job->V, &job->summary));
    pw_timer_add(&job->team->timer, PW_PHASE_READ, start, 0, 0);
done:
    return code;
}

pw_code pw_job_initialise(pw_job *job)
{
    const double start = pw_seconds();
    pw_resumed resumed;
    pw_code code = PW_OK;
    if (job->options->restarts > 1) /* each as its turn comes */
        return PW_OK;
    PW_TRY(pw_initialise_resume(job->team, &job->V, &job->summary, job->options, job->model, 1,
                                &resumed));
    job->saved = resumed.any;
    if (!resumed.any)
        PW_TRY(pw_initialise(job->team, &job->V, &job->summary, job->options, job->model));
    pw_timer_add(&job->team->timer, PW_PHASE_INITIALISE, start, 0, 0);
done:
    return code;
}

static pw_code checkpoint(void *context)
{
    pw_job *job = context;
    const pw_code code = pw_write_checkpoint(job->team, job->options->checkpoint, &job->result);
    job->saved = job->saved || code == PW_OK;
    return code;
}

/* The best `keep` of the models first, the best of all at their head. */
static void put_best_first(const pw_options *options, pw_model *model, int64_t models, int64_t keep)
{
    for (int64_t i = 0; i < keep; i++) {
        const int64_t best = i + pw_best_of(options, model + i, (int)(models - i));
        const pw_model other = model[i];
        model[i] = model[best];
        model[best] = other;
    }
}

/* The job's model becomes the best of them. */
static void take_restarts(pw_job *job, pw_ensemble *ensemble)
{
    int begun;
    pw_model *model = pw_ensemble_models(ensemble, 0, &begun);
    const int64_t keep = begun < job->options->keep ? begun : job->options->keep;
    put_best_first(job->options, model, begun, keep);
    const pw_reason reason = pw_ensemble_reason(ensemble);
    if (reason == PW_REASON_STOPPED || reason == PW_REASON_TIME)
        model->reason = reason;
    pw_log_say(&job->team->log, "restarts = %d  best_seed = %llu", begun,
               (unsigned long long)model->seed);
    job->model = job->restart = model;
    job->restarts = ensemble->models;
    job->result.model = model;
    job->result.models = keep;
    *ensemble = (pw_ensemble){.models = 0};
}

static pw_code iterate_restarts(pw_job *job)
{
    pw_ensemble ensemble;
    pw_code code =
        pw_ensemble_create(job, 1, &job->model->k, (int)job->options->restarts, &ensemble);
    PW_TRY(pw_agree(job->team, code));
    pw_model_destroy(&job->lone); /* there was room for it */
    PW_TRY(pw_groups_iterate(&ensemble));
    take_restarts(job, &ensemble);
done:
    pw_ensemble_destroy(&ensemble);
    return code;
}

pw_code pw_job_iterate(pw_job *job)
{
    if (job->options->restarts > 1)
        return iterate_restarts(job);
    const pw_iterate_hooks hooks = {.checkpoint = job->options->checkpoint ? checkpoint : NULL,
                                    .context = job,
                                    .checkpoint_every = job->options->checkpoint_every,
                                    .seconds_before = job->model->seconds};
    return pw_iterate(job->team, &job->V, &job->summary, job->options, &hooks, job->model, 1);
}

pw_code pw_job_write(pw_job *job)
{
    const double start = pw_seconds();
    pw_code code = pw_write_model(job->team, job->options->output, &job->result);
    pw_timer_add(&job->team->timer, PW_PHASE_WRITE, start, 0, 0);
    return code;
}

/* A ratio to what is 0 but for rounding would say nothing. */
static void report_bound(const pw_job *job)
{
    const pw_model *model = job->model;
    if (!job->bound)
        return;
    const double ratio = pw_bound_ratio(job, model->k, model->relative_error);
    char text[48] = "";
    if (!isnan(ratio))
        snprintf(text, sizeof text, "  error_ratio = %.6f", ratio);
    pw_log_say(&job->team->log, "svd_bound = %.6f%s", job->bound[model->k - 1], text);
}

void pw_job_report(pw_job *job)
{
    const pw_model *model = job->model;
    char held_out[48] = "";
    if (job->V.holdout.share > 0)
        snprintf(held_out, sizeof held_out, "  holdout_error = %.8g", model->holdout_error);
    pw_log_say(&job->team->log,
               "stopped = %s  iterations = %lld  objective = %.10g  relative_error = %.6f  "
               "projected_gradient = %.3e%s  seconds = %.3f",
               pw_reason_text(model->reason), (long long)model->iteration, model->objective,
               model->relative_error, model->projected_gradient, held_out, model->seconds);
    report_bound(job);
    pw_report_timings(job->team);
    if (job->V.feed)
        pw_feed_report(job->team, job->V.feed);
    pw_log_say(&job->team->log, "model = %s", job->options->output);
}

pw_code pw_job_outcome(const pw_job *job)
{
    if (job->model->reason != PW_REASON_STOPPED)
        return PW_OK;
    return job->saved ? PW_STOPPED : PW_STOPPED_UNSAVED;
}
