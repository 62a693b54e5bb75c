/* Rows of the reference travel to the ranks that have the same items of the model, a block at a time; what is added up are
 * the products of all components with all profiles. Columns are divided by their largest entry first, so that no square
 * leaves the range of a double. */
#include "select/match.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "linalg/assignment.h"
#include "matrix/summary.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { BLOCK_BYTES = 16 << 20 }; /* of rows that a rank sends at a time */

typedef struct sums {
    pw_team *team;
    const pw_matrix *model, *reference;
    const int64_t *place;
    double *model_top, *reference_top;       /* largest entry of each column */
    double *product;                         /* components × references, behind it: */
    double *model_square, *reference_square; /* of the columns; inside `product` */
    double *model_row;
} sums;

static void sums_destroy(sums *s)
{
    free(s->model_top);
    free(s->reference_top);
    free(s->product);
    free(s->model_row);
}

static pw_code sums_create(sums *s)
{
    const int64_t k = s->model->cols, r = s->reference->cols;
    int64_t products;
    pw_code code = PW_OK;
    if (__builtin_mul_overflow(k, r, &products) || products > INT64_MAX - k - r)
        return pw_fail(PW_ERROR_MEMORY, "%s: has too many profiles to compare.",
                       s->reference->path);
    PW_TRY(PW_NEW(s->product, products + k + r));
    s->model_square = s->product + products;
    s->reference_square = s->model_square + k;
    PW_TRY(PW_NEW(s->model_top, k));
    PW_TRY(PW_NEW(s->reference_top, r));
    PW_TRY(PW_NEW(s->model_row, k));
done:
    return code;
}

/* ---- columns ---- */

/* Row i of this rank's part. */
static void widen_row(const pw_matrix *V, int64_t i, double *row)
{
    if (!V->sparse) {
        pw_widen_to_double(V->type, V->values, i * V->cols, V->cols, row);
        return;
    }
    memset(row, 0, (size_t)V->cols * sizeof *row);
    for (int64_t e = V->row_pointer[i]; e < V->row_pointer[i + 1]; e++)
        pw_widen_to_double(V->type, V->values, e, 1, &row[V->column[e]]);
}

static void scale_row(const double *top, int64_t columns, double *row)
{
    for (int64_t j = 0; j < columns; j++)
        if (top[j] > 0)
            row[j] /= top[j];
}

/* Local. `row` has room for one. */
static void find_tops(const pw_matrix *V, double *row, double *top)
{
    for (int64_t i = 0; i < V->count; i++) {
        widen_row(V, i, row);
        for (int64_t j = 0; j < V->cols; j++)
            top[j] = row[j] > top[j] ? row[j] : top[j];
    }
}

/* Collective over team. */
static pw_code check_entries(pw_team *team, const pw_matrix *V)
{
    pw_summary summary;
    const pw_code code = pw_matrix_summarise(team, V, &summary);
    if (code != PW_OK || summary.bad == 0)
        return code;
    return pw_fail(PW_ERROR_INPUT,
                   "%s: the entry at row %" PRId64 ", column %" PRId64
                   " (counted from 0) is %.*g (%" PRId64 " such %s). Components and reference "
                   "profiles must be finite and not negative.",
                   V->path, summary.bad_row, summary.bad_column, V->type == PW_F32 ? 7 : 15,
                   summary.bad_value, summary.bad, summary.bad == 1 ? "entry" : "entries");
}

/* ---- products, a block of rows at a time ---- */

/* What a rank sends and gets. A row is its place in the model, as a double (exact below 2⁵³), and its entries. */
typedef struct block {
    int64_t rows;             /* most of them */
    double *send;             /* rows × (1 + columns of the reference) */
    int64_t *count, *receive; /* rows for / from each rank */
    int64_t *at;              /* where the next row for each rank goes */
} block;

static void block_destroy(block *b)
{
    free(b->send);
    free(b->count);
    free(b->receive);
    free(b->at);
}

static pw_code block_create(const sums *s, block *b)
{
    const int64_t width = s->reference->cols + 1, size = s->team->size;
    const int64_t room = BLOCK_BYTES / (int64_t)sizeof(double) / width;
    pw_code code = PW_OK;
    b->rows = room < 1 ? 1 : room < s->reference->count ? room : s->reference->count;
    PW_TRY(PW_NEW(b->send, b->rows * width));
    PW_TRY(PW_NEW(b->count, size));
    PW_TRY(PW_NEW(b->receive, size));
    PW_TRY(PW_NEW(b->at, size));
done:
    return code;
}

static int owner_of(const sums *s, int64_t i)
{
    return pw_layout_owner(&s->model->layout, s->place[i]);
}

