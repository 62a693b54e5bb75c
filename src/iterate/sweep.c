/* The sweep: one pass over the tiles of V updates the distributed factor and sums what the replicated one
 * needs. The large reduction of an iteration is the one in here. */
#include "dist/collective.h"
#include "iterate/state.h"
#include "linalg/gram.h"
#include "matrix/share.h"

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

static int64_t entries_of(const pw_tile *tile)
{
    return tile->sparse ? tile->row_pointer[tile->rows] - tile->row_pointer[0]
                        : tile->rows * tile->cols;
}

/* Of one of the two products: WH where the loss needs it, and each matrix A. */
static double flops_of(const pw_products *products, const pw_tile *tile)
{
    const int64_t wh = products->terms != PW_TERMS_V ? products->K : 0;
    return 2.0 * (double)(products->width + wh) * (double)entries_of(tile);
}

/* R_b = V_b Hᵀ */
static void times_h(pw_batch *batch, pw_products *products, const pw_tile *tile, int thread,
                    int64_t from, int64_t to, const double *W)
{
    const double start = pw_seconds();
    const double entry_bytes = (double)(pw_type_size(tile->type) + (tile->sparse ? 4 : 0));
    pw_products_times_h(products, tile, thread, from, to, W, batch->scratch[thread].R);
    if (thread == 0)
        pw_timer_add(&batch->team->timer, PW_PHASE_TIMES_H, start, flops_of(products, tile),
                     entry_bytes * (double)entries_of(tile));
}

/* <R, X> of a symmetric iterate; then R + α X, which holds the update near X. */
static double couple(const pw_state *s, int64_t rows, const double *X, double *R, int64_t ldr)
{
    double sum = 0;
    for (int64_t i = 0; i < rows; i++)
        for (int c = 0; c < s->k; c++) {
            sum += R[i * ldr + c] * X[i * s->k + c];
            R[i * ldr + c] += s->coupling * X[i * s->k + c];
        }
    return sum;
}

/* How to update rows `from` … `to` - 1 of the tile, whose R this thread has: of all members, or computed here. */
static pw_problem find_problem(pw_state *s, const pw_tile *tile, int thread, int64_t from,
                               int64_t to)
{
    pw_batch *batch = s->batch;
    double *W = s->model->distributed + (tile->first + from) * s->k;
    double *R = batch->scratch[thread].R + s->offset;
    const int64_t rows = to - from;
    if (!batch->joint.is_used) {
        times_h(batch, &s->products, tile, thread, from, to, W);
        pw_complete(s, &s->replicated, 0, rows, W, R, rows);
    }
    pw_problem problem = pw_problem_of(s, &s->distributed, &s->replicated, 0, rows, W, R, rows);
    if (batch->joint.is_used)
        problem.ldr = batch->joint.K;
    return problem;
}

/* W_b = update(W_b; G, R_b),  S += W_bᵀ W_b */
static void update_member(pw_state *s, const pw_tile *tile, int thread, int64_t from, int64_t to)
{
    pw_sweep_share *share = &s->share[thread];
    double *work = s->batch->scratch[thread].work;
    pw_problem problem = find_problem(s, tile, thread, from, to);
    const double start = pw_seconds();
    problem.work = work;
    problem.residual = share->residual;
    if (s->symmetric)
        share->coupled += couple(s, problem.rows, problem.X, (double *)problem.R, problem.ldr);
    (s->updates ? s->method->update : pw_problem_residual)(&problem);
    if (s->updates && s->extrapolates)
        pw_extrapolate_rows(s, problem.rows, problem.X,
                            s->model->momentum.distributed + (problem.X - s->model->distributed));
    pw_gram_add(problem.rows, s->k, problem.X, s->k, share->S);
    add_sums(problem.rows, s->k, problem.X, share->sums);
    if (!s->symmetric && !s->batch->joint.is_used)
        pw_products_take_w(&s->products, tile, from, to, problem.X);
    if (s->approximates)
        pw_correlate_add(problem.rows, s->k, problem.X, s->replicated.sums, work, share->spread);
    if (thread == 0)
        pw_timer_add(&s->team->timer, PW_PHASE_UPDATE, start,
                     3.0 * s->k * s->k * (double)tile->rows, 16.0 * s->k * (double)tile->rows);
}

