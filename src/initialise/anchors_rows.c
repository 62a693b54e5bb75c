/* Anchors that are rows of the swept matrix: each rank keeps the residuals of its own, the chosen one goes to all. */
#include "dist/collective.h"
#include "initialise/anchors.h"

#include <omp.h>
#include <string.h>

static void measure(pw_anchor_search *s)
{
    const pw_tile all = pw_matrix_tile(s->V, 0, s->V->count);
#pragma omp parallel for num_threads(s->team->threads) schedule(static)
    for (int64_t i = 0; i < s->items; i++) {
        double squares = 0, sum = 0;
        pw_piece p;
        for (pw_piece_begin(&all, i, &p); pw_piece_next(&p);)
            for (int64_t e = 0; e < p.count; e++) {
                squares += p.v[e] * p.v[e];
                sum += p.v[e];
            }
        s->left[i] = squares;
        s->product[i] = sum;
    }
}

static void take(pw_anchor_search *s, int64_t item)
{
    const size_t bytes = (size_t)s->length * sizeof *s->u;
    const int owner = pw_layout_owner(&s->V->layout, item);
    if (owner == s->team->rank) {
        memcpy(s->u, pw_anchor_row(s, 0, item - s->first), bytes);
        pw_anchor_forget(s, 0, item - s->first);
        pw_anchor_orthogonalise(s, false);
    }
    pw_broadcast(s->team, s->u, (int64_t)bytes, owner);
}

static void multiply(pw_anchor_search *s)
{
    pw_operator_apply(&s->op, s->u, s->product, NULL);
}

/* ‖v_i − x_i Uᵀ‖² */
static double residual(const pw_anchor_search *s, int64_t item)
{
    const int thread = omp_get_thread_num();
    const double *v = pw_anchor_row(s, thread, item), *x = s->X + item * s->k;
    double squares = 0;
    for (int64_t j = 0; j < s->length; j++) {
        double r = v[j];
        for (int c = 0; c < s->found; c++)
            r -= x[c] * s->U[j * s->k + c];
        squares += r * r;
    }
    pw_anchor_forget(s, thread, item);
    return squares;
}

static void measure_again(pw_anchor_search *s)
{
#pragma omp parallel for num_threads(s->team->threads) schedule(dynamic, 16)
    for (int64_t i = 0; i < s->items; i++)
        if (pw_anchor_in_doubt(s, i))
            pw_anchor_set(s, i, residual(s, i));
}

const pw_anchor_kind PW_ANCHOR_ROWS = {measure, take, multiply, measure_again};
