/* The sweep: one pass over the tiles of V updates the distributed factor and sums what the replicated one
 * needs. Every Allreduce of an iteration is the one in here. */
#include "dist/collective.h"
#include "iterate/state.h"
#include "linalg/blas.h"

#include <math.h>
#include <omp.h>
#include <string.h>

/* This thread's rows of a tile: their part of R, their update, their part of S. */
static void update_rows(pw_state *s, const pw_tile *tile, int thread, bool update)
{
    const int64_t from = pw_share(tile->rows, s->team->threads, thread);
    const int64_t to = pw_share(tile->rows, s->team->threads, thread + 1);
    const int64_t entries = tile->sparse ? tile->row_pointer[tile->rows] - tile->row_pointer[0]
                                         : tile->rows * tile->cols;
    const double width = (double)pw_type_size(tile->type) + (tile->sparse ? 4 : 0);
    pw_sweep_share *share = &s->share[thread];
    double start = pw_seconds();
    /* R_b = V_b Hᵀ */
    pw_products_times_h(&s->products, tile, thread, from, to, s->R);
    if (thread == 0)
        start = pw_timer_add(&s->team->timer, PW_PHASE_TIMES_H, start, 2.0 * s->k * (double)entries,
                             width * (double)entries);
    /* W_b = update(W_b; G, R_b),  S += W_bᵀ W_b */
    const pw_quadratic problem = {.rows = to - from,
                                  .k = s->k,
                                  .X = s->model->distributed + (tile->first + from) * s->k,
                                  .ldx = s->k,
                                  .R = s->R + from * s->k,
                                  .ldr = s->k,
                                  .G = s->G,
                                  .inner = s->inner_distributed,
                                  .work = share->work,
                                  .residual = share->residual};
    (update ? s->method->update : pw_quadratic_residual)(&problem);
    pw_gram_add(problem.rows, s->k, problem.X, s->k, share->S);
    if (thread == 0)
        pw_timer_add(&s->team->timer, PW_PHASE_UPDATE, start,
                     3.0 * s->k * s->k * (double)tile->rows, 16.0 * s->k * (double)tile->rows);
}

/* This thread's columns of V: P += V_bᵀ W_b */
static void sum_columns(pw_state *s, const pw_tile *tile, int thread)
{
    const int64_t entries = tile->sparse ? tile->row_pointer[tile->rows] - tile->row_pointer[0]
                                         : tile->rows * tile->cols;
    const double start = pw_seconds();
    pw_products_times_w(&s->products, tile, thread, s->model->distributed + tile->first * s->k);
    if (thread == 0)
        pw_timer_add(&s->team->timer, PW_PHASE_TIMES_W, start, 2.0 * s->k * (double)entries, 0);
}

static void sweep_thread(pw_state *s, int thread, bool update)
{
    const size_t k = (size_t)s->k;
    memset(s->share[thread].S, 0, k * k * sizeof(double));
    memset(s->share[thread].residual, 0, k * sizeof(double));
    for (int64_t b = 0; b < s->source.tiles; b++) {
        const pw_tile tile = pw_source_tile(&s->source, b);
        update_rows(s, &tile, thread, update);
#pragma omp barrier
        sum_columns(s, &tile, thread);
    }
    pw_products_end(&s->products, thread);
}

static void set_wishes(pw_state *s)
{
    const double now = pw_seconds(), limit = s->options->max_seconds;
    s->wishes[PW_WISH_STOP] = pw_signals_stop_wanted();
    if (s->team->rank == 0) { /* one clock decides for all */
        s->wishes[PW_WISH_TIME_UP] = limit > 0 && s->seconds_before + now - s->started >= limit;
        s->wishes[PW_WISH_CHECKPOINT] =
            s->hooks && s->hooks->checkpoint && now - s->checkpointed >= s->hooks->checkpoint_every;
    }
}

/* allreduce [P | S | residual | wishes] */
static void reduce(pw_state *s)
{
    const int64_t k = s->k;
    const double start = pw_seconds();
    for (int t = 0; t < s->team->threads; t++) {
        for (int64_t i = 0; i < k * k; i++)
            s->S[i] += s->share[t].S[i];
        for (int64_t c = 0; c < k; c++)
            s->residual[c] += s->share[t].residual[c];
    }
    set_wishes(s);
    pw_reduce_sum(s->team, s->message, s->message_length);
    pw_timer_add(&s->team->timer, PW_PHASE_REDUCE, start, 0,
                 s->team->size > 1 ? 8.0 * (double)s->message_length : 0);
}

static double seconds_timed(const pw_timer *timer)
{
    return timer->seconds[PW_PHASE_TIMES_H] + timer->seconds[PW_PHASE_UPDATE] +
           timer->seconds[PW_PHASE_TIMES_W];
}

static void sweep_all(pw_state *s, bool update)
{
    pw_timer *timer = &s->team->timer;
    const double start = pw_seconds() - seconds_timed(timer);
    memset(s->message, 0, (size_t)s->message_length * sizeof *s->message);
    pw_products_begin(&s->products, s->model->replicated, s->P);
#pragma omp parallel num_threads(s->team->threads)
    sweep_thread(s, omp_get_thread_num(), update);
    pw_timer_add(timer, PW_PHASE_SWEEP_REST, start + seconds_timed(timer), 0, 0);
}

void pw_sweep(pw_state *s, bool update)
{
    for (int c = 0; c < s->k; c++)
        s->norms[c] = s->S[c * s->k + c];
    sweep_all(s, update);
    reduce(s);
    for (int c = 0; c < s->k; c++) { /* as if ‖w_c‖ = ‖h_c‖ */
        const double own = s->norms[c], other = s->G[c * s->k + c];
        if (own > 0 && other > 0)
            s->gradient += s->residual[c] * sqrt(own / other);
    }
}
