/* partwise cluster V -k K: read → cluster → compare → write. */
#include "base/memory.h"
#include "cluster/kernel_kmeans.h"
#include "cluster/kmeans.h"
#include "command/cluster_truth.h"
#include "command/command.h"
#include "command/environment.h"
#include "command/timings.h"
#include "matrix/symmetry.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What there is to know of a method; in the order of pw_cluster_by. */
typedef struct method {
    pw_code (*run)(pw_cluster_run *run);
    bool any_sign; /* V may have negative entries */
} method;

static const method METHODS[] = {
    [PW_CLUSTER_KMEANS] = {pw_cluster_kmeans, .any_sign = true},
    [PW_CLUSTER_NMF] = {pw_cluster_nmf},
    [PW_CLUSTER_SYMNMF] = {pw_cluster_symnmf},
    [PW_CLUSTER_KERNEL_KMEANS] = {pw_cluster_kernel_kmeans, .any_sign = true},
    [PW_CLUSTER_SPECTRAL] = {pw_cluster_spectral, .any_sign = true},
    [PW_CLUSTER_BICLUSTER] = {pw_cluster_bicluster},
};

static const method *method_of(const pw_cluster_run *run)
{
    return &METHODS[run->options->cluster_by];
}

/* ---- reading ---- */

/* Local. Options of a fit that has V as this run wants it. */
static pw_code adopt(pw_cluster_run *run)
{
    const pw_options *o = run->options;
    if (o->model) /* fitted already */
        return pw_options_default(PW_COMMAND_FIT, &run->fit);
    const pw_code code = pw_options_adopt(o, PW_COMMAND_FIT, &run->fit);
    run->fit.method = o->method;
    run->fit.extrapolate = o->extrapolate;
    run->fit.symmetric = o->symmetric;
    run->fit.shrink = 0; /* of a method for missing entries */
    if (o->cluster_by != PW_CLUSTER_NMF)
        run->fit.distribute = PW_DISTRIBUTE_ROWS;
    return code;
}

/* Local (the summary is the same on every rank). Weights are for entries that are not negative. */
static pw_code check_signs(const pw_cluster_run *run)
{
    const bool weighted = run->fit.weight != PW_WEIGHT_NONE;
    if (run->job.summary.least >= 0 || (!weighted && run->fit.affinity == PW_AFFINITY_PLAIN))
        return PW_OK;
    return pw_fail(PW_ERROR_INPUT, "%s: has negative entries, down to %g, which --%s cannot take.",
                   run->job.V.path, run->job.summary.least, weighted ? "weight" : "affinity");
}

static pw_code read(pw_cluster_run *run)
{
    pw_job *job = &run->job;
    pw_code code = PW_OK;
    if (run->options->model)
        return pw_cluster_read_model(run);
    PW_TRY(pw_job_read(job));
    job->V.any_sign = method_of(run)->any_sign;
    PW_TRY(pw_job_summarise(job));
    PW_TRY(check_signs(run));
    PW_TRY(pw_job_weigh(job));
done:
    return code;
}

/* ---- k-means, of rows and of items with similarities ---- */

pw_code pw_cluster_kmeans(pw_cluster_run *run)
{
    const pw_options *o = run->options;
    const pw_matrix *V = &run->job.V;
    double *start = NULL;
    pw_code code = PW_OK;
    if (o->init_file)
        PW_TRY(pw_centroids_read(run->team, o->init_file, (int)o->k, V->cols, &start));
    const pw_kmeans_request request = {.k = (int)o->k,
                                       .restarts = o->restarts,
                                       .max_iterations = o->max_iterations,
                                       .tolerance = o->tolerance,
                                       .seed = (uint64_t)o->seed,
                                       .start = start};
    code = pw_kmeans(run->team, V, &request, &run->clustering);
done:
    free(start);
    return code;
}

pw_code pw_cluster_kernel_kmeans(pw_cluster_run *run)
{
    const pw_options *o = run->options;
    const pw_kmeans_request request = {.k = (int)o->k,
                                       .restarts = o->restarts,
                                       .max_iterations = o->max_iterations,
                                       .seed = (uint64_t)o->seed,
                                       .shift = o->shift};
    const pw_code code = pw_matrix_check_symmetric(run->team, &run->job.V);
    return code == PW_OK ? pw_kernel_kmeans(run->team, &run->job.V, &request, &run->clustering)
                         : code;
}

/* ---- the result ---- */

static pw_code write(pw_cluster_run *run)
{
    const double start = pw_seconds();
    pw_result result = run->job.result;
    result.options = run->options;
    run->job.model->reason = run->clustering.reason;
    const pw_code code =
        pw_write_clusters(run->team, run->options->output, &result, &run->clustering);
    pw_timer_add(&run->team->timer, PW_PHASE_WRITE, start, 0, 0);
    return code;
}

/* "12 7 30", as far as there is room. */
static void list_sizes(const pw_clustering *c, char *text, size_t size)
{
    int i = 0;
    size_t length = 0;
    for (; i < c->k && length + 32 < size; i++)
        length += (size_t)snprintf(text + length, size - length, "%s%" PRId64, i ? " " : "",
                                   c->rows.size[i]);
    if (i < c->k)
        snprintf(text + length, size - length, " …");
}

static int count_empty(const pw_clustering *c)
{
    int empty = 0;
    for (int i = 0; i < c->k; i++)
        empty += c->rows.size[i] == 0;
    return empty;
}

static void report(pw_cluster_run *run)
{
    const pw_clustering *c = &run->clustering;
    pw_log *log = &run->team->log;
    char sizes[512];
    const int empty = count_empty(c);
    list_sizes(c, sizes, sizeof sizes);
    pw_report_timings(run->team);
    if (empty > 0)
        pw_log_warn(log, "%d of %d clusters are empty: fewer of them would do as well.", empty,
                    c->k);
    if (c->rows.unlabelled > 0)
        pw_log_warn(log, "%" PRId64 " rows belong to no cluster: they have label -1.",
                    c->rows.unlabelled);
    pw_log_say(log, "stopped = %s  seed = %" PRIu64 "  iterations = %" PRId64 "  objective = %.10g",
               pw_reason_text(c->reason), c->seed, c->iterations, c->objective);
    for (int i = 0; i < c->figures; i++)
        pw_log_say(log, "%s = %.6g", c->figure[i].name, c->figure[i].value);
    pw_log_say(log, "sizes = %s", sizes);
    pw_log_say(log, "clusters = %s", run->options->output);
}

pw_code pw_command_cluster(pw_team *team, const pw_options *options)
{
    pw_cluster_run run = {.team = team, .options = options, .fit = {.command = PW_COMMAND_FIT}};
    pw_row_classes truth = {.own = NULL};
    pw_code code = PW_OK;
    pw_job_create(team, &run.fit, &run.job);
    pw_report_environment(team);
    PW_TRY(pw_agree(team, adopt(&run)));
    PW_TRY(pw_write_check(team, options->output));
    PW_TRY(read(&run));
    PW_TRY(pw_row_classes_read(&run, &truth));
    PW_TRY(method_of(&run)->run(&run));
    PW_TRY(pw_row_classes_compare(&run, &truth));
    PW_TRY(write(&run));
    report(&run);
done:
    pw_row_classes_destroy(&truth);
    pw_clustering_destroy(&run.clustering);
    pw_job_destroy(&run.job);
    pw_options_destroy(&run.fit);
    return code;
}
