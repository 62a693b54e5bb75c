#include "initialise/anchors.h"

#include "base/memory.h"
#include "dist/collective.h"

#include <inttypes.h>
#include <math.h>

/* Squares of lengths. `left` keeps twelve digits of what it is measured to be as long as it is above DOUBT of it, so
 * items whose lengths differ by less than TIE are equal on any number of ranks, and the first of them is chosen. */
static const double DOUBT = 1e-4;
static const double TIE = 1e-8;
static const double NOTHING = 1e-24; /* of the greatest: what rounding may leave of a combination */

bool pw_anchor_in_doubt(const pw_anchor_search *s, int64_t item)
{
    return s->measured[item] > 0 && s->left[item] < DOUBT * s->measured[item];
}

/* ‖r_i‖² as it counts. */
static double weigh(const pw_anchor_search *s, int64_t item, double left)
{
    return s->scale ? left * s->scale[item] * s->scale[item] : left;
}

void pw_anchor_set(const pw_anchor_search *s, int64_t item, double left)
{
    const bool nothing = weigh(s, item, left) <= NOTHING * s->greatest;
    s->left[item] = s->measured[item] = nothing ? 0 : left;
}

/* ---- entries of V ---- */

double *pw_anchor_row(const pw_anchor_search *s, int thread, int64_t row)
{
    const pw_tile all = pw_matrix_tile(s->V, 0, s->V->count);
    double *values = s->row + thread * s->V->cols;
    pw_piece p;
    for (pw_piece_begin(&all, row, &p); pw_piece_next(&p);)
        for (int64_t e = 0; e < p.count; e++)
            values[pw_piece_column(&p, e)] = p.v[e];
    return values;
}

void pw_anchor_forget(const pw_anchor_search *s, int thread, int64_t row)
{
    const pw_matrix *V = s->V;
    double *values = s->row + thread * V->cols;
    for (int64_t e = V->sparse ? V->row_pointer[row] : 0; V->sparse && e < V->row_pointer[row + 1];
         e++)
        values[V->column[e]] = 0;
}

/* ---- steps ---- */

/* u −= U Uᵀ u */
static void project(pw_anchor_search *s, bool dealt, double *g)
{
    for (int c = 0; c < s->found; c++)
        g[c] = 0;
    for (int64_t i = 0; i < s->length; i++)
        for (int c = 0; c < s->found; c++)
            g[c] += s->U[i * s->k + c] * s->u[i];
    if (dealt)
        pw_reduce_sum(s->team, g, s->found);
    for (int64_t i = 0; i < s->length; i++)
        for (int c = 0; c < s->found; c++)
            s->u[i] -= g[c] * s->U[i * s->k + c];
}

/* Twice is enough. The products of the directions stand where those of the items will. */
void pw_anchor_orthogonalise(pw_anchor_search *s, bool dealt)
{
    double square = 0;
    for (int times = 0; times < 2; times++)
        project(s, dealt, s->sums);
    for (int64_t i = 0; i < s->length; i++)
        square += s->u[i] * s->u[i];
    if (dealt)
        pw_reduce_sum(s->team, &square, 1);
    for (int64_t i = 0; i < s->length; i++)
        s->u[i] /= sqrt(square);
}

/* Collective. The first of the items with the longest residual, -1 where nothing is left of any. */
static int64_t choose(pw_anchor_search *s)
{
    double most = 0;
    int64_t before = -INT64_MAX; /* minus the index: the largest is the first */
    for (int64_t i = 0; i < s->items; i++)
        most = fmax(most, weigh(s, i, s->left[i]));
    pw_reduce_max(s->team, &most, 1);
    if (s->found == 0)
        s->greatest = most;
    if (most <= NOTHING * s->greatest)
        return -1;
    for (int64_t i = 0; i < s->items && before == -INT64_MAX; i++)
        if (weigh(s, i, s->left[i]) >= (1 - TIE) * most)
            before = -(s->first + i);
    pw_reduce_max_int(s->team, &before, 1);
    return -before;
}

/* Collective. All items onto the complement of u. */
static void reduce_items(pw_anchor_search *s, const pw_anchor_kind *kind)
{
    const int k = s->k, c = s->found++;
    for (int64_t i = 0; i < s->length; i++)
        s->U[i * k + c] = s->u[i];
    kind->multiply(s);
    for (int64_t i = 0; i < s->items; i++) {
        s->X[i * k + c] = s->product[i];
        if (s->measured[i] > 0) /* else nothing is left of it */
            s->left[i] -= s->product[i] * s->product[i];
    }
    kind->measure_again(s);
}

