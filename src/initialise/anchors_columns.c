/* Anchors that are columns of the swept matrix: each rank has its part of every one, and the sums over the ranks are the
 * same everywhere. */
#include "dist/collective.h"
#include "initialise/anchors.h"

static void measure(pw_anchor_search *s)
{
    const pw_tile all = pw_matrix_tile(s->V, 0, s->V->count);
    pw_piece p;
    for (int64_t i = 0; i < s->V->count; i++)
        for (pw_piece_begin(&all, i, &p); pw_piece_next(&p);)
            for (int64_t e = 0; e < p.count; e++) {
                s->left[pw_piece_column(&p, e)] += p.v[e] * p.v[e];
                s->product[pw_piece_column(&p, e)] += p.v[e];
            }
    pw_reduce_sum(s->team, s->left, s->items);
    pw_reduce_sum(s->team, s->product, s->items);
}

static void take(pw_anchor_search *s, int64_t item)
{
    const pw_tile all = pw_matrix_tile(s->V, 0, s->V->count);
    for (int64_t i = 0; i < s->length; i++)
        s->u[i] = pw_row_entry(&all, i, item);
    pw_anchor_orthogonalise(s, true);
}

static void multiply(pw_anchor_search *s)
{
    pw_operator_apply_transposed(&s->op, s->u, s->product);
}

/* ‖v_j − U x_j‖² of the items in doubt, this rank's part. */
static void add_residuals(pw_anchor_search *s, int64_t count)
{
    for (int64_t i = 0; i < s->V->count; i++) {
        const double *v = pw_anchor_row(s, 0, i), *u = s->U + i * s->k;
        for (int64_t d = 0; d < count; d++) {
            const double *x = s->X + s->doubtful[d] * s->k;
            double r = v[s->doubtful[d]];
            for (int c = 0; c < s->found; c++)
                r -= u[c] * x[c];
            s->sums[d] += r * r;
        }
        pw_anchor_forget(s, 0, i);
    }
}

static void measure_again(pw_anchor_search *s)
{
    int64_t count = 0;
    for (int64_t j = 0; j < s->items; j++)
        if (pw_anchor_in_doubt(s, j)) {
            s->sums[count] = 0;
            s->doubtful[count++] = j;
        }
    if (count == 0)
        return;
    add_residuals(s, count);
    pw_reduce_sum(s->team, s->sums, count);
    for (int64_t d = 0; d < count; d++)
        pw_anchor_set(s, s->doubtful[d], s->sums[d]);
}

const pw_anchor_kind PW_ANCHOR_COLUMNS = {measure, take, multiply, measure_again};
