/* Components whose scale has wandered from one factor to the other. Updates do not care how a component w_c h_c is split
 * between the factors, and where V has little left for it the one may shrink and the other grow without end. Long before
 * that leaves the range of numbers both get about the same length, by a power of two: which is exact, so that WH stays
 * as it is to the last bit. Given components keep their scale, as do all where penalties have a say in it. */
#include "iterate/state.h"

#include <math.h>

static const int FAR = 40; /* binary orders between the squares of the lengths */

/* The power of two that the distributed factor's component is short of. */
double pw_balance_shift(const pw_state *s, int c)
{
    const int diagonal = c * s->k + c;
    const double own = s->S[diagonal], other = s->replicated.gram[diagonal];
    if (!(own > 0 && other > 0) || s->symmetric || s->plan->alone || s->approximates ||
        pw_is_given(s, c) || pw_is_penalised(s))
        return 0;
    const int orders = ilogb(other) - ilogb(own);
    return orders > FAR || orders < -FAR ? orders / 4 : 0;
}

static void scale_column(double *X, int64_t rows, int k, int c, double factor)
{
    for (int64_t i = 0; X && i < rows; i++)
        X[i * k + c] *= factor;
}

/* Row and column of a symmetric matrix. */
static void scale_gram(double *G, int k, int c, double factor)
{
    for (int d = 0; d < k; d++) {
        G[c * k + d] *= factor;
        G[d * k + c] *= factor;
    }
}

static void shift(pw_state *s, int c, int order)
{
    const double up = ldexp(1, order), down = ldexp(1, -order);
    pw_model *model = s->model;
    scale_column(model->distributed, s->V->count, s->k, c, up);
    scale_column(model->momentum.distributed, s->V->count, s->k, c, up);
    scale_column(model->replicated, s->V->cols, s->k, c, down);
    scale_column(model->momentum.replicated, s->V->cols, s->k, c, down);
    scale_gram(s->S, s->k, c, up);
    scale_gram(s->replicated.gram, s->k, c, down);
    s->distributed.sums[c] *= up;
    s->replicated.sums[c] *= down;
}

void pw_balance(pw_state *s)
{
    for (int c = 0; c < s->k; c++) {
        if (s->shift[c] == 0)
            continue;
        shift(s, c, (int)s->shift[c]);
        s->needs_sums = s->V->transposed; /* P is of another scale */
    }
}
