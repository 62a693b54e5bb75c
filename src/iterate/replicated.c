/* The replicated factor. Either every rank updates all of it from the same sums, so that the copies stay equal; or each
 * updates its shard of the rows, what is known of it is summed up over the shards, and all gather the rows. */
#include "dist/collective.h"
#include "iterate/state.h"
#include "linalg/gram.h"

#include <omp.h>
#include <string.h>

/* Threads that sum up. Copies stay equal only where all ranks add in the same order, and they may differ in threads. */
static int threads_of(const pw_state *s)
{
    return s->batch->sharded || s->team->size == 1 ? s->team->threads : 1;
}

/* Rows of this rank that belong to one of `threads`. */
static int64_t first_row(const pw_batch *batch, int threads, int thread)
{
    return batch->from + pw_share(batch->to - batch->from, threads, thread);
}

/* ---- what is known of it ---- */

static void sum_rows(pw_state *s, int threads, int thread)
{
    const int64_t from = first_row(s->batch, threads, thread);
    const int64_t rows = first_row(s->batch, threads, thread + 1) - from;
    const int k = s->k;
    const double *X = s->model->replicated + from * k;
    pw_sweep_share *share = &s->share[thread];
    memset(share->S, 0, (size_t)k * (size_t)k * sizeof *share->S);
    memset(share->sums, 0, (size_t)k * sizeof *share->sums);
    pw_gram_add(rows, k, X, k, share->S);
    for (int64_t j = 0; j < rows; j++)
        for (int c = 0; c < k; c++)
            share->sums[c] += X[j * k + c];
    if (s->approximates) {
        memset(share->spread, 0, (size_t)k * (size_t)k * sizeof *share->spread);
        pw_correlate_add(rows, k, X, s->distributed.sums, s->batch->scratch[thread].work,
                         share->spread);
    }
}

static void add(int64_t count, const double *more, double *sum)
{
    for (int64_t i = 0; i < count; i++)
        sum[i] += more[i];
}

/* Of this rank's rows. */
static void sum_own(pw_state *s)
{
    const int threads = threads_of(s);
    const int64_t k = s->k;
    const double start = pw_seconds(), rows = (double)(s->batch->to - s->batch->from);
    pw_side *side = &s->replicated;
    memset(side->gram, 0, (size_t)(s->shard_residual - side->gram) * sizeof *side->gram);
#pragma omp parallel num_threads(threads)
    {
        const int thread = omp_get_thread_num();
        sum_rows(s, threads, thread);
#pragma omp barrier
        pw_squares_add(s, threads, thread, side->gram, side->spread);
    }
    for (int t = 0; t < threads; t++)
        add(k, s->share[t].sums, side->sums);
    pw_timer_add(&s->team->timer, PW_PHASE_GRAM, start, (double)(k * (k + 1)) * rows,
                 8 * (double)k * rows);
}

static void measure_own(pw_state *s)
{
    const double start = pw_seconds();
    const int64_t from = s->batch->from * s->k, rows = s->batch->to - s->batch->from;
    if (s->products.terms != PW_TERMS_V || s->symmetric)
        return;
    *s->product = pw_inner_product(rows, s->k, s->P + from, s->model->replicated + from);
    pw_timer_add(&s->team->timer, PW_PHASE_OBJECTIVE, start, 2.0 * s->k * (double)rows,
                 16.0 * s->k * (double)rows);
}

/* Sums over rows become those over all of them. */
static void reduce(pw_state *s, double *from, const double *to)
{
    const double start = pw_seconds();
    if (!s->batch->sharded)
        return;
    pw_reduce_sum(s->team, from, to - from);
    pw_timer_add(&s->team->timer, PW_PHASE_REDUCE, start, 0, 8.0 * (double)(to - from));
}

void pw_replicated_renew(pw_state *s)
{
    sum_own(s);
    reduce(s, s->shard_sums, s->shard_residual);
}

void pw_replicated_measure(pw_state *s)
{
    measure_own(s);
    reduce(s, s->product, s->product + 1);
}

void pw_replicated_share(pw_state *s)
{
    const double start = pw_seconds();
    if (!s->batch->sharded)
        return;
    pw_shards_gather(&s->batch->shards, s->k, s->model->replicated);
    pw_timer_add(&s->team->timer, PW_PHASE_REDUCE, start, 0, 8.0 * s->k * (double)s->V->cols);
}

/* ---- its update ---- */

static void update_rows(pw_state *s, int thread)
{
    const int64_t from = first_row(s->batch, s->team->threads, thread);
    const int64_t to = first_row(s->batch, s->team->threads, thread + 1);
    pw_sweep_share *share = &s->share[thread];
    memset(share->residual, 0, (size_t)s->k * sizeof(double));
    pw_complete(s, &s->distributed, from, to, s->model->replicated, s->P, s->V->cols);
    pw_problem problem = pw_problem_of(s, &s->replicated, &s->distributed, from, to,
                                       s->model->replicated, s->P, s->V->cols);
    problem.work = s->batch->scratch[thread].work;
    problem.residual = share->residual;
    (s->updates ? s->method->update : pw_problem_residual)(&problem);
    if (s->updates && s->extrapolates)
        pw_extrapolate_rows(s, problem.rows, problem.X,
                            s->model->momentum.replicated + from * s->k);
}

static void update_own(pw_state *s)
{
    const double start = pw_seconds(), k = s->k, rows = (double)(s->batch->to - s->batch->from);
#pragma omp parallel num_threads(s->team->threads)
    update_rows(s, omp_get_thread_num());
    memset(s->shard_residual, 0, (size_t)s->k * sizeof *s->shard_residual);
    for (int t = 0; t < s->team->threads; t++)
        add(s->k, s->share[t].residual, s->shard_residual);
    pw_timer_add(&s->team->timer, PW_PHASE_REPLICATED, start, 2 * k * k * rows, 24 * k * rows);
}

void pw_replicated_update(pw_state *s)
{
    pw_side_prepare(s, &s->replicated, &s->distributed);
    for (int c = 0; c < s->k; c++)
        s->norms[c] = s->replicated.gram[c * s->k + c];
    update_own(s);
    if (s->updates)
        sum_own(s);
    measure_own(s);
    reduce(s, s->updates ? s->shard_sums : s->shard_residual, s->product + 1);
    for (int c = 0; c < s->k; c++)
        s->gradient += pw_balanced(s->shard_residual[c], s->norms[c], s->S[c * s->k + c]);
    if (s->updates)
        pw_replicated_share(s);
}
