/* Lloyd's iteration (1982): each row to the nearest centroid, each centroid to the mean of its rows.
 *
 *     for each tile b of local rows
 *         D_b = ‖V_b − C‖²            # by the product V_b Cᵀ
 *         label_b = argmin D_b
 *         sums[label_b] += V_b − C[label_b] ;  objective += ‖V_b − C[label_b]‖²      # while V_b is still in cache
 *     allreduce [sums | counts | objective | changed labels]
 *     C += sums / counts
 */
#include "cluster/kmeans_state.h"

#include "base/clones.h"
#include "cluster/rows.h"
#include "dist/collective.h"
#include "matrix/row.h"
#include "matrix/share.h"

#include <math.h>
#include <omp.h>
#include <string.h>

enum { PIECE = 1024 }; /* entries at a time */

/* ---- the sweep ---- */

/* The first of the points that are nearest up to rounding. */
static int32_t nearest_of(int k, const double *D, double slack)
{
    double least = D[0];
    int32_t c = 0;
    for (int i = 1; i < k; i++)
        least = D[i] < least ? D[i] : least;
    while (!(D[c] <= least + slack))
        c++;
    return c;
}

static void label_rows(pw_kmeans_state *s, const pw_tile *tile, int thread)
{
    const int threads = s->team->threads;
    const int64_t from = pw_tile_share(tile, PW_ROW_OF_PRODUCTS, threads, thread);
    const int64_t to = pw_tile_share(tile, PW_ROW_OF_PRODUCTS, threads, thread + 1);
    pw_points_distances(s, &s->centroids, tile, thread, from, to);
    for (int64_t i = from; i < to; i++) {
        const int64_t row = tile->first + i;
        const double *D = s->share[thread].D + (i - from) * s->k;
        const int32_t label = nearest_of(s->k, D, pw_points_slack(s, &s->centroids, row));
        const double own = pw_points_own_slack(s, &s->centroids, row);
        s->share[thread].changed += label != s->label[row];
        s->label[row] = label;
        s->distance[row] = D[label] > own ? (float)D[label] : 0;
    }
}

PW_CLONES static double add_dense(int64_t count, const double *restrict v, const double *restrict c,
                                  double *restrict sum)
{
    double objective = 0;
#pragma omp simd reduction(+ : objective)
    for (int64_t e = 0; e < count; e++) {
        const double x = v[e] - c[e];
        sum[e] += x;
        objective += x * x;
    }
    return objective;
}

/* Entries v in `column`, or in first … where that is NULL, of a row with centroid c. */
static double add_entries(int64_t count, const double *v, const uint32_t *column, int64_t first,
                          const double *c, double *sum)
{
    double objective = 0;
    for (int64_t e = 0; column && e < count; e++) {
        const double x = v[e], y = c[column[e]];
        sum[column[e]] += x;
        objective += x * (x - 2 * y);
    }
    return column ? objective : add_dense(count, v, c + first, sum + first);
}

/* The thread's columns of the sums. Of sparse V they are of stored entries alone until they are complete. */
static void add_rows(pw_kmeans_state *s, const pw_tile *tile, int thread)
{
    const int64_t n = s->V->cols, from = s->workspace.share[thread].column_from,
                  to = s->workspace.share[thread].column_to;
    double v[PIECE];
    for (int64_t i = 0; i < tile->rows; i++) {
        const int64_t own = s->label[tile->first + i] * n;
        const int64_t begin = pw_row_place(tile, i, from);
        const int64_t end = pw_row_place(tile, i, to);
        for (int64_t at = begin; at < end; at += PIECE) {
            const int64_t count = end - at < PIECE ? end - at : PIECE;
            pw_tile_read(tile, i, at, count, v);
            s->share[thread].objective += add_entries(
                count, v, tile->sparse ? tile->column + at : NULL, at, s->C + own, s->sums + own);
        }
    }
}

