/* partwise svd V -k K -o svd.h5: read → decompose → write. */
#include "command/command.h"
#include "command/environment.h"
#include "command/timings.h"
#include "decompose/svd.h"
#include "matrix/weight.h"
#include "read/read.h"
#include "write/write.h"

#include <inttypes.h>
#include <math.h>
#include <time.h>

typedef struct svd_run {
    pw_team *team;
    const pw_options *options;
    pw_matrix V;
    pw_summary summary;
    pw_svd_request request;
    pw_svd svd;
} svd_run;

static pw_code check_k(const svd_run *r)
{
    const int64_t side = r->V.rows < r->V.cols ? r->V.rows : r->V.cols;
    if (r->options->k <= side)
        return PW_OK;
    return pw_fail(PW_ERROR_USAGE, "-k: %s has %" PRId64 " singular values, not %" PRId64 ".",
                   r->V.path, side, r->options->k);
}

/* Collective over team. Reads V as the decomposition takes it. */
static pw_code read(svd_run *r)
{
    const double start = pw_seconds();
    pw_options how = *r->options; /* borrows its texts */
    pw_code code = PW_OK;
    if (how.distribute == PW_DISTRIBUTE_AUTO)
        how.distribute = PW_DISTRIBUTE_LONGER;
    PW_TRY(pw_matrix_read(r->team, &how, &r->V));
    r->V.any_sign = r->options->weight == PW_WEIGHT_NONE;
    PW_TRY(check_k(r));
    PW_TRY(pw_matrix_summarise(r->team, &r->V, &r->summary));
    PW_TRY(pw_summary_check(&r->V, &r->summary));
    PW_TRY(pw_matrix_weigh(r->team, r->options, &r->V));
    PW_TRY(pw_weight_summarise(r->team, &r->V, &r->summary));
    pw_timer_add(&r->team->timer, PW_PHASE_READ, start, 0, (double)pw_matrix_bytes(&r->V));
done:
    return code;
}

/* Collective over team. */
static pw_code decompose(svd_run *r)
{
    const double start = pw_seconds();
    const pw_options *options = r->options;
    pw_code code = PW_OK;
    r->request = (pw_svd_request){.k = (int)options->k,
                                  .center = options->center,
                                  .tolerance = options->tolerance,
                                  .most_sweeps = options->max_iterations,
                                  .seed = (uint64_t)options->seed};
    PW_TRY(
        pw_memory_check(r->team, pw_svd_bytes(&r->V, &r->request), r->V.path, "the decomposition"));
    PW_TRY(pw_svd_find(r->team, &r->V, r->summary.sum_squares, &r->request, &r->svd));
    pw_timer_add(&r->team->timer, PW_PHASE_DECOMPOSE, start, 0, 0);
done:
    return code;
}

static void report(const svd_run *r)
{
    const pw_svd *svd = &r->svd;
    double worst = 0;
    for (int i = 0; i < svd->k; i++)
        worst = fmax(worst, svd->residual[i]);
    pw_log_say(&r->team->log,
               "%s  sweeps = %" PRId64 "  largest = %.10g  smallest = %.10g  residual = %.3g",
               svd->exact ? "exact" : "block Krylov", svd->sweeps, svd->S[0], svd->S[svd->k - 1],
               worst);
    if (!svd->good)
        pw_log_warn(
            &r->team->log,
            "the residuals are not all below --tolerance %g. Allow more --max-iterations, or "
            "accept a larger one.",
            r->request.tolerance);
    pw_log_say(&r->team->log, "result = %s", r->options->output);
}

static pw_code write(svd_run *r, double started)
{
    const pw_model model = {.k = r->svd.k,
                            .reason = r->svd.good ? PW_REASON_CONVERGED : PW_REASON_ITERATIONS};
    const pw_result result = {.options = r->options,
                              .V = &r->V,
                              .summary = &r->summary,
                              .model = &model,
                              .models = 1,
                              .started = started};
    return pw_write_svd(r->team, r->options->output, &result, &r->svd);
}

pw_code pw_command_svd(pw_team *team, const pw_options *options)
{
    const double started = (double)time(NULL);
    svd_run r = {.team = team, .options = options};
    pw_code code = PW_OK;
    pw_report_environment(team);
    PW_TRY(pw_write_check(team, options->output));
    PW_TRY(read(&r));
    PW_TRY(decompose(&r));
    PW_TRY(write(&r, started));
    report(&r);
    pw_report_timings(team);
done:
    pw_svd_destroy(&r.svd);
    pw_matrix_destroy(&r.V);
    return code;
}
