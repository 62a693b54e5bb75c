/* partwise fit V -k K -o model.h5: read → initialise → iterate → write. */
#include "command/command.h"
#include "command/environment.h"
#include "command/timings.h"
#include "initialise/initialise.h"
#include "iterate/iterate.h"
#include "read/read.h"
#include "write/write.h"

#include <math.h>
#include <time.h>

typedef struct fit {
    pw_team *team;
    const pw_options *options;
    pw_matrix V;
    pw_summary summary;
    pw_model model;
    pw_result result; /* borrows the above */
    bool saved;       /* a checkpoint of this run exists */
} fit;

static pw_code check_outputs(fit *f)
{
    pw_code code = pw_write_check(f->team, f->options->output);
    if (code == PW_OK && f->options->checkpoint)
        code = pw_write_check(f->team, f->options->checkpoint);
    return code;
}

static pw_code read(fit *f)
{
    const double start = pw_seconds();
    pw_code code = PW_OK;
    PW_TRY(pw_matrix_read(f->team, f->options, &f->V));
    PW_TRY(pw_model_create(f->team, &f->V, (int)f->options->k, &f->model)); /* does it all fit? */
    PW_TRY(pw_matrix_summarise(f->team, &f->V, &f->summary));
    PW_TRY(pw_summary_check(&f->V, &f->summary));
    pw_timer_add(&f->team->timer, PW_PHASE_READ, start, 0, (double)pw_matrix_bytes(&f->V));
done:
    return code;
}

static pw_code initialise(fit *f)
{
    const double start = pw_seconds();
    const pw_code code =
        pw_initialise(f->team, &f->V, &f->summary, f->options, &f->model, &f->saved);
    pw_timer_add(&f->team->timer, PW_PHASE_INITIALISE, start, 0, 0);
    return code;
}

static pw_code checkpoint(void *context)
{
    fit *f = context;
    const pw_code code = pw_write_checkpoint(f->team, f->options->checkpoint, &f->result);
    f->saved = f->saved || code == PW_OK;
    return code;
}

static pw_code iterate(fit *f)
{
    const pw_iterate_hooks hooks = {.checkpoint = f->options->checkpoint ? checkpoint : NULL,
                                    .context = f,
                                    .checkpoint_every = f->options->checkpoint_every};
    return pw_iterate(f->team, &f->V, &f->summary, f->options, &hooks, &f->model);
}

static pw_code write(fit *f)
{
    const double start = pw_seconds();
    pw_code code = pw_write_model(f->team, f->options->output, &f->result);
    pw_timer_add(&f->team->timer, PW_PHASE_WRITE, start, 0, 0);
    return code;
}

static void report(fit *f)
{
    const pw_model *model = &f->model;
    pw_log_say(&f->team->log,
               "stopped = %s  iterations = %lld  objective = %.10g  relative_error = %.6f  "
               "projected_gradient = %.3e  seconds = %.3f",
               pw_reason_text(model->reason), (long long)model->iteration, model->objective,
               model->relative_error, model->projected_gradient, model->seconds);
    pw_report_timings(f->team);
    pw_log_say(&f->team->log, "model = %s", f->options->output);
}

static pw_code outcome(const fit *f)
{
    if (f->model.reason != PW_REASON_STOPPED)
        return PW_OK;
    return f->saved ? PW_STOPPED : PW_STOPPED_UNSAVED;
}

pw_code pw_command_fit(pw_team *team, const pw_options *options)
{
    fit f = {.team = team, .options = options};
    f.result = (pw_result){.options = options,
                           .V = &f.V,
                           .summary = &f.summary,
                           .model = &f.model,
                           .started = (double)time(NULL)};
    pw_code code = PW_OK;
    pw_report_environment(team);
    PW_TRY(check_outputs(&f));
    PW_TRY(read(&f));
    PW_TRY(initialise(&f));
    PW_TRY(iterate(&f));
    PW_TRY(write(&f));
    report(&f);
    code = outcome(&f);
done:
    pw_model_destroy(&f.model);
    pw_matrix_destroy(&f.V);
    return code;
}