/* This thread's rows of a tile: their part of R, their update, their part of S. */
static void update_rows(pw_batch *batch, int64_t b, const pw_tile *tile, int thread)
{
    const int threads = batch->team->threads;
    int64_t from, to;
    pw_tile_share(tile, batch->row_cost, threads, thread, &from, &to);
    if (batch->joint.is_used)
        times_h(batch, &batch->joint.products, tile, thread, from, to, NULL);
    for (int i = 0; i < batch->members; i++)
        update_member(batch->member[i], tile, thread, from, to);
    if (batch->joint.is_used)
        pw_joint_take_w(batch, b, tile, from, to);
    if (!batch->options->symmetric)
        pw_workspace_take(&batch->workspace, tile, from, to);
}

static double sum_member(pw_state *s, const pw_tile *tile, int thread)
{
    pw_products_times_w(&s->products, tile, thread, s->model->distributed + tile->first * s->k);
    return flops_of(&s->products, tile);
}

/* This thread's columns of V: P += V_bᵀ W_b */
static void sum_columns(pw_batch *batch, int64_t b, const pw_tile *tile, int thread)
{
    const double start = pw_seconds();
    double flops = 0;
    if (batch->joint.is_used) {
        pw_joint_times_w(batch, b, tile, thread);
        flops = flops_of(&batch->joint.products, tile);
    }
    for (int i = 0; i < batch->members && !batch->joint.is_used; i++)
        flops += sum_member(batch->member[i], tile, thread);
    if (thread == 0)
        pw_timer_add(&batch->team->timer, PW_PHASE_TIMES_W, start, flops, 0);
}

/* The end of the members from `first` on that are fitted to the same resample. */
static int end_of_resample(const pw_batch *batch, int first)
{
    int end = first + 1;
    while (end < batch->members && batch->member[end]->data == batch->member[first]->data)
        end++;
    return end;
}

/* Both products of the members in turn, with a tile of their own, which is drawn once for all that share it. */
static void sweep_resamples(pw_batch *batch, const pw_tile *tile, int thread, int *turn)
{
    const int threads = batch->team->threads;
    int64_t from, to;
    pw_tile_share(tile, batch->row_cost, threads, thread, &from, &to);
    pw_workspace_take(&batch->workspace, tile, from, to);
    for (int first = 0, end; first < batch->members; first = end) {
        double *values = batch->drawn + ((*turn)++ & 1) * batch->drawn_room;
        const pw_tile resample = pw_tile_resampled(tile, batch->member[first]->V);
        const pw_tile own = pw_tile_of_values(tile, values);
        end = end_of_resample(batch, first);
        pw_tile_copy(&resample, from, to, values);
        for (int i = first; i < end; i++)
            update_member(batch->member[i], &own, thread, from, to);
#pragma omp barrier
        const double start = pw_seconds();
        double flops = 0;
        for (int i = first; i < end; i++)
            flops += sum_member(batch->member[i], &own, thread);
        if (thread == 0)
            pw_timer_add(&batch->team->timer, PW_PHASE_TIMES_W, start, flops, 0);
    }
}

/* Completes P. */
static void end_sums(pw_batch *batch, int thread)
{
    if (batch->joint.is_used)
        pw_joint_end(batch, thread);
    for (int i = 0; i < batch->members && !batch->joint.is_used; i++)
        pw_products_end(&batch->member[i]->products, thread);
}

static void clear_share(pw_state *s, int thread)
{
    const size_t k = (size_t)s->k;
    pw_sweep_share *share = &s->share[thread];
    memset(share->S, 0, k * k * sizeof(double));
    memset(share->sums, 0, k * sizeof(double));
    memset(share->residual, 0, k * sizeof(double));
    if (s->approximates)
        memset(share->spread, 0, k * k * sizeof(double));
    share->coupled = 0;
}

void pw_squares_add(const pw_state *s, int threads, int thread, double *gram, double *spread)
{
    const int64_t squares = (int64_t)s->k * s->k;
    const int64_t from = pw_share(squares, threads, thread);
    const int64_t to = pw_share(squares, threads, thread + 1);
    for (int t = 0; t < threads; t++) {
        for (int64_t i = from; i < to; i++)
            gram[i] += s->share[t].S[i];
        for (int64_t i = from; s->approximates && i < to; i++)
            spread[i] += s->share[t].spread[i];
    }
}

static pw_tile take_tile(pw_batch *batch, int64_t b, int thread)
{
    const double start = pw_seconds();
    const pw_tile tile = pw_source_tile(&batch->source, b);
    if (thread == 0 && batch->V->feed)
        pw_timer_add(&batch->team->timer, PW_PHASE_WAIT, start, 0, 0);
    return tile;
}

