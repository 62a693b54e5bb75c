/* Restarts of k-means, and what is kept of them. */
#include "cluster/kmeans.h"

#include "base/memory.h"
#include "cluster/kmeans_state.h"
#include "dist/collective.h"
#include "store/reader.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Objectives that differ by less than rounding are the same: the first is kept, on any number of ranks. */
static const double SAME = 1e-12;

static pw_code create(const pw_kmeans_state *s, pw_clustering *clustering)
{
    const pw_matrix *V = s->V;
    clustering->k = s->k;
    clustering->n = V->cols;
    clustering->objective = INFINITY;
    const pw_code code = PW_NEW(clustering->centroid, s->k * V->cols);
    return code == PW_OK ? pw_labelling_create(V->rows, V->first, V->count, s->k, &clustering->rows)
                         : code;
}

static void keep(const pw_kmeans_state *s, const pw_kmeans_outcome *outcome, uint64_t seed,
                 pw_clustering *clustering)
{
    if (!(outcome->objective < clustering->objective * (1 - SAME)) &&
        isfinite(clustering->objective))
        return;
    clustering->objective = outcome->objective;
    clustering->iterations = outcome->iterations;
    clustering->reason = outcome->reason;
    clustering->seed = seed;
    memcpy(clustering->centroid, s->C, (size_t)(s->k * s->V->cols) * sizeof *s->C);
    memcpy(clustering->rows.label, s->label, (size_t)s->V->count * sizeof *s->label);
}

/* Collective over team. */
static pw_code run(pw_kmeans_state *s, uint64_t seed, pw_clustering *clustering)
{
    const double start = pw_seconds();
    pw_code code = PW_OK;
    if (s->request->start)
        memcpy(s->C, s->request->start, (size_t)(s->k * s->V->cols) * sizeof *s->C);
    else if (pw_kmeans_samples(s))
        PW_TRY(pw_kmeans_start_from_sample(s, seed));
    else
        pw_kmeans_start(s, seed);
    pw_timer_add(&s->team->timer, PW_PHASE_INITIALISE, start, 0, 0);
    const pw_kmeans_outcome outcome = pw_kmeans_lloyd(s);
    pw_log_detail(&s->team->log,
                  "seed = %" PRIu64 "  stopped = %s  iterations = %" PRId64 "  objective = %.10g",
                  seed, pw_reason_text(outcome.reason), outcome.iterations, outcome.objective);
    keep(s, &outcome, seed, clustering);
done:
    return code;
}

pw_code pw_kmeans(pw_team *team, const pw_matrix *V, const pw_kmeans_request *request,
                  pw_clustering *clustering)
{
    pw_kmeans_state s = {.team = team};
    pw_code code = PW_OK;
    *clustering = (pw_clustering){.k = 0};
    if (request->k > V->rows)
        PW_TRY(pw_fail(PW_ERROR_INPUT, "%s: has %" PRId64 " rows, too few for %d clusters.",
                       V->path ? V->path : "V", V->rows, request->k));
    PW_TRY(pw_kmeans_state_create(team, V, request, &s));
    PW_TRY(pw_agree(team, create(&s, clustering)));
    for (int64_t r = 0; r < request->restarts; r++)
        PW_TRY(run(&s, request->seed + (uint64_t)r, clustering));
    pw_labelling_count(team, s.k, &clustering->rows);
done:
    pw_kmeans_state_destroy(&s);
    return code;
}

/* ---- centroids from a file ---- */

static pw_code read_centroids(const char *path, int k, int64_t n, double *centroid)
{
    pw_reader *reader = NULL;
    pw_dataset found = {.dimensions = 0};
    pw_code code = PW_OK;
    PW_TRY(pw_reader_open(path, &reader));
    if (pw_reader_kind(reader, "/centroids") == PW_OBJECT_DATASET)
        PW_TRY(pw_reader_describe(reader, "/centroids", &found));
    if (found.dimensions != 2 || found.content != PW_CONTENT_NUMBER)
        PW_TRY(pw_fail(PW_ERROR_INPUT, "%s: has no matrix '/centroids' to start from.", path));
    if (found.extent[0] != k || found.extent[1] != n)
        PW_TRY(pw_fail(PW_ERROR_INPUT,
                       "%s: /centroids is %" PRId64 " x %" PRId64 " where %d x %" PRId64
                       " (clusters x columns of V) is needed.",
                       path, found.extent[0], found.extent[1], k, n));
    PW_TRY(pw_reader_rows(reader, "/centroids", 0, k, PW_F64, centroid));
    for (int64_t i = 0; i < k * n; i++)
        if (!isfinite(centroid[i]))
            PW_TRY(pw_fail(PW_ERROR_INPUT,
                           "%s: /centroids at row %" PRId64 ", column %" PRId64
                           " (counted from 0) is not finite.",
                           path, i / n, i % n));
done:
    pw_reader_close(&reader);
    return code;
}

pw_code pw_centroids_read(pw_team *team, const char *path, int k, int64_t n, double **centroid)
{
    pw_code code = PW_OK;
    PW_TRY(pw_agree(team, PW_NEW(*centroid, k * n)));
    if (team->rank == 0)
        code = read_centroids(path, k, n, *centroid);
    PW_TRY(pw_agree(team, code));
    pw_broadcast(team, *centroid, k * n * (int64_t)sizeof **centroid, 0);
done:
    return code;
}
