/* Extrapolation (Ang & Gillis 2019): after its update each factor X goes on in the direction it came,
 *
 *     X̂ ← max(0, X + β (X − X before)),
 *
 * and the other factor is updated given X̂. β grows while the objective falls; when it rises both factors go
 * back to what their updates gave, and β shrinks. The objective is that of the factors as they stand, X̂. */
#include "iterate/state.h"

#include <math.h>
#include <string.h>

static const double FIRST = 0.5, GROW = 1.1, GROW_MOST = 1.05, SHRINK = 1 / 1.5;

static int64_t elements_of(const pw_state *s, bool distributed)
{
    return (distributed ? s->V->count : s->V->cols) * s->k;
}

void pw_extrapolate_rows(const pw_state *s, int64_t rows, double *X, double *before)
{
    const double beta = s->model->momentum.beta;
    for (int64_t i = 0; i < rows * s->k; i++) {
        const double x = X[i], further = x + beta * (x - before[i]);
        X[i] = further > 0 ? further : 0;
        before[i] = x;
    }
}

void pw_extrapolate_start(pw_state *s)
{
    pw_momentum *m = &s->model->momentum;
    if (!s->extrapolates || m->beta > 0) /* resumed: all of it stands in the checkpoint */
        return;
    *m = (pw_momentum){
        .distributed = m->distributed, .replicated = m->replicated, .beta = FIRST, .most = 1};
    memcpy(m->distributed, s->model->distributed,
           (size_t)elements_of(s, true) * sizeof *m->distributed);
    memcpy(m->replicated, s->model->replicated,
           (size_t)elements_of(s, false) * sizeof *m->replicated);
}

static void go_back(pw_state *s)
{
    const pw_momentum *m = &s->model->momentum;
    memcpy(s->model->distributed, m->distributed,
           (size_t)elements_of(s, true) * sizeof *m->distributed);
    const int64_t from = s->batch->from * s->k;
    memcpy(s->model->replicated + from, m->replicated + from,
           (size_t)(s->batch->to * s->k - from) * sizeof *m->replicated);
    pw_replicated_share(s);
    pw_replicated_renew(s);
    pw_distributed_renew(s);
    s->needs_sums = s->V->transposed; /* the next update is W's: they must know this H */
}

void pw_extrapolate_adapt(pw_state *s)
{
    pw_momentum *m = &s->model->momentum;
    const pw_history_row *now = pw_known_row(s, 0), *before = pw_known_row(s, 1);
    if (!s->extrapolates || !before)
        return;
    if (now->objective > before->objective) {
        m->most = m->last;
        m->last = m->beta;
        m->beta *= SHRINK;
        go_back(s);
    } else {
        m->last = m->beta;
        m->beta = fmin(m->most, GROW * m->beta);
        m->most = fmin(1, GROW_MOST * m->most);
    }
}
