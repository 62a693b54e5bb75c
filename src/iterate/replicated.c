/* The replicated factor: every rank updates all of it from the same sums, so the copies stay equal. */
#include "iterate/state.h"
#include "linalg/blas.h"

#include <omp.h>
#include <string.h>

void pw_replicated_renew(pw_state *s)
{
    const double start = pw_seconds(), k = s->k;
    const int64_t n = s->V->cols;
    pw_side *side = &s->replicated;
    memset(side->gram, 0, (size_t)s->k * (size_t)s->k * sizeof *side->gram);
    memset(side->sums, 0, (size_t)s->k * sizeof *side->sums);
    pw_gram_add(n, s->k, s->model->replicated, s->k, side->gram);
    for (int64_t j = 0; j < n; j++)
        for (int c = 0; c < s->k; c++)
            side->sums[c] += s->model->replicated[j * s->k + c];
    if (s->approximates) {
        memset(side->spread, 0, (size_t)s->k * (size_t)s->k * sizeof *side->spread);
        pw_correlate_add(n, s->k, s->model->replicated, s->distributed.sums,
                         s->batch->scratch[0].work, side->spread);
    }
    pw_timer_add(&s->team->timer, PW_PHASE_GRAM, start, k * (k + 1) * (double)n, 8 * k * (double)n);
}

static void update_columns(pw_state *s, int thread)
{
    const int64_t from = pw_share(s->V->cols, s->team->threads, thread);
    const int64_t to = pw_share(s->V->cols, s->team->threads, thread + 1);
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

void pw_replicated_update(pw_state *s)
{
    const double start = pw_seconds(), k = s->k;
    pw_side_prepare(s, &s->replicated, &s->distributed);
#pragma omp parallel num_threads(s->team->threads)
    update_columns(s, omp_get_thread_num());
    for (int c = 0; c < s->k; c++) {
        const double own = s->replicated.gram[c * s->k + c], other = s->S[c * s->k + c];
        for (int t = 0; t < s->team->threads; t++)
            s->gradient += pw_balanced(s->share[t].residual[c], own, other);
    }
    pw_timer_add(&s->team->timer, PW_PHASE_REPLICATED, start, 2 * k * k * (double)s->V->cols,
                 24 * k * (double)s->V->cols);
    if (s->updates)
        pw_replicated_renew(s);
}
