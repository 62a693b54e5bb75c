#include "command/bound.h"

#include "base/memory.h"
#include "decompose/svd.h"

#include <math.h>

/* Beyond the rank of V all is 0. */
static pw_code take_errors(pw_job *job, const pw_svd *svd, int k)
{
    const pw_code code = pw_agree(job->team, PW_NEW(job->bound, k));
    if (code == PW_OK)
        pw_svd_errors(svd, job->bound);
    job->result.bound = job->bound;
    return code;
}

pw_code pw_bound_find(pw_job *job, int k)
{
    const pw_matrix *V = &job->V;
    const int64_t side = V->rows < V->cols ? V->rows : V->cols;
    const pw_svd_request request = {
        .k = k < side ? k : (int)side, .tolerance = 1e-6, .most_sweeps = 1000};
    const double start = pw_seconds();
    pw_svd svd = {.k = 0};
    pw_code code = PW_OK;
    if (!job->options->svd_bound)
        return PW_OK;
    PW_TRY(pw_memory_check(job->team, pw_svd_bytes(V, &request), V->path, "--svd-bound"));
    PW_TRY(pw_svd_find(job->team, V, job->summary.sum_squares, &request, &svd));
    if (svd.good)
        PW_TRY(take_errors(job, &svd, k));
    else
        pw_log_warn(
            &job->team->log,
            "--svd-bound: the singular values were not found well enough: there is no bound.");
    pw_timer_add(&job->team->timer, PW_PHASE_DECOMPOSE, start, 0, 0);
done:
    pw_svd_destroy(&svd);
    return code;
}

double pw_bound_ratio(const pw_job *job, int k, double relative_error)
{
    static const double ROUNDING = 1e-7;
    const double bound = job->bound[k - 1];
    return bound > ROUNDING ? relative_error / bound : NAN;
}
