/* The iteration component by component (CCD++: Yu, Hsieh, Si & Dhillon 2012), over the observed entries of V:
 *
 *     R = V − offset − b 1ᵀ − 1 cᵀ − WH         kept for each of them
 *     offset += mean of R
 *     b, c, then for each component w, h:
 *         x_i ← max(0, (Σ_j (r_ij + x_i y_j) y_j − l1) / (l2_i + Σ_j y_j²)),     R −= Δx yᵀ
 *
 * x being w, then h (for biases y = 1, no l1 and any sign). The sums of the distributed factor are local; those of the
 * replicated one are the sum over ranks of [N | D], 2n numbers a component. A pass over the entries does all that can
 * be done in one: R learns the last update of columns, rows are updated, and the next columns summed up. */
#include "iterate/rank_one.h"

#include "base/memory.h"
#include "base/search.h"
#include "dist/collective.h"

#include <math.h>
#include <omp.h>
#include <string.h>

enum { BLOCK = PW_RANK_ONE_BLOCK };

/* One component of one factor, or the biases on its side (component k), as they are updated. */
typedef struct line {
    double *x; /* of row i: x[i * step] */
    int64_t step;
    const double *weight; /* of l2, by row; NULL: 1 */
    double l1, l2;
    bool is_bias;
} line;

static line line_of(const pw_state *s, bool distributed, int c)
{
    const pw_rank_one *r = s->rank_one;
    const pw_side *side = distributed ? &s->distributed : &s->replicated;
    const pw_rank_one_side *own = distributed ? &r->distributed : &r->replicated;
    const pw_model *m = s->model;
    if (c == s->k)
        return (line){.x = distributed ? m->bias.distributed : m->bias.replicated,
                      .step = 1,
                      .l2 = own->l2_bias,
                      .is_bias = true};
    return (line){.x = (distributed ? m->distributed : m->replicated) + c,
                  .step = s->k,
                  .weight = own->weight,
                  .l1 = side->l1,
                  .l2 = side->l2};
}

/* What the columns of component c are multiplied by in each row. */
static pw_component multipliers(const pw_state *s, int c)
{
    return c == s->k ? (pw_component){.x = NULL}
                     : (pw_component){.x = s->model->distributed + c, .step = s->k};
}

/* X given N and D, `stride` apart, of rows first …; without L2 in D so far. Adds to *residual. */
static void solve(const pw_state *s, const line *l, int64_t first, int64_t rows, double *X,
                  const double *N, double *D, int64_t stride, double *residual)
{
    const pw_problem problem = {.rows = rows,
                                .k = 1,
                                .X = X,
                                .ldx = 1,
                                .l1 = &l->l1,
                                .N = N,
                                .ldn = stride,
                                .D = D,
                                .ldd = stride,
                                .any_sign = l->is_bias,
                                .residual = residual};
    for (int64_t i = 0; i < rows; i++)
        D[i * stride] += l->l2 * (l->weight ? l->weight[first + i] : 1);
    s->method->update(&problem);
}

/* ---- one pass over the entries ---- */

enum { NOTHING = -1 };

/* Components that it is about: NOTHING, 0 … k - 1, or k for the biases. */
typedef struct pass {
    int rows;    /* whose rows are updated, given r->y */
    int columns; /* whose columns are summed up */
    bool update; /* else only the projected gradient is taken */
    bool add_up; /* R, as it then is */
} pass;

static void update_block(pw_state *s, const pass *p, pw_rank_one_share *share, int64_t from,
                         int64_t to)
{
    pw_rank_one *r = s->rank_one;
    const line l = line_of(s, true, p->rows);
    const double *y = l.is_bias ? r->ones : r->y;
    double *N = share->work, *D = N + BLOCK, *X = D + BLOCK, *before = X + BLOCK;
    for (int64_t i = from; i < to; i++)
        before[i - from] = X[i - from] = l.x[i * l.step];
    pw_observed_row_sums(&r->entries, from, to, (pw_component){l.x, l.step}, y, N, D);
    solve(s, &l, from, to - from, X, N, D, 1, &share->residual);
    if (!p->update)
        return;
    for (int64_t i = from; i < to; i++) {
        l.x[i * l.step] = X[i - from];
        before[i - from] = X[i - from] - before[i - from];
    }
    pw_observed_shift_rows(&r->entries, from, to, before, y);
}

/* Rows of a thread: about as many entries each. */
static int64_t first_row(const pw_observed *e, int threads, int thread)
{
    const int64_t wanted = pw_share(e->count, threads, thread);
    return thread == threads ? e->rows : pw_first_not_below(e->row_pointer, e->rows, wanted);
}

