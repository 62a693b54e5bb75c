/* The sweep: one pass over the tiles of V updates the distributed factor and sums what the replicated one
 * needs. Every Allreduce of an iteration is the one in here. */
#include "dist/collective.h"
#include "iterate/state.h"
#include "linalg/blas.h"

#include <float.h>
#include <math.h>
#include <omp.h>
#include <string.h>

double pw_balanced(double square, double own, double other)
{
    return own > 0 && other > 0 ? square * sqrt(own / other) : 0;
}

double *pw_part_sums(const pw_state *s, int q, int64_t row, double *sums, int64_t room)
{
    const pw_part *part = &s->products.part[q];
    return sums + room * part->offset + row * part->width;
}

pw_problem pw_problem_of(const pw_state *s, const pw_side *side, const pw_side *other, int64_t from,
                         int64_t to, double *X, double *sums, int64_t room)
{
    pw_problem problem = {.rows = to - from,
                          .k = s->k,
                          .fixed = side->fixed,
                          .X = X + from * s->k,
                          .ldx = s->k,
                          .l1 = side->weight_l1,
                          .l2 = side->weight_l2,
                          .typical = side->typical,
                          .damping = s->symmetric ? 0.5 : 0,
                          .exponent = side->orthogonal && s->rule ? 0.5 : s->loss.exponent,
                          .rounding = s->single ? FLT_EPSILON : DBL_EPSILON,
                          .inner = side->inner};
    if (s->sums == PW_SUMS_GRAM || s->sums == PW_SUMS_IMPUTED) {
        problem.R = pw_part_sums(s, 0, from, sums, room);
        problem.ldr = s->k;
        problem.G = side->G;
    } else {
        const bool one_row = s->products.terms == PW_TERMS_NUMERATOR;
        problem.N = pw_part_sums(s, 0, from, sums, room);
        problem.D = one_row ? other->sums : pw_part_sums(s, 1, from, sums, room);
        problem.ldn = s->k;
        problem.ldd = one_row ? 0 : s->k;
    }
    if (s->sums == PW_SUMS_NEWTON) {
        problem.M = pw_part_sums(s, s->products.parts - 1, from, sums, room);
        problem.ldm = s->products.part[s->products.parts - 1].width;
        problem.C = side->C;
        problem.careful = s->careful;
        problem.least = s->summary->least_positive;
    }
    return problem;
}

static void add_sums(int64_t rows, int k, const double *X, double *sums)
{
    for (int64_t i = 0; i < rows; i++)
        for (int c = 0; c < k; c++)
            sums[c] += X[i * k + c];
}

/* Of one of the two products: WH where the loss needs it, and each matrix A. */
static double flops_per_entry(const pw_state *s)
{
    return 2.0 * (double)(s->products.width + (s->products.terms != PW_TERMS_V ? s->k : 0));
}

/* <R, X> of a symmetric iterate; then R + α X, which holds the update near X. */
static double couple(const pw_state *s, int64_t elements, const double *X, double *R)
{
    double sum = 0;
    for (int64_t i = 0; i < elements; i++) {
        sum += R[i] * X[i];
        R[i] += s->coupling * X[i];
    }
    return sum;
}

/* This thread's rows of a tile: their part of R, their update, their part of S. */
static void update_rows(pw_state *s, const pw_tile *tile, int thread, bool update)
{
    const int64_t from = pw_share(tile->rows, s->team->threads, thread);
    const int64_t to = pw_share(tile->rows, s->team->threads, thread + 1);
    const int64_t entries = tile->sparse ? tile->row_pointer[tile->rows] - tile->row_pointer[0]
                                         : tile->rows * tile->cols;
    const double width = (double)pw_type_size(tile->type) + (tile->sparse ? 4 : 0);
    double *W = s->model->distributed + tile->first * s->k;
    pw_sweep_share *share = &s->share[thread];
    double start = pw_seconds();
    /* R_b = V_b Hᵀ */
    pw_products_times_h(&s->products, tile, thread, from, to, W, s->R, s->source.tile_rows);
    if (thread == 0)
        start = pw_timer_add(&s->team->timer, PW_PHASE_TIMES_H, start,
                             flops_per_entry(s) * (double)entries, width * (double)entries);
    pw_complete(s, &s->replicated, from, to, W, s->R, s->source.tile_rows);
    /* W_b = update(W_b; G, R_b),  S += W_bᵀ W_b */
    pw_problem problem =
        pw_problem_of(s, &s->distributed, &s->replicated, from, to, W, s->R, s->source.tile_rows);
    problem.work = share->work;
    problem.residual = share->residual;
    if (s->symmetric)
        share->coupled += couple(s, problem.rows * s->k, problem.X, s->R + from * s->k);
    (update ? s->method->update : pw_problem_residual)(&problem);
    if (update && s->extrapolates)
        pw_extrapolate_rows(s, problem.rows, problem.X,
                            s->model->momentum.distributed + (problem.X - s->model->distributed));
    pw_gram_add(problem.rows, s->k, problem.X, s->k, share->S);
    add_sums(problem.rows, s->k, problem.X, share->sums);
    if (s->approximates)
        pw_correlate_add(problem.rows, s->k, problem.X, s->replicated.sums, share->work,
                         share->spread);
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
        pw_timer_add(&s->team->timer, PW_PHASE_TIMES_W, start, flops_per_entry(s) * (double)entries,
                     0);
}

