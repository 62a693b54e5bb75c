/* Clusters by the components of a factorisation: one that is made here, or one that a model file holds. */
#include "base/memory.h"
#include "command/cluster_run.h"
#include "dist/collective.h"
#include "initialise/initialise.h"
#include "matrix/factors.h"
#include "read/read.h"
#include "select/labels.h"
#include "store/reader.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- a model that is there ---- */

/* What rank 0 finds in the model file for all. */
typedef struct finding {
    int64_t n, iterations, seed, reason;
    double objective;
} finding;

/* The reason of which the file has the text. */
static int64_t read_reason(pw_reader *reader)
{
    char *text = pw_reader_attribute_text(reader, "/provenance", "stop_reason");
    int64_t reason = PW_REASON_HOLDOUT;
    while (reason > PW_REASON_NONE && !(text && strcmp(text, pw_reason_text(reason)) == 0))
        reason--;
    free(text);
    return reason;
}

static pw_code look_at_model(const char *path, finding *found)
{
    pw_reader *reader = NULL;
    pw_dataset H = {.dimensions = 0};
    pw_code code = PW_OK;
    PW_TRY(pw_reader_open(path, &reader));
    if (pw_reader_kind(reader, "/W") == PW_OBJECT_DATASET &&
        pw_reader_kind(reader, "/H") == PW_OBJECT_DATASET)
        PW_TRY(pw_reader_describe(reader, "/H", &H));
    if (H.dimensions != 2)
        PW_TRY(pw_fail(PW_ERROR_INPUT,
                       "%s: has no factors /W and /H. Name a result of `partwise fit`.", path));
    found->n = H.extent[1];
    found->objective = NAN;
    pw_reader_attribute_doubles(reader, "/", "objective", 1, &found->objective);
    pw_reader_attribute_ints(reader, "/", "iterations", 1, &found->iterations);
    pw_reader_attribute_ints(reader, "/", "seed", 1, &found->seed);
    found->reason = read_reason(reader);
done:
    pw_reader_close(&reader);
    return code;
}

/* Collective over team. Rows and their names as /W has them. */
static pw_code read_outline(pw_cluster_run *run, int64_t n)
{
    static const char INSIDE[] = ":/W";
    pw_job *job = &run->job;
    pw_matrix *V = &job->V;
    const size_t size = strlen(run->options->model) + sizeof INSIDE;
    pw_options how = {.command = PW_COMMAND_FIT, .distribute = PW_DISTRIBUTE_ROWS};
    pw_code code = PW_OK;
    PW_TRY(pw_agree(run->team, PW_NEW(how.input, (int64_t)size)));
    snprintf(how.input, size, "%s%s", run->options->model, INSIDE);
    PW_TRY(pw_matrix_read(run->team, &how, V));
    PW_TRY(pw_matrix_summarise(run->team, V, &job->summary));
    PW_TRY(pw_summary_check(V, &job->summary));
    pw_matrix_drop_entries(V);
    V->cols = n;
done:
    free(how.input);
    return code;
}

pw_code pw_cluster_read_model(pw_cluster_run *run)
{
    pw_job *job = &run->job;
    finding found = {.n = 0};
    pw_code code = PW_OK;
    if (run->team->rank == 0)
        code = look_at_model(run->options->model, &found);
    PW_TRY(pw_agree(run->team, code));
    pw_broadcast(run->team, &found, sizeof found, 0);
    PW_TRY(read_outline(run, found.n));
    PW_TRY(pw_initialise_model(run->team, &job->V, run->options->model, &job->lone));
    job->lone.objective = found.objective;
    job->lone.iteration = found.iterations;
    job->lone.seed = (uint64_t)found.seed;
    job->lone.reason = (pw_reason)found.reason;
done:
    return code;
}

/* ---- labels ---- */

/* Shares of the components in each row of W; of a row of zeros all are 0. */
static void share_out(const pw_factor_part *W, int k, const double *factor, double *membership)
{
    for (int64_t i = 0; i < W->count; i++) {
        double sum = 0;
        for (int c = 0; c < k; c++)
            sum += membership[i * k + c] = W->X[i * k + c] * factor[c];
        for (int c = 0; c < k && sum > 0; c++)
            membership[i * k + c] /= sum;
    }
}

/* Collective over team. Of the rows of V (columns: of its columns), of which this rank has part `X` of the factor. `raw`: by the
 * factor as it stands. */
static pw_code label_items(pw_cluster_run *run, bool columns, bool raw, const pw_factor_part *X,
                           pw_labelling *labelling)
{
    const pw_model *model = run->job.model;
    int32_t *all = NULL;
    pw_code code = pw_labelling_create(X->total, X->first, X->count, model->k, labelling);
    if (code == PW_OK)
        code = PW_NEW(all, X->total);
    PW_TRY(pw_agree(run->team, code));
    PW_TRY(pw_labels_find(run->team, &run->job.V, model, columns, raw, X->total, NULL, all));
    memcpy(labelling->label, all + X->first, (size_t)X->count * sizeof *all);
    pw_labelling_count(run->team, model->k, labelling);
done:
    free(all);
    return code;
}

/* Collective over team. */
static pw_code find_memberships(pw_cluster_run *run, bool raw, const pw_factor_part *W)
{
    pw_clustering *c = &run->clustering;
    double *factor = NULL;
    pw_code code = PW_NEW(c->membership, W->count * c->k);
    if (code == PW_OK)
        code = PW_NEW(factor, c->k);
    PW_TRY(pw_agree(run->team, code));
    pw_labels_factors(run->team, &run->job.V, run->job.model, false, factor);
    for (int i = 0; raw && i < c->k; i++)
        factor[i] = 1;
    share_out(W, c->k, factor, c->membership);
done:
    free(factor);
    return code;
}

/* Collective over team. `symmetric`: rows and columns are the same items. */
static pw_code label(pw_cluster_run *run, bool symmetric)
{
    const pw_matrix *V = &run->job.V;
    const pw_factor_part W = pw_factor_W(run->team, V, run->job.model);
    const pw_factor_part H = pw_factor_H(run->team, V, run->job.model);
    pw_clustering *c = &run->clustering;
    pw_code code = PW_OK;
    c->k = run->job.model->k;
    PW_TRY(label_items(run, false, symmetric, &W, &c->rows));
    if (!symmetric)
        PW_TRY(label_items(run, true, false, &H, &c->columns));
    PW_TRY(find_memberships(run, symmetric, &W));
done:
    return code;
}

/* ---- the methods ---- */

static pw_code cluster(pw_cluster_run *run, bool symmetric)
{
    pw_job *job = &run->job;
    pw_clustering *c = &run->clustering;
    pw_code code = PW_OK;
    if (!run->options->model) {
        PW_TRY(pw_job_allocate(job));
        PW_TRY(pw_job_initialise(job));
        PW_TRY(pw_job_iterate(job));
        pw_clustering_tell(c, "relative_error", job->model->relative_error);
    }
    c->n = job->V.transposed ? job->V.rows : job->V.cols;
    c->objective = job->model->objective;
    c->iterations = job->model->iteration;
    c->seed = job->model->seed;
    c->reason = job->model->reason;
    code = label(run, symmetric);
done:
    return code;
}

pw_code pw_cluster_nmf(pw_cluster_run *run)
{
    return cluster(run, false);
}

pw_code pw_cluster_symnmf(pw_cluster_run *run)
{
    return cluster(run, true);
}