/* What their sums make of lengths, and what is measured. */
static void begin(pw_anchor_search *s, const pw_anchor_kind *kind)
{
    kind->measure(s);
    for (int64_t i = 0; i < s->items; i++) {
        s->measured[i] = s->left[i];
        if (s->scale)
            s->scale[i] = s->product[i] > 0 ? 1 / s->product[i] : 0;
    }
}

/* ---- the search ---- */

static pw_code allocate(pw_anchor_search *s, bool scaled)
{
    const int64_t n = s->V->cols;
    const int64_t sums = n > s->k ? n : s->k;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(s->left, s->items));
    PW_TRY(PW_NEW(s->measured, s->items));
    if (scaled)
        PW_TRY(PW_NEW(s->scale, s->items));
    PW_TRY(PW_NEW(s->u, s->length));
    PW_TRY(PW_NEW(s->product, s->items));
    PW_TRY(PW_NEW(s->row, s->team->threads * n));
    PW_TRY(PW_NEW(s->sums, sums));
    if (!s->of_rows)
        PW_TRY(PW_NEW(s->doubtful, s->items));
done:
    return code;
}

static pw_code create(pw_team *team, const pw_matrix *V, bool of_rows, bool scaled, pw_model *model,
                      pw_anchor_search *s)
{
    *s = (pw_anchor_search){.team = team,
                            .V = V,
                            .of_rows = of_rows,
                            .k = model->k,
                            .X = of_rows ? model->distributed : model->replicated,
                            .U = of_rows ? model->replicated : model->distributed,
                            .items = of_rows ? V->count : V->cols,
                            .first = of_rows ? V->first : 0,
                            .length = of_rows ? V->cols : V->count};
    const int64_t numbers = 5 * s->items + s->length + (team->threads + 1) * V->cols;
    pw_code code = PW_OK;
    PW_TRY(
        pw_memory_check(team, numbers * (int64_t)sizeof(double), V->path, "the search of anchors"));
    PW_TRY(pw_agree(team, allocate(s, scaled)));
    code = pw_operator_create(team, V, 1, &s->op);
done:
    return code;
}

static void destroy(pw_anchor_search *s)
{
    pw_operator_destroy(&s->op);
    free(s->left);
    free(s->measured);
    free(s->scale);
    free(s->u);
    free(s->product);
    free(s->row);
    free(s->sums);
    free(s->doubtful);
}

static pw_code too_many(const pw_anchor_search *s)
{
    const char *what = s->of_rows == s->V->transposed ? "columns" : "rows";
    if (s->found == 0)
        return pw_fail(PW_ERROR_INPUT, "%s: has nothing but zeros: there are no anchors.",
                       s->V->path ? s->V->path : "V");
    return pw_fail(PW_ERROR_INPUT,
                   "%s: all its %s are combinations of %d of them: there are no %d anchors. Take "
                   "-k %d or less.",
                   s->V->path ? s->V->path : "V", what, s->found, s->k, s->found);
}

/* Collective. The factor that the anchors are, in the place of U. */
static void put_rows(pw_anchor_search *s, const int64_t *anchor)
{
    const pw_matrix *V = s->V;
    for (int c = 0; c < s->k; c++) {
        const int owner = pw_layout_owner(&V->layout, anchor[c]);
        double *row = s->row;
        if (owner == s->team->rank)
            row = pw_anchor_row(s, 0, anchor[c] - V->first);
        pw_broadcast(s->team, row, V->cols * (int64_t)sizeof *row, owner);
        for (int64_t j = 0; j < V->cols; j++) {
            s->U[j * s->k + c] = row[j];
            row[j] = 0;
        }
    }
}

static void put_columns(pw_anchor_search *s, const int64_t *anchor)
{
    const pw_tile all = pw_matrix_tile(s->V, 0, s->V->count);
    for (int64_t i = 0; i < s->V->count; i++)
        for (int c = 0; c < s->k; c++)
            s->U[i * s->k + c] = pw_row_entry(&all, i, anchor[c]);
}

pw_code pw_anchors_find(pw_team *team, const pw_matrix *V, bool of_rows, bool scaled,
                        pw_model *model, int64_t *anchor)
{
    const pw_anchor_kind *kind = of_rows ? &PW_ANCHOR_ROWS : &PW_ANCHOR_COLUMNS;
    pw_anchor_search s;
    pw_code code = PW_OK;
    PW_TRY(create(team, V, of_rows, scaled, model, &s));
    begin(&s, kind);
    for (int c = 0; c < s.k; c++) {
        anchor[c] = choose(&s);
        if (anchor[c] < 0)
            PW_TRY(too_many(&s));
        kind->take(&s, anchor[c]);
        reduce_items(&s, kind);
    }
    (of_rows ? put_rows : put_columns)(&s, anchor);
done:
    destroy(&s);
    return code;
}
