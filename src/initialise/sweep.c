#include "initialise/sweep.h"

#include "base/memory.h"
#include "dist/collective.h"

#include <omp.h>

static pw_code allocate(pw_start_sweep *s)
{
    const bool drawn = s->V->perturb.kind != PW_PERTURB_NOT;
    const pw_products_request request = {.K = s->K,
                                         .drawn = drawn,
                                         .precision = PW_PRECISION_DOUBLE,
                                         .typical = 1,
                                         .terms = PW_TERMS_V};
    pw_code code = PW_OK;
    PW_TRY(pw_workspace_create(&s->source, s->team->threads, &s->workspace));
    PW_TRY(pw_products_create(&s->workspace, &request, &s->products));
    if (drawn)
        PW_TRY(PW_NEW(s->drawn, pw_source_most_entries(&s->source)));
done:
    return code;
}

pw_code pw_start_sweep_create(pw_team *team, const pw_matrix *V, int K, pw_start_sweep *sweep)
{
    *sweep = (pw_start_sweep){.team = team, .V = V, .plain = *V, .K = K};
    sweep->plain.perturb.kind = PW_PERTURB_NOT;
    sweep->source = pw_source_of(&sweep->plain, team->threads);
    return pw_agree(team, allocate(sweep));
}

void pw_start_sweep_destroy(pw_start_sweep *sweep)
{
    pw_products_destroy(&sweep->products);
    pw_workspace_destroy(&sweep->workspace);
    free(sweep->drawn);
}

/* Tile b, of which this thread draws rows `from` … `to` - 1 where V is a resample. */
static pw_tile take_tile(pw_start_sweep *s, int64_t b, int thread, int64_t *from, int64_t *to)
{
    const pw_tile tile = pw_source_tile(&s->source, b);
    *from = pw_share(tile.rows, s->team->threads, thread);
    *to = pw_share(tile.rows, s->team->threads, thread + 1);
    if (!s->drawn)
        return tile;
    const pw_tile resample = pw_tile_resampled(&tile, s->V);
    pw_tile_copy(&resample, *from, *to, s->drawn);
    return pw_tile_of_values(&tile, s->drawn);
}

void pw_start_times_h(pw_start_sweep *s, const double *H, double *R)
{
    pw_products_begin(&s->products, H, NULL, PW_MEASURE_NOT);
#pragma omp parallel num_threads(s->team->threads)
    for (int64_t b = 0; b < s->source.tiles; b++) {
        int64_t from, to;
        const int thread = omp_get_thread_num();
        const pw_tile tile = take_tile(s, b, thread, &from, &to);
        pw_products_times_h(&s->products, &tile, thread, from, to, NULL,
                            R + (tile.first + from) * s->K);
#pragma omp barrier
    }
}

void pw_start_times_w(pw_start_sweep *s, const double *W, double *P)
{
    pw_products_begin(&s->products, NULL, P, PW_MEASURE_NOT);
#pragma omp parallel num_threads(s->team->threads)
    {
        const int thread = omp_get_thread_num();
        for (int64_t b = 0; b < s->source.tiles; b++) {
            int64_t from, to;
            const pw_tile tile = take_tile(s, b, thread, &from, &to);
#pragma omp barrier
            pw_products_times_w(&s->products, &tile, thread, W + tile.first * s->K);
#pragma omp barrier
        }
        pw_products_end(&s->products, thread);
    }
    pw_reduce_sum(s->team, P, s->V->cols * s->K);
}
