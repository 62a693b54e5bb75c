#include "command/ensemble.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "initialise/initialise.h"
#include "iterate/iterate.h"

#include <stdlib.h>

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* The widest first, and of one k by seed. */
static int by_k(const void *one, const void *other)
{
    const pw_model *a = one, *b = other;
    return a->k != b->k ? compare(b->k, a->k) : compare((int64_t)a->seed, (int64_t)b->seed);
}

static int by_seed(const void *one, const void *other)
{
    const pw_model *a = one, *b = other;
    return a->seed != b->seed ? compare((int64_t)a->seed, (int64_t)b->seed) : compare(b->k, a->k);
}

pw_code pw_ensemble_create(pw_job *job, int ks, const int *k, int restarts, pw_ensemble *ensemble)
{
    const bool resamples = pw_options_resamples(job->options);
    *ensemble = (pw_ensemble){.job = job,
                              .models = (int64_t)ks * restarts,
                              .restarts = restarts,
                              .together = resamples ? ks : 1};
    const pw_code code = PW_NEW(ensemble->model, ensemble->models);
    if (code != PW_OK)
        return code;
    for (int64_t i = 0; i < ensemble->models; i++)
        ensemble->model[i] =
            (pw_model){.k = k[i / restarts], .seed = (uint64_t)(job->options->seed + i % restarts)};
    qsort(ensemble->model, (size_t)ensemble->models, sizeof *ensemble->model,
          resamples ? by_seed : by_k);
    return PW_OK;
}

void pw_ensemble_order(pw_ensemble *ensemble)
{
    qsort(ensemble->model, (size_t)ensemble->models, sizeof *ensemble->model, by_k);
}

void pw_ensemble_destroy(pw_ensemble *ensemble)
{
    for (int64_t i = 0; ensemble->model && i < ensemble->models; i++)
        pw_model_destroy(&ensemble->model[i]);
    free(ensemble->model);
    *ensemble = (pw_ensemble){.models = 0};
}

static pw_code start(void *context, const pw_matrix *V, const pw_summary *summary, pw_model *model)
{
    const pw_job *job = ((pw_ensemble *)context)->job;
    pw_code code = PW_OK;
    PW_TRY(pw_model_allocate(job->team, &job->V, job->options, model->k, model->seed, model));
    code = pw_initialise(job->team, V, summary, job->options, model);
done:
    return code;
}

void pw_ensemble_tell(pw_log *log, const pw_model *model)
{
    pw_log_detail(log,
                  "model: k = %d  seed = %llu  stopped = %s  iterations = %lld  objective = %.10g",
                  model->k, (unsigned long long)model->seed, pw_reason_text(model->reason),
                  (long long)model->iteration, model->objective);
}

/* What only further iterations would need is given back. */
static pw_code finish(void *context, pw_model *model)
{
    const pw_job *job = ((pw_ensemble *)context)->job;
    pw_model_drop_momentum(model);
    pw_ensemble_tell(&job->team->log, model);
    return PW_OK;
}

pw_code pw_ensemble_check_memory(const pw_ensemble *ensemble)
{
    const pw_job *job = ensemble->job;
    int64_t components = 0;
    for (int64_t i = 0; i < ensemble->models; i++)
        components += ensemble->model[i].k;
    return pw_memory_check(job->team,
                           (job->V.count + job->V.cols) * components * (int64_t)sizeof(double),
                           job->V.path, "W and H of all models");
}

static pw_code checkpoint(void *context)
{
    const pw_ensemble *ensemble = context;
    pw_job *job = ensemble->job;
    pw_result result = job->result;
    result.model = ensemble->model;
    result.models = ensemble->models;
    result.seconds = ensemble->seconds_before + pw_seconds() - ensemble->started;
    const pw_code code = pw_write_checkpoint(job->team, job->options->checkpoint, &result);
    job->saved = job->saved || code == PW_OK;
    return code;
}

static pw_code resume(pw_ensemble *ensemble)
{
    pw_job *job = ensemble->job;
    pw_resumed resumed;
    pw_code code = PW_OK;
    pw_model *first = ensemble->model;
    const pw_model unborn = *first;
    if (!job->options->checkpoint)
        return PW_OK;
    if (ensemble->models == 1) /* lies in the file as that of a fit */
        PW_TRY(pw_model_allocate(job->team, &job->V, job->options, first->k, first->seed, first));
    PW_TRY(pw_initialise_resume(job->team, &job->V, &job->summary, job->options, ensemble->model,
                                ensemble->models, &resumed));
    if (ensemble->models == 1 && !resumed.any) {
        pw_model_destroy(first);
        *first = unborn;
    }
    job->saved = resumed.any;
    ensemble->seconds_before += resumed.seconds;
done:
    return code;
}

pw_code pw_ensemble_iterate(pw_ensemble *ensemble)
{
    const pw_job *job = ensemble->job;
    const pw_options *options = job->options;
    pw_iterate_hooks hooks = {.start = start,
                              .finish = finish,
                              .checkpoint = options->checkpoint ? checkpoint : NULL,
                              .meeting = ensemble->meeting,
                              .context = ensemble,
                              .checkpoint_every = options->checkpoint_every};
    pw_code code = PW_OK;
    PW_TRY(pw_ensemble_check_memory(ensemble));
    if (!ensemble->meeting)
        pw_log_say(&job->team->log, "models = %lld", (long long)ensemble->models);
    PW_TRY(resume(ensemble));
    hooks.seconds_before = ensemble->seconds_before;
    ensemble->started = pw_seconds();
    PW_TRY(pw_iterate(job->team, &job->V, &job->summary, options, &hooks, ensemble->model,
                      ensemble->models));
    if (!ensemble->meeting)
        pw_ensemble_order(ensemble);
done:
    return code;
}

pw_model *pw_ensemble_models(const pw_ensemble *ensemble, int index, int *begun)
{
    const int64_t ks = ensemble->models / ensemble->restarts;
    pw_model *model = ensemble->model + (ks - 1 - index) * ensemble->restarts;
    *begun = 0;
    while (*begun < ensemble->restarts && model[*begun].distributed)
        ++*begun;
    return model;
}

int pw_best_of(const pw_options *options, const pw_model *model, int count)
{
    const bool resamples = pw_options_resamples(options);
    int best = 0;
    for (int i = 1; i < count; i++)
        if (resamples ? model[i].relative_error < model[best].relative_error
                      : model[i].objective < model[best].objective)
            best = i;
    return best;
}

pw_reason pw_ensemble_reason(const pw_ensemble *ensemble)
{
    int64_t stopped = pw_signals_stop_wanted();
    bool finished = true;
    for (int64_t i = 0; i < ensemble->models; i++)
        finished = finished && ensemble->model[i].finished;
    pw_reduce_max_int(ensemble->job->team, &stopped, 1);
    return finished ? ensemble->model[0].reason : stopped ? PW_REASON_STOPPED : PW_REASON_TIME;
}