static void sweep_thread(pw_batch *batch, int thread)
{
    const bool sums = !batch->options->symmetric;
    int turn = 0; /* of two rooms for resampled tiles */
    for (int i = 0; i < batch->members; i++)
        clear_share(batch->member[i], thread);
    for (int64_t b = 0; b < batch->source.tiles; b++) {
        const pw_tile tile = take_tile(batch, b, thread);
        if (batch->perturb != PW_PERTURB_NOT) {
            sweep_resamples(batch, &tile, thread, &turn);
            continue;
        }
        update_rows(batch, b, &tile, thread);
#pragma omp barrier
        if (sums)
            sum_columns(batch, b, &tile, thread);
    }
    if (sums)
        end_sums(batch, thread);
#pragma omp barrier
    for (int i = 0; i < batch->members; i++) {
        pw_state *s = batch->member[i];
        pw_squares_add(s, s->team->threads, thread, s->S, s->distributed.spread);
    }
}

/* What else the threads have summed up for one member. */
static void add_up(pw_state *s)
{
    for (int t = 0; t < s->team->threads; t++) {
        for (int c = 0; c < s->k; c++) {
            s->distributed.sums[c] += s->share[t].sums[c];
            s->residual[c] += s->share[t].residual[c];
        }
        s->swept[PW_SWEPT_LOSS] += s->share[t].coupled;
        if (s->batch->joint.is_used)
            continue; /* nothing is measured with V itself */
        s->swept[PW_SWEPT_LOSS] += s->products.share[t].loss;
        s->swept[PW_SWEPT_ZEROS] += s->products.share[t].zeros;
        s->swept[PW_SWEPT_HELD_OUT] += s->products.share[t].held_out;
    }
}

/* Each rank gets P of its own columns. */
static void reduce_to_shards(pw_batch *batch, pw_state *s)
{
    for (int q = 0; s->P_length > 0 && q < s->products.parts; q++)
        pw_shards_reduce(&batch->shards, s->products.part[q].width,
                         pw_part_sums(s, q, 0, s->P, s->V->cols));
}

/* allreduce of the message of all members and the wishes; or only of what follows P */
static void reduce(pw_batch *batch)
{
    const double start = pw_seconds();
    double *wishes = batch->message + batch->message_length - PW_WISHES;
    for (int i = 0; i < batch->members; i++)
        add_up(batch->member[i]);
    pw_wishes_set(batch, wishes);
    for (int i = 0; batch->sharded && i < batch->members; i++)
        reduce_to_shards(batch, batch->member[i]);
    const int64_t done = batch->sharded ? batch->P_length : 0;
    pw_reduce_sum(batch->team, batch->message + done, batch->message_length - done);
    memcpy(batch->wishes, wishes, sizeof batch->wishes);
    pw_timer_add(&batch->team->timer, PW_PHASE_REDUCE, start, 0,
                 batch->team->size > 1 ? 8.0 * (double)batch->message_length : 0);
}

static double seconds_timed(const pw_timer *timer)
{
    return timer->seconds[PW_PHASE_WAIT] + timer->seconds[PW_PHASE_TIMES_H] +
           timer->seconds[PW_PHASE_UPDATE] + timer->seconds[PW_PHASE_TIMES_W];
}

static void begin_member(pw_state *s)
{
    const pw_measure measure = s->products.terms == PW_TERMS_V ? PW_MEASURE_NOT
                               : s->lags                       ? PW_MEASURE_ROWS
                                                               : PW_MEASURE_COLUMNS;
    s->zeros_before = pw_loss_of_zeros(s);
    for (int c = 0; c < s->k; c++)
        s->norms[c] = s->S[c * s->k + c];
    pw_side_prepare(s, &s->distributed, &s->replicated);
    if (!s->batch->joint.is_used)
        pw_products_begin(&s->products, s->model->replicated, s->symmetric ? NULL : s->P, measure);
}

void pw_sweep(pw_batch *batch)
{
    pw_timer *timer = &batch->team->timer;
    const double start = pw_seconds() - seconds_timed(timer);
    for (int i = 0; i < batch->members; i++)
        begin_member(batch->member[i]);
    if (batch->joint.is_used)
        pw_joint_begin(batch);
    memset(batch->message + batch->P_length, 0,
           (size_t)(batch->message_length - batch->P_length) * sizeof *batch->message);
    pw_source_begin(&batch->source, batch->team->threads);
#pragma omp parallel num_threads(batch->team->threads)
    sweep_thread(batch, omp_get_thread_num());
    pw_timer_add(timer, PW_PHASE_SWEEP_REST, start + seconds_timed(timer), 0, 0);
    reduce(batch);
    for (int i = 0; i < batch->members; i++) {
        pw_state *s = batch->member[i];
        for (int c = 0; c < s->k; c++)
            s->gradient +=
                pw_balanced(s->residual[c], s->norms[c], s->replicated.gram[c * s->k + c]);
    }
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