/* Local. This rank's rows first … end - 1 in the order of the ranks that they go to. */
static void pack(const sums *s, int64_t first, int64_t end, block *b)
{
    const int64_t columns = s->reference->cols;
    const int size = s->team->size;
    memset(b->count, 0, (size_t)size * sizeof *b->count);
    for (int64_t i = first; i < end; i++)
        b->count[owner_of(s, i)]++;
    b->at[0] = 0;
    for (int q = 1; q < size; q++)
        b->at[q] = b->at[q - 1] + b->count[q - 1];
    for (int64_t i = first; i < end; i++) {
        double *row = b->send + b->at[owner_of(s, i)]++ * (columns + 1);
        row[0] = (double)s->place[i];
        widen_row(s->reference, i, row + 1);
        scale_row(s->reference_top, columns, row + 1);
    }
}

/* Local. */
static void add_row(sums *s, const double *row)
{
    const int64_t k = s->model->cols, r = s->reference->cols;
    const double *reference = row + 1;
    widen_row(s->model, (int64_t)row[0] - s->model->first, s->model_row);
    scale_row(s->model_top, k, s->model_row);
    for (int64_t j = 0; j < r; j++)
        s->reference_square[j] += reference[j] * reference[j];
    for (int64_t c = 0; c < k; c++) {
        const double x = s->model_row[c];
        double *product = s->product + c * r;
        if (x == 0)
            continue;
        s->model_square[c] += x * x;
        for (int64_t j = 0; j < r; j++)
            product[j] += x * reference[j];
    }
}

static pw_code add_block(sums *s, int64_t first, int64_t end, block *b)
{
    const int64_t width = s->reference->cols + 1;
    double *rows = NULL;
    pack(s, first, end, b);
    const pw_code code = pw_exchange(s->team, b->send, b->count, (size_t)width * sizeof *rows,
                                     (void **)&rows, b->receive);
    if (code != PW_OK)
        return code;
    int64_t came = 0;
    for (int q = 0; q < s->team->size; q++)
        came += b->receive[q];
    for (int64_t i = 0; i < came; i++)
        add_row(s, rows + i * width);
    free(rows);
    return code;
}

static pw_code add_all(sums *s)
{
    const int64_t count = s->reference->count;
    block b = {.rows = 0};
    pw_code code = PW_OK;
    PW_TRY(pw_agree(s->team, block_create(s, &b)));
    int64_t rounds = b.rows > 0 ? (count + b.rows - 1) / b.rows : 0;
    pw_reduce_max_int(s->team, &rounds, 1);
    for (int64_t round = 0; round < rounds; round++) {
        const int64_t first = round * b.rows < count ? round * b.rows : count;
        const int64_t end = first + b.rows < count ? first + b.rows : count;
        PW_TRY(add_block(s, first, end, &b));
    }
    pw_reduce_sum(s->team, s->product, s->reference_square + s->reference->cols - s->product);
done:
    block_destroy(&b);
    return code;
}

/* ---- matching ---- */

static void set_cosines(const sums *s, pw_match *match)
{
    const int64_t r = match->references;
    for (int64_t c = 0; c < match->components; c++)
        for (int64_t j = 0; j < r; j++) {
            const double lengths = sqrt(s->model_square[c]) * sqrt(s->reference_square[j]);
            const double cosine = lengths > 0 ? s->product[c * r + j] / lengths : 0;
            match->cosine[c * r + j] = cosine < 1 ? cosine : 1;
        }
}

/* Local. */
static pw_code choose(const sums *s, pw_match *match)
{
    pw_code code = PW_OK;
    match->components = s->model->cols;
    match->references = s->reference->cols;
    PW_TRY(PW_NEW(match->cosine, match->components * match->references));
    PW_TRY(PW_NEW(match->reference, match->components));
    set_cosines(s, match);
    PW_TRY(pw_assignment(match->components, match->references, match->cosine, match->reference));
done:
    return code;
}

pw_code pw_match_profiles(pw_team *team, const pw_matrix *model, const pw_matrix *reference,
                          const pw_item_pairing *pairing, pw_match *match)
{
    sums s = {.team = team, .model = model, .reference = reference, .place = pairing->place};
    double *row = NULL;
    pw_code code = PW_OK;
    *match = (pw_match){.components = 0};
    PW_TRY(check_entries(team, model));
    PW_TRY(check_entries(team, reference));
    code = sums_create(&s);
    if (code == PW_OK)
        code = PW_NEW(row, reference->cols);
    PW_TRY(pw_agree(team, code));
    find_tops(model, s.model_row, s.model_top);
    find_tops(reference, row, s.reference_top);
    pw_reduce_max(team, s.model_top, model->cols);
    pw_reduce_max(team, s.reference_top, reference->cols);
    PW_TRY(add_all(&s));
    PW_TRY(pw_agree(team, choose(&s, match)));
done:
    free(row);
    sums_destroy(&s);
    if (code != PW_OK)
        pw_match_destroy(match);
    return code;
}

void pw_match_destroy(pw_match *match)
{
    if (match) {
        free(match->cosine);
        free(match->reference);
        *match = (pw_match){.components = 0};
    }
}