static void sweep_thread(pw_kmeans_state *s, int thread)
{
    s->share[thread].objective = 0;
    s->share[thread].changed = 0;
    for (int64_t b = 0; b < s->source.tiles; b++) {
        const pw_tile tile = pw_source_tile(&s->source, b);
        label_rows(s, &tile, thread);
#pragma omp barrier
        add_rows(s, &tile, thread);
    }
}

/* Collective over team. Labels by s->C, and the sums that belong to them. */
static void sweep(pw_kmeans_state *s)
{
    const int64_t n = s->V->cols;
    const double start = pw_seconds();
    memset(s->message, 0, (size_t)s->message_length * sizeof *s->message);
    pw_points_set(s, &s->centroids, s->C);
#pragma omp parallel num_threads(s->team->threads)
    sweep_thread(s, omp_get_thread_num());
    for (int64_t i = 0; i < s->V->count; i++)
        s->counts[s->label[i]]++;
    for (int t = 0; t < s->team->threads; t++) {
        *s->objective += s->share[t].objective;
        *s->changed += (double)s->share[t].changed;
    }
    const double reducing = pw_timer_add(&s->team->timer, PW_PHASE_TIMES_H, start,
                                         2.0 * s->k * (double)pw_matrix_local_entries(s->V),
                                         (double)pw_matrix_bytes(s->V));
    pw_reduce_sum(s->team, s->message, s->message_length);
    pw_timer_add(&s->team->timer, PW_PHASE_REDUCE, reducing, 0, 0);
    for (int c = 0; s->V->sparse && c < s->k; c++)
        for (int64_t j = 0; j < n; j++) {
            const double x = s->C[c * n + j];
            s->sums[c * n + j] -= s->counts[c] * x;
            *s->objective += s->counts[c] * x * x;
        }
    *s->objective = *s->objective > 0 ? *s->objective : 0;
}

/* ---- clusters without rows ---- */

/* Collective over team. Gives each of them the farthest row, in the sums. Whether there was one to give. */
static bool fill_empty(pw_kmeans_state *s)
{
    const int64_t n = s->V->cols;
    bool any = false;
    for (int c = 0; c < s->k; c++) {
        int64_t from;
        if (s->counts[c] > 0)
            continue;
        const int64_t row =
            pw_rows_farthest(s->team, s->V, s->counts, s->label, s->distance, &from);
        if (row < 0)
            break;
        pw_rows_fetch(s->team, s->V, 1, &row, s->row);
        for (int64_t j = 0; j < n; j++) {
            s->sums[c * n + j] = s->row[j] - s->C[c * n + j];
            s->sums[from * n + j] -= s->row[j] - s->C[from * n + j];
        }
        s->counts[c] = 1;
        s->counts[from]--;
        any = true;
    }
    return any;
}

/* ---- the iteration ---- */

/* The centroids become the means; returns the square of how far all of them moved. Those of empty clusters stay. */
static double move(pw_kmeans_state *s)
{
    const int64_t n = s->V->cols;
    double shift = 0;
    for (int c = 0; c < s->k; c++)
        for (int64_t j = 0; s->counts[c] > 0 && j < n; j++) {
            const double step = s->sums[c * n + j] / s->counts[c];
            shift += step * step;
            s->C[c * n + j] += step;
        }
    return shift;
}

pw_kmeans_outcome pw_kmeans_lloyd(pw_kmeans_state *s)
{
    const double small = s->request->tolerance * s->variance;
    pw_kmeans_outcome outcome = {.reason = PW_REASON_ITERATIONS};
    for (int64_t i = 0; i < s->V->count; i++)
        s->label[i] = -1;
    while (outcome.iterations < s->request->max_iterations) {
        sweep(s);
        outcome.iterations++;
        if (!fill_empty(s) && *s->changed == 0) {
            outcome.reason = PW_REASON_CONVERGED;
            break; /* the centroids are those of the labels */
        }
        if (move(s) <= small) {
            outcome.reason = PW_REASON_CONVERGED;
            sweep(s);
            break;
        }
    }
    if (outcome.reason == PW_REASON_ITERATIONS)
        sweep(s);
    outcome.objective = *s->objective;
    return outcome;
}
