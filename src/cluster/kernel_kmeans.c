/* Lloyd's iteration in the space of features, by products of similarities with the scaled indicators of clusters:
 *
 *     E_jc = 1/|c| for j ∈ c, else 0          (m × k, replicated)
 *     R    = V E                              # one sweep; rows distributed
 *     s_c  = Σ_{i∈c} R_ic / |c|               # allreduce
 *     label_i = argmin_c s_c − 2 R_ic
 */
#include "cluster/kernel_kmeans.h"

#include "base/memory.h"
#include "cluster/rows.h"
#include "decompose/operator.h"
#include "dist/collective.h"
#include "matrix/row.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { ROUNDING = 64 };           /* multiples of ε that sums may be off by */
static const double SAME = 1e-12; /* objectives that differ by less are the same */

typedef struct kernel_state {
    pw_team *team;
    const pw_matrix *V;
    const pw_kmeans_request *request;
    int k, trials;
    pw_operator op;
    double *diagonal;      /* V->count */
    double trace, scale;   /* of V; its largest entry of the diagonal */
    double *E;             /* m × k */
    double *R;             /* V->count × k */
    int32_t *all;          /* m: labels of all items */
    int32_t *label, *best; /* V->count */
    float *distance;       /* V->count: as in pw_kmeans */
    double *within;        /* k: s_c */
    double *counts;        /* k + 1: items of each cluster, changed labels */
    double *nearest, *of_rank, *trial,
        *row; /* of the start: V->count, ranks, V->count × trials, trials × m */
} kernel_state;

/* ---- the state ---- */

static pw_code allocate(kernel_state *s)
{
    const int64_t m = s->V->rows, count = s->V->count;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(s->diagonal, count));
    PW_TRY(PW_NEW(s->E, m * s->k));
    PW_TRY(PW_NEW(s->R, count * s->k));
    PW_TRY(PW_NEW(s->all, m));
    PW_TRY(PW_NEW(s->label, count));
    PW_TRY(PW_NEW(s->best, count));
    PW_TRY(PW_NEW(s->distance, count));
    PW_TRY(PW_NEW(s->within, s->k));
    PW_TRY(PW_NEW(s->counts, s->k + 1));
    PW_TRY(PW_NEW(s->nearest, count));
    PW_TRY(PW_NEW(s->of_rank, s->team->size));
    PW_TRY(PW_NEW(s->trial, count * s->trials));
    PW_TRY(PW_NEW(s->row, m * s->trials));
done:
    return code;
}

/* Collective over team. */
static void read_diagonal(kernel_state *s)
{
    const pw_matrix *V = s->V;
    const pw_tile all = pw_matrix_tile(V, 0, V->count);
    for (int64_t i = 0; i < V->count; i++) {
        s->diagonal[i] = pw_row_entry(&all, i, V->first + i) + s->request->shift;
        s->trace += s->diagonal[i];
        s->scale = fabs(s->diagonal[i]) > s->scale ? fabs(s->diagonal[i]) : s->scale;
    }
    pw_reduce_sum(s->team, &s->trace, 1);
    pw_reduce_max(s->team, &s->scale, 1);
}

static pw_code create(kernel_state *s)
{
    const int64_t of_own = s->V->count * (8 * (s->k + s->trials) + 32);
    const int64_t of_all = s->V->rows * (8 * (s->k + s->trials) + 4);
    pw_code code = PW_OK;
    PW_TRY(pw_memory_check(s->team, of_own + of_all, s->V->path, "kernel k-means"));
    PW_TRY(pw_agree(s->team, allocate(s)));
    PW_TRY(pw_operator_create(s->team, s->V, s->k, &s->op));
    read_diagonal(s);
done:
    return code;
}

static void destroy(kernel_state *s)
{
    pw_operator_destroy(&s->op);
    void *const owned[] = {s->diagonal, s->E,        s->R,      s->all,    s->label,
                           s->best,     s->distance, s->within, s->counts, s->nearest,
                           s->of_rank,  s->trial,    s->row};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        free(owned[i]);
}

/* ---- the start: greedy k-means++ ---- */

/* Squared distance of this rank's item i to item `column`, whose similarities are x; 0 within rounding. */
static double distance_to(const kernel_state *s, int64_t i, const double *x, int64_t column)
{
    const double own = s->diagonal[i], other = x[column] + s->request->shift;
    const double between = x[s->V->first + i];
    const double d = own + other - 2 * between;
    const double slack = ROUNDING * DBL_EPSILON * (fabs(own) + fabs(other) + 2 * fabs(between));
    return d > slack ? d : 0;
}

