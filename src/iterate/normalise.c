/* After the last iteration: the columns of one factor get norm 1, and a vector of their norms stands between the
 * factors, V ≈ W diag(scale) H. A component that is zero everywhere has scale 0, one that is given in this factor stays
 * and has scale 1. */
#include "dist/collective.h"
#include "iterate/state.h"

#include <math.h>

typedef struct columns {
    double *X; /* rows × k: this rank's */
    int64_t rows;
    bool distributed; /* each rank has other rows */
    int fixed;        /* components that stay */
} columns;

static double with_entry(pw_norm norm, double so_far, double x)
{
    switch (norm) {
    case PW_NORM_L1:
        return so_far + x;
    case PW_NORM_L2:
        return so_far + x * x;
    default:
        return x > so_far ? x : so_far;
    }
}

/* Collective. Rank 0's norms are everybody's. */
static void find_norms(pw_state *s, columns X, double *norms)
{
    const pw_norm norm = (pw_norm)s->options->normalise;
    for (int c = 0; c < s->k; c++)
        norms[c] = 0;
    for (int64_t i = 0; i < X.rows; i++)
        for (int c = 0; c < s->k; c++)
            norms[c] = with_entry(norm, norms[c], X.X[i * s->k + c]);
    if (X.distributed)
        (norm == PW_NORM_MAX ? pw_reduce_max : pw_reduce_sum)(s->team, norms, s->k);
    for (int c = 0; c < s->k; c++)
        norms[c] = c < X.fixed ? 1 : norm == PW_NORM_L2 ? sqrt(norms[c]) : norms[c];
    pw_broadcast(s->team, norms, s->k * (int64_t)sizeof *norms, 0);
}

void pw_normalise(pw_state *s)
{
    const pw_matrix *V = s->V;
    double *scale = s->model->scale;
    if (!scale)
        return;
    const bool distributed = (s->options->normalise_side == PW_FACTOR_H) == V->transposed;
    const columns X = distributed
                          ? (columns){s->model->distributed, V->count, true, s->distributed.fixed}
                          : (columns){s->model->replicated, V->cols, false, s->replicated.fixed};
    find_norms(s, X, scale);
    for (int64_t i = 0; i < X.rows; i++)
        for (int c = 0; c < s->k; c++)
            X.X[i * s->k + c] = scale[c] > 0 ? X.X[i * s->k + c] / scale[c] : 0;
}