static void pass_thread(pw_state *s, const pass *p, int thread)
{
    pw_rank_one *r = s->rank_one;
    pw_rank_one_share *share = &r->share[thread];
    const int64_t end = first_row(&r->entries, s->team->threads, thread + 1);
    share->residual = share->sum = share->squares = 0;
    if (p->columns != NOTHING)
        memset(share->sums, 0, 2 * (size_t)s->V->cols * sizeof *share->sums);
    for (int64_t i = first_row(&r->entries, s->team->threads, thread); i < end; i += BLOCK) {
        const int64_t to = i + BLOCK < end ? i + BLOCK : end;
        if (r->pending)
            pw_observed_shift_columns(&r->entries, i, to, r->pending_x, r->dy);
        if (p->rows != NOTHING)
            update_block(s, p, share, i, to);
        if (p->columns != NOTHING)
            pw_observed_column_sums(&r->entries, i, to, multipliers(s, p->columns), share->sums);
        if (p->add_up)
            pw_observed_add_up(&r->entries, i, to, &share->sum, &share->squares);
    }
}

static void run_pass(pw_state *s, pass p)
{
    pw_rank_one *r = s->rank_one;
    const double start = pw_seconds(), entries = (double)r->entries.count;
#pragma omp parallel num_threads(s->team->threads)
    pass_thread(s, &p, omp_get_thread_num());
    r->pending = false;
    for (int t = 0; t < s->team->threads; t++) {
        if (p.rows != NOTHING)
            r->distributed.squares[p.rows] += r->share[t].residual;
        r->tail[PW_TAIL_SUM] += r->share[t].sum;
        r->tail[PW_TAIL_SQUARES] += r->share[t].squares;
    }
    pw_timer_add(&s->team->timer, PW_PHASE_UPDATE, start, 12 * entries, 20 * entries);
}

/* ---- columns ---- */

static void load_columns(pw_state *s, int c)
{
    const line l = line_of(s, false, c);
    for (int64_t j = 0; j < s->V->cols; j++)
        s->rank_one->y[j] = l.x[j * l.step];
}

/* This thread's share of the columns: Σ over threads and ranks stands in r->sums. */
static void solve_columns(pw_state *s, const line *l, int thread)
{
    pw_rank_one *r = s->rank_one;
    const int64_t from = pw_share(s->V->cols, s->team->threads, thread);
    const int64_t to = pw_share(s->V->cols, s->team->threads, thread + 1);
    r->share[thread].residual = 0;
    for (int64_t j = from; j < to; j++) {
        r->before[j] = r->y[j];
        r->sums[2 * j] += r->y[j] * r->sums[2 * j + 1];
    }
    solve(s, l, from, to - from, r->y + from, r->sums + 2 * from, r->sums + 2 * from + 1, 2,
          &r->share[thread].residual);
}

static void reduce_columns(pw_state *s)
{
    pw_rank_one *r = s->rank_one;
    const double start = pw_seconds();
    const int64_t count = 2 * s->V->cols;
    memcpy(r->sums, r->share[0].sums, (size_t)count * sizeof *r->sums);
    for (int t = 1; t < s->team->threads; t++)
        for (int64_t i = 0; i < count; i++)
            r->sums[i] += r->share[t].sums[i];
    pw_reduce_sum(s->team, r->sums, count);
    pw_timer_add(&s->team->timer, PW_PHASE_REDUCE, start, 0,
                 s->team->size > 1 ? 8.0 * (double)count : 0);
}

/* Component c of the replicated factor, which r->y holds, after a pass has summed up for it. */
static void update_columns(pw_state *s, int c, bool update)
{
    pw_rank_one *r = s->rank_one;
    const line l = line_of(s, false, c);
    reduce_columns(s);
    const double start = pw_seconds();
#pragma omp parallel num_threads(s->team->threads)
    solve_columns(s, &l, omp_get_thread_num());
    for (int t = 0; t < s->team->threads; t++)
        r->replicated.squares[c] += r->share[t].residual;
    for (int64_t j = 0; j < s->V->cols; j++) {
        r->dy[j] = r->y[j] - r->before[j];
        if (update)
            l.x[j * l.step] = r->y[j];
        else
            r->y[j] = r->before[j];
    }
    r->pending = update;
    r->pending_x = multipliers(s, c);
    pw_timer_add(&s->team->timer, PW_PHASE_REPLICATED, start, 8.0 * (double)s->V->cols,
                 56.0 * (double)s->V->cols);
}

/* ---- held-out entries ---- */

static void measure_thread(pw_state *s, const pw_model *model, int thread)
{
    pw_rank_one *r = s->rank_one;
    r->share[thread].held_out = pw_observed_squared_error(
        &r->held_out, model, first_row(&r->held_out, s->team->threads, thread),
        first_row(&r->held_out, s->team->threads, thread + 1));
}

/* For a model with so many components. */
static void measure_held_out(pw_state *s, int components)
{
    pw_model model = *s->model;
    if (components == 0)
        model.k = 0;
#pragma omp parallel num_threads(s->team->threads)
    measure_thread(s, &model, omp_get_thread_num());
    for (int t = 0; t < s->team->threads; t++)
        s->swept[PW_SWEPT_HELD_OUT] += 0.5 * s->rank_one->share[t].held_out;
}

/* ---- a sweep ---- */

/* The mean of R, which the last sweep has summed up. */
static void update_offset(pw_state *s)
{
    pw_rank_one *r = s->rank_one;
    const double mean = r->observed > 0 ? r->tail[PW_TAIL_SUM] / r->observed : 0;
    s->model->bias.offset += mean;
    for (int64_t j = 0; j < s->V->cols; j++)
        r->dy[j] = mean;
    r->pending = true;
    r->pending_x = multipliers(s, s->k);
}