/* Collective over team. The best of some items becomes the first of cluster c. */
static void take_best(kernel_state *s, int c, const int64_t *item)
{
    const int64_t m = s->V->rows, trials = s->trials;
    double sum[PW_MOST_TRIALS] = {0};
    int best = 0;
    pw_rows_fetch(s->team, s->V, s->trials, item, s->row);
    for (int64_t i = 0; i < s->V->count; i++)
        for (int64_t t = 0; t < trials; t++) {
            const double d = distance_to(s, i, s->row + t * m, item[t]);
            s->trial[i * trials + t] = d;
            sum[t] += d < s->nearest[i] ? d : s->nearest[i];
        }
    pw_reduce_sum(s->team, sum, trials);
    for (int t = 1; t < trials; t++)
        if (sum[t] < sum[best] - SAME * fabs(sum[best]))
            best = t;
    for (int64_t i = 0; i < s->V->count; i++) {
        const double d = s->trial[i * trials + best];
        const bool is_first = s->V->first + i == item[best];
        if (is_first || d < s->nearest[i]) {
            s->label[i] = c;
            s->nearest[i] = is_first ? 0 : d;
        }
    }
}

static void start(kernel_state *s, uint64_t seed)
{
    const pw_random_key key = {.seed = seed, .stream = PW_RANDOM_CLUSTER};
    int64_t item[PW_MOST_TRIALS];
    for (int64_t i = 0; i < s->V->count; i++)
        s->nearest[i] = 1; /* all alike */
    for (int c = 0; c < s->k; c++) {
        if (!pw_rows_draw(s->team, s->V, s->nearest, s->of_rank, key, c, s->trials, item))
            break; /* all items are the first of some cluster, or equal to one */
        for (int64_t i = 0; c == 0 && i < s->V->count; i++)
            s->nearest[i] = INFINITY;
        take_best(s, c, item);
    }
}

/* ---- the iteration ---- */

/* Collective over team. R and s_c of the labels as they stand; returns their objective. */
static double look_at_clusters(kernel_state *s)
{
    const int64_t m = s->V->rows, k = s->k;
    const double begun = pw_seconds();
    double objective = s->trace;
    pw_gather_rows(s->team, &s->V->layout, sizeof *s->label, s->label, s->all);
    memset(s->counts, 0, (size_t)(k + 1) * sizeof *s->counts);
    for (int64_t j = 0; j < m; j++)
        s->counts[s->all[j]]++;
    memset(s->E, 0, (size_t)(m * k) * sizeof *s->E);
    for (int64_t j = 0; j < m; j++)
        s->E[j * k + s->all[j]] = 1 / s->counts[s->all[j]];
    pw_operator_apply(&s->op, s->E, s->R, NULL);
    memset(s->within, 0, (size_t)k * sizeof *s->within);
    for (int64_t i = 0; i < s->V->count; i++)
        s->R[i * k + s->label[i]] += s->request->shift / s->counts[s->label[i]];
    for (int64_t i = 0; i < s->V->count; i++)
        s->within[s->label[i]] += s->R[i * k + s->label[i]] / s->counts[s->label[i]];
    const double reducing = pw_timer_add(&s->team->timer, PW_PHASE_TIMES_H, begun,
                                         2.0 * (double)k * (double)pw_matrix_local_entries(s->V),
                                         (double)pw_matrix_bytes(s->V));
    pw_reduce_sum(s->team, s->within, k);
    pw_timer_add(&s->team->timer, PW_PHASE_REDUCE, reducing, 0, 0);
    for (int64_t c = 0; c < k; c++)
        objective -= s->counts[c] * s->within[c];
    return objective;
}

/* The first of the clusters that are nearest up to rounding, of those that have items. */
static int32_t nearest_of(const kernel_state *s, const double *R)
{
    double least = INFINITY, size = 0;
    int32_t c = 0;
    for (int i = 0; i < s->k; i++) {
        const double d = s->within[i] - 2 * R[i], of_i = fabs(s->within[i]) + 2 * fabs(R[i]);
        if (s->counts[i] > 0 && d < least)
            least = d;
        size = s->counts[i] > 0 && of_i > size ? of_i : size;
    }
    const double slack = ROUNDING * DBL_EPSILON * size;
    while (!(s->counts[c] > 0 && s->within[c] - 2 * R[c] <= least + slack))
        c++;
    return c;
}

