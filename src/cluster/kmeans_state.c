/* Rows of V, their mean and spread, and their distances to points. */
#include "cluster/kmeans_state.h"

#include "base/memory.h"
#include "cluster/rows.h"
#include "dist/collective.h"
#include "matrix/row.h"
#include "matrix/share.h"

#include <float.h>
#include <math.h>
#include <omp.h>
#include <string.h>

enum { ROUNDING = 32 }; /* multiples of ε that a product may be off by */

/* ---- the mean of the rows, and how far each is from it ---- */

/* Collective over team. */
static void look_at_rows(pw_kmeans_state *s)
{
    const pw_matrix *V = s->V;
    const pw_tile all = pw_matrix_tile(V, 0, V->count);
    double square = 0, total = 0;
    for (int64_t i = 0; i < V->count; i++)
        pw_row_add(&all, i, s->mean);
    pw_reduce_sum(s->team, s->mean, V->cols);
    for (int64_t j = 0; j < V->cols; j++) {
        s->mean[j] /= (double)V->rows;
        square += s->mean[j] * s->mean[j];
    }
    s->mean_length = sqrt(square);
#pragma omp parallel for num_threads(s->team->threads) schedule(static)
    for (int64_t i = 0; i < V->count; i++)
        s->spread[i] = pw_row_distance(&all, i, 1, 1, s->mean, square); /* ‖x − μ‖² */
    for (int64_t i = 0; i < V->count; i++)
        total += s->spread[i];
    pw_reduce_sum(s->team, &total, 1);
    s->variance = total / ((double)V->rows * (double)V->cols);
}

/* ---- points ---- */

pw_code pw_points_create(pw_kmeans_state *s, int count, pw_points *points)
{
    const pw_products_request request = {
        .K = count, .precision = PW_PRECISION_DOUBLE, .typical = 1, .terms = PW_TERMS_V};
    pw_code code = PW_OK;
    points->count = count;
    PW_TRY(PW_NEW(points->H, s->V->cols * count));
    PW_TRY(PW_NEW(points->offset, count));
    PW_TRY(pw_products_create(&s->workspace, &request, &points->products));
done:
    return code;
}

void pw_points_destroy(pw_points *points)
{
    free(points->H);
    free(points->offset);
    pw_products_destroy(&points->products);
}

void pw_points_set(pw_kmeans_state *s, pw_points *points, const double *X)
{
    const int64_t n = s->V->cols, count = points->count;
    points->reach = 0;
    for (int64_t c = 0; c < count; c++) {
        double square = 0, along = 0;
        for (int64_t j = 0; j < n; j++) {
            const double d = X[c * n + j] - s->mean[j];
            points->H[j * count + c] = d;
            square += d * d;
            along += s->mean[j] * d;
        }
        points->offset[c] = square + 2 * along;
        points->reach = sqrt(square) > points->reach ? sqrt(square) : points->reach;
    }
    pw_products_begin(&points->products, points->H, NULL, PW_MEASURE_NOT);
}

void pw_points_distances(pw_kmeans_state *s, pw_points *points, const pw_tile *tile, int thread,
                         int64_t from, int64_t to)
{
    double *D = s->share[thread].D;
    pw_products_times_h(&points->products, tile, thread, from, to, NULL, D);
    for (int64_t i = from; i < to; i++, D += points->count)
        for (int c = 0; c < points->count; c++)
            D[c] = s->spread[tile->first + i] + (points->offset[c] - 2 * D[c]);
}

void pw_points_visit(pw_kmeans_state *s, pw_points *points, pw_row_visitor visit, void *context)
{
    const int threads = s->team->threads;
#pragma omp parallel num_threads(threads)
    for (int64_t b = 0; b < s->source.tiles; b++) {
        const int thread = omp_get_thread_num();
        const pw_tile tile = pw_source_tile(&s->source, b);
        const int64_t from = pw_tile_share(&tile, PW_ROW_OF_PRODUCTS, threads, thread);
        const int64_t to = pw_tile_share(&tile, PW_ROW_OF_PRODUCTS, threads, thread + 1);
        pw_points_distances(s, points, &tile, thread, from, to);
        for (int64_t i = from; i < to; i++)
            visit(s, context, tile.first + i, s->share[thread].D + (i - from) * points->count);
    }
}

