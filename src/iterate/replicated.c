/* The replicated factor: every rank updates all of it from the same sums, so the copies stay equal. */
#include "iterate/state.h"
#include "linalg/blas.h"

#include <math.h>
#include <omp.h>
#include <string.h>

void pw_update_gram(pw_state *s)
{
    const double start = pw_seconds(), k = s->k;
    memset(s->G, 0, (size_t)s->k * (size_t)s->k * sizeof *s->G);
    pw_gram_add(s->V->cols, s->k, s->model->replicated, s->k, s->G);
    pw_timer_add(&s->team->timer, PW_PHASE_GRAM, start, k * k * (double)s->V->cols,
                 8 * k * (double)s->V->cols);
}

static void update_columns(pw_state *s, int thread, bool update)
{
    const int64_t from = pw_share(s->V->cols, s->team->threads, thread);
    const int64_t to = pw_share(s->V->cols, s->team->threads, thread + 1);
    pw_sweep_share *share = &s->share[thread];
    memset(share->residual, 0, (size_t)s->k * sizeof(double));
    const pw_quadratic problem = {.rows = to - from,
                                  .k = s->k,
                                  .X = s->model->replicated + from * s->k,
                                  .ldx = s->k,
                                  .R = s->P + from * s->k,
                                  .ldr = s->k,
                                  .G = s->S,
                                  .inner = s->inner_replicated,
                                  .work = share->work,
                                  .residual = share->residual};
    (update ? s->method->update : pw_quadratic_residual)(&problem);
}

void pw_replicated_update(pw_state *s, bool update)
{
    const double start = pw_seconds(), k = s->k;
#pragma omp parallel num_threads(s->team->threads)
    update_columns(s, omp_get_thread_num(), update);
    for (int c = 0; c < s->k; c++) { /* as if ‖w_c‖ = ‖h_c‖ */
        const double own = s->G[c * s->k + c], other = s->S[c * s->k + c];
        for (int t = 0; t < s->team->threads; t++)
            if (own > 0 && other > 0)
                s->gradient += s->share[t].residual[c] * sqrt(own / other);
    }
    pw_timer_add(&s->team->timer, PW_PHASE_REPLICATED, start, 2 * k * k * (double)s->V->cols,
                 24 * k * (double)s->V->cols);
    if (update)
        pw_update_gram(s);
}