/* Collective over team. Each item to the nearest cluster. Then s->counts are the new ones. */
static void label_items(kernel_state *s)
{
    double changed = 0;
    for (int64_t i = 0; i < s->V->count; i++) {
        const double *R = s->R + i * s->k;
        const int32_t c = nearest_of(s, R);
        const double d = s->diagonal[i] + s->within[c] - 2 * R[c];
        const double slack =
            ROUNDING * DBL_EPSILON * (s->scale + fabs(s->within[c]) + 2 * fabs(R[c]));
        s->distance[i] = d > slack ? (float)d : 0;
        changed += c != s->label[i];
        s->label[i] = c;
    }
    memset(s->counts, 0, (size_t)(s->k + 1) * sizeof *s->counts);
    for (int64_t i = 0; i < s->V->count; i++)
        s->counts[s->label[i]]++;
    s->counts[s->k] = changed;
    pw_reduce_sum(s->team, s->counts, s->k + 1);
}

/* Collective over team. Gives each empty cluster the item that is farthest from the mean of its own. Whether there was one. */
static bool fill_empty(kernel_state *s)
{
    bool any = false;
    for (int c = 0; c < s->k; c++) {
        int64_t from;
        if (s->counts[c] > 0)
            continue;
        const int64_t item =
            pw_rows_farthest(s->team, s->V, s->counts, s->label, s->distance, &from);
        if (item < 0)
            break;
        if (item >= s->V->first && item < s->V->first + s->V->count)
            s->label[item - s->V->first] = c;
        s->counts[from]--;
        s->counts[c] = 1;
        any = true;
    }
    return any;
}

/* Collective over team. From one start; the labels of the least objective into s->best. */
static void iterate(kernel_state *s, pw_clustering *outcome)
{
    outcome->objective = INFINITY;
    outcome->iterations = 0;
    outcome->reason = PW_REASON_ITERATIONS;
    while (outcome->iterations < s->request->max_iterations) {
        const double objective = look_at_clusters(s);
        if (objective < outcome->objective) {
            outcome->objective = objective;
            memcpy(s->best, s->label, (size_t)s->V->count * sizeof *s->best);
        }
        label_items(s);
        outcome->iterations++;
        if (!fill_empty(s) && s->counts[s->k] == 0) {
            outcome->reason = PW_REASON_CONVERGED;
            break;
        }
    }
}

/* ---- restarts ---- */

static void run(kernel_state *s, uint64_t seed, pw_clustering *clustering)
{
    const double begun = pw_seconds();
    pw_clustering outcome;
    start(s, seed);
    pw_timer_add(&s->team->timer, PW_PHASE_INITIALISE, begun, 0, 0);
    iterate(s, &outcome);
    pw_log_detail(&s->team->log,
                  "seed = %" PRIu64 "  stopped = %s  iterations = %" PRId64 "  objective = %.10g",
                  seed, pw_reason_text(outcome.reason), outcome.iterations, outcome.objective);
    if (isfinite(clustering->objective) &&
        !(outcome.objective < clustering->objective - SAME * fabs(s->trace)))
        return;
    clustering->objective = outcome.objective;
    clustering->iterations = outcome.iterations;
    clustering->reason = outcome.reason;
    clustering->seed = seed;
    memcpy(clustering->rows.label, s->best, (size_t)s->V->count * sizeof *s->best);
}

pw_code pw_kernel_kmeans(pw_team *team, const pw_matrix *V, const pw_kmeans_request *request,
                         pw_clustering *clustering)
{
    kernel_state s = {
        .team = team, .V = V, .request = request, .k = request->k, .trials = pw_trials(request->k)};
    pw_code code = PW_OK;
    *clustering = (pw_clustering){.k = request->k, .n = V->cols, .objective = INFINITY};
    if (request->k > V->rows)
        PW_TRY(pw_fail(PW_ERROR_INPUT, "%s: has %" PRId64 " rows, too few for %d clusters.",
                       V->path ? V->path : "V", V->rows, request->k));
    PW_TRY(create(&s));
    PW_TRY(
        pw_agree(team, pw_labelling_create(V->rows, V->first, V->count, s.k, &clustering->rows)));
    for (int64_t r = 0; r < request->restarts; r++)
        run(&s, request->seed + (uint64_t)r, clustering);
    pw_labelling_count(team, s.k, &clustering->rows);
done:
    destroy(&s);
    return code;
}