double pw_points_slack(const pw_kmeans_state *s, const pw_points *points, int64_t row)
{
    const double length = sqrt(s->spread[row]) + s->mean_length + points->reach;
    const double unit =
        ROUNDING * DBL_EPSILON * length; /* of the entries of points, which are means */
    return unit * points->reach + unit * unit * (double)s->V->rows;
}

double pw_points_own_slack(const pw_kmeans_state *s, const pw_points *points, int64_t row)
{
    return pw_points_slack(s, points, row) + ROUNDING * DBL_EPSILON * s->spread[row];
}

/* ---- the state ---- */

static int64_t widest_of(const pw_kmeans_state *s)
{
    return s->k > s->trials ? s->k : s->trials;
}

static int64_t bytes_of(const pw_kmeans_state *s)
{
    const int64_t of_rows = s->V->count * (8 * (s->trials + 3) + 4 + 4);
    const int64_t of_columns = 8 * s->V->cols * (4 * s->k + 2 * s->trials + 1);
    const int64_t of_tiles = 8 * s->team->threads * s->source.tile_rows * widest_of(s);
    return of_rows + of_columns + of_tiles;
}

static pw_code allocate(pw_kmeans_state *s)
{
    const int64_t n = s->V->cols, count = s->V->count, threads = s->team->threads;
    pw_code code = PW_OK;
    PW_TRY(pw_workspace_create(&s->source, s->team->threads, &s->workspace));
    PW_TRY(pw_points_create(s, s->k, &s->centroids));
    PW_TRY(pw_points_create(s, s->trials, &s->candidates));
    PW_TRY(PW_NEW(s->share, threads));
    for (int64_t t = 0; t < threads; t++)
        PW_TRY(PW_NEW(s->share[t].D, s->source.tile_rows * widest_of(s)));
    PW_TRY(PW_NEW(s->mean, n));
    PW_TRY(PW_NEW(s->spread, count));
    PW_TRY(PW_NEW(s->C, s->k * n));
    PW_TRY(PW_NEW(s->label, count));
    PW_TRY(PW_NEW(s->distance, count));
    PW_TRY(PW_NEW(s->nearest, count));
    PW_TRY(PW_NEW(s->chance, count));
    PW_TRY(PW_NEW(s->trial, count * s->trials));
    PW_TRY(PW_NEW(s->row, s->trials * n));
    PW_TRY(PW_NEW(s->of_rank, s->team->size));
    s->message_length = s->k * n + s->k + 2;
    PW_TRY(PW_NEW(s->message, s->message_length));
done:
    return code;
}

pw_code pw_kmeans_state_create(pw_team *team, const pw_matrix *V, const pw_kmeans_request *request,
                               pw_kmeans_state *s)
{
    const int k = request->k;
    *s = (pw_kmeans_state){.team = team,
                           .V = V,
                           .request = request,
                           .k = k,
                           .trials = pw_trials(k),
                           .source = pw_source_of(V, team->threads)};
    pw_code code = PW_OK;
    PW_TRY(pw_memory_check(team, bytes_of(s), V->path, "k-means"));
    PW_TRY(pw_agree(team, allocate(s)));
    s->sums = s->message;
    s->counts = s->sums + k * V->cols;
    s->objective = s->counts + k;
    s->changed = s->objective + 1;
    look_at_rows(s);
done:
    return code;
}

void pw_kmeans_state_destroy(pw_kmeans_state *s)
{
    pw_points_destroy(&s->centroids);
    pw_points_destroy(&s->candidates);
    pw_workspace_destroy(&s->workspace);
    for (int t = 0; s->share && t < s->team->threads; t++)
        free(s->share[t].D);
    free(s->share);
    free(s->mean);
    free(s->spread);
    free(s->C);
    free(s->label);
    free(s->distance);
    free(s->nearest);
    free(s->chance);
    free(s->trial);
    free(s->row);
    free(s->of_rank);
    free(s->message);
}