static void sweep_thread(pw_state *s, int thread, bool update)
{
    const size_t k = (size_t)s->k;
    memset(s->share[thread].S, 0, k * k * sizeof(double));
    memset(s->share[thread].sums, 0, k * sizeof(double));
    memset(s->share[thread].residual, 0, k * sizeof(double));
    if (s->approximates)
        memset(s->share[thread].spread, 0, k * k * sizeof(double));
    s->share[thread].coupled = 0;
    for (int64_t b = 0; b < s->source.tiles; b++) {
        const pw_tile tile = pw_source_tile(&s->source, b);
        update_rows(s, &tile, thread, update);
#pragma omp barrier
        if (!s->symmetric)
            sum_columns(s, &tile, thread);
    }
    if (!s->symmetric)
        pw_products_end(&s->products, thread);
}

void pw_wishes_set(pw_state *s)
{
    const double now = pw_seconds(), limit = s->options->max_seconds;
    s->wishes[PW_WISH_STOP] = pw_signals_stop_wanted();
    if (s->team->rank == 0) { /* one clock decides for all */
        s->wishes[PW_WISH_TIME_UP] = limit > 0 && s->seconds_before + now - s->started >= limit;
        s->wishes[PW_WISH_CHECKPOINT] =
            s->hooks && s->hooks->checkpoint && now - s->checkpointed >= s->hooks->checkpoint_every;
    }
}

/* allreduce [P | S | sums | spread | residual | swept | wishes] */
static void reduce(pw_state *s)
{
    const int64_t k = s->k;
    const double start = pw_seconds();
    for (int t = 0; t < s->team->threads; t++) {
        for (int64_t i = 0; i < k * k; i++)
            s->S[i] += s->share[t].S[i];
        for (int64_t i = 0; s->approximates && i < k * k; i++)
            s->distributed.spread[i] += s->share[t].spread[i];
        for (int64_t c = 0; c < k; c++) {
            s->distributed.sums[c] += s->share[t].sums[c];
            s->residual[c] += s->share[t].residual[c];
        }
        s->swept[PW_SWEPT_LOSS] += s->symmetric ? s->share[t].coupled : s->products.share[t].loss;
        s->swept[PW_SWEPT_ZEROS] += s->products.share[t].zeros;
        s->swept[PW_SWEPT_HELD_OUT] += s->products.share[t].held_out;
    }
    pw_wishes_set(s);
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
    const pw_measure measure = s->products.terms == PW_TERMS_V ? PW_MEASURE_NOT
                               : s->lags                       ? PW_MEASURE_ROWS
                                                               : PW_MEASURE_COLUMNS;
    memset(s->message, 0, (size_t)s->message_length * sizeof *s->message);
    pw_products_begin(&s->products, s->model->replicated, s->symmetric ? NULL : s->P, measure);
#pragma omp parallel num_threads(s->team->threads)
    sweep_thread(s, omp_get_thread_num(), update);
    pw_timer_add(timer, PW_PHASE_SWEEP_REST, start + seconds_timed(timer), 0, 0);
}

void pw_sweep(pw_state *s, bool update)
{
    s->zeros_before = pw_loss_of_zeros(s);
    for (int c = 0; c < s->k; c++)
        s->norms[c] = s->S[c * s->k + c];
    pw_side_prepare(s, &s->distributed, &s->replicated);
    sweep_all(s, update);
    reduce(s);
    for (int c = 0; c < s->k; c++)
        s->gradient += pw_balanced(s->residual[c], s->norms[c], s->replicated.gram[c * s->k + c]);
}

void pw_distributed_renew(pw_state *s)
{
    const double *X = s->model->distributed;
    pw_side *side = &s->distributed;
    memset(side->gram, 0, (size_t)s->k * (size_t)s->k * sizeof *side->gram);
    memset(side->sums, 0, (size_t)s->k * sizeof *side->sums);
    pw_gram_add(s->V->count, s->k, X, s->k, side->gram);
    add_sums(s->V->count, s->k, X, side->sums);
    pw_reduce_sum(s->team, side->gram, (int64_t)s->k * s->k);
    pw_reduce_sum(s->team, side->sums, s->k);
}