/* Squared lengths, and the penalty on one side; that on the replicated one is the same on every rank. */
static double look_at_side(const pw_state *s, bool distributed, int components)
{
    const pw_rank_one *r = s->rank_one;
    const int64_t rows = distributed ? s->V->count : s->V->cols;
    double *norms = (distributed ? &r->distributed : &r->replicated)->norms, penalty = 0;
    for (int c = 0; c <= s->k; c++) {
        const line l = line_of(s, distributed, c);
        double square = 0, sum = 0, weighted = 0;
        for (int64_t i = 0; i < rows && l.x && (c < components || c == s->k); i++) {
            const double x = l.x[i * l.step];
            square += x * x;
            weighted += (l.weight ? l.weight[i] : 1) * x * x;
            sum += x;
        }
        norms[c] = square;
        penalty += l.l1 * sum + 0.5 * l.l2 * weighted;
    }
    return penalty;
}

/* Squared gradient with both vectors of a component at the same length; a bias stands beside a vector of ones. */
static double gradient_of(const pw_state *s)
{
    const pw_rank_one *r = s->rank_one;
    const pw_rank_one_side *x = &r->distributed, *y = &r->replicated;
    const double m = (double)s->V->rows, n = (double)s->V->cols, sum = r->tail[PW_TAIL_SUM];
    double square = 0;
    for (int c = 0; c < s->k; c++)
        square += pw_balanced(x->squares[c], x->norms[c], y->norms[c]) +
                  pw_balanced(y->squares[c], y->norms[c], x->norms[c]);
    if (!s->model->bias.distributed)
        return square;
    return square + pw_balanced(x->squares[s->k], x->norms[s->k], n) +
           pw_balanced(y->squares[s->k], y->norms[s->k], m) +
           pw_balanced(sum * sum, s->model->bias.offset * s->model->bias.offset, m * n);
}

static void reduce_tail(pw_state *s, int components)
{
    pw_rank_one *r = s->rank_one;
    double start = pw_seconds();
    r->tail[PW_TAIL_PENALTY] = look_at_side(s, true, components);
    r->penalty = look_at_side(s, false, components);
    measure_held_out(s, components);
    double *wishes = s->swept + PW_SWEPT;
    pw_wishes_set(s->batch, wishes);
    start = pw_timer_add(&s->team->timer, PW_PHASE_OBJECTIVE, start, 0, 0);
    pw_reduce_sum(s->team, r->tail, wishes + PW_WISHES - r->tail);
    memcpy(s->batch->wishes, wishes, sizeof s->batch->wishes);
    for (int c = 0; c < s->k; c++) {
        s->S[c * s->k + c] = r->distributed.norms[c];
        s->replicated.gram[c * s->k + c] = r->replicated.norms[c];
    }
    s->gradient = gradient_of(s);
    pw_timer_add(&s->team->timer, PW_PHASE_REDUCE, start, 0, 0);
}

static void clear_figures(pw_state *s)
{
    memset(s->rank_one->tail, 0,
           (size_t)(s->swept + PW_SWEPT + PW_WISHES - s->rank_one->tail) * sizeof(double));
    memset(s->rank_one->replicated.squares, 0,
           ((size_t)s->k + 1) * sizeof *s->rank_one->replicated.squares);
}

void pw_rank_one_sweep(pw_state *s, int components, bool update)
{
    const bool biased = s->model->bias.distributed != NULL, rows_last = s->V->transposed;
    int rows = NOTHING; /* waiting for their update */
    if (biased && update)
        update_offset(s);
    clear_figures(s);
    for (int i = biased ? -1 : 0; i < components; i++) {
        const int c = i < 0 ? s->k : i;
        if (rows_last) { /* the columns of c are those of W */
            run_pass(s, (pass){.rows = rows, .columns = c, .update = update});
            load_columns(s, c);
        } else {
            load_columns(s, c);
            run_pass(s, (pass){.rows = c, .columns = c, .update = update});
        }
        update_columns(s, c, update);
        rows = rows_last ? c : NOTHING;
    }
    run_pass(s, (pass){.rows = rows, .columns = NOTHING, .update = update, .add_up = true});
    reduce_tail(s, components);
}

void pw_rank_one_renew(pw_state *s, int components)
{
    pw_rank_one *r = s->rank_one;
    pw_model model = *s->model;
    if (components == 0)
        model.k = 0;
    const double start = pw_seconds();
    clear_figures(s);
#pragma omp parallel num_threads(s->team->threads)
    pw_observed_subtract_model(&r->entries, &model,
                               first_row(&r->entries, s->team->threads, omp_get_thread_num()),
                               first_row(&r->entries, s->team->threads, omp_get_thread_num() + 1));
    pw_timer_add(&s->team->timer, PW_PHASE_UPDATE, start, 0, 0);
    run_pass(s, (pass){.rows = NOTHING, .columns = NOTHING, .add_up = true});
    reduce_tail(s, components);
}
