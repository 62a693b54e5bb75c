/* Which entries of V are observed. A mask is read like V and dealt like V; from then on dense V has a bit for each
 * entry, and sparse V stores exactly the entries that the mask calls observed. */
#include "base/memory.h"
#include "dist/collective.h"
#include "matrix/assemble.h"
#include "read/read.h"

#include <inttypes.h>

/* An entry of the swept matrix that the mask calls observed. */
typedef struct place {
    int64_t row, column;
} place;

typedef struct places {
    int64_t count;
    place *place; /* ascending by row, then column */
} places;

static int64_t rows_of(const pw_matrix *V)
{
    return V->transposed ? V->cols : V->rows;
}

static int64_t columns_of(const pw_matrix *V)
{
    return V->transposed ? V->rows : V->cols;
}

static pw_code check_shape(const pw_matrix *V, const pw_matrix *mask)
{
    if (rows_of(V) == rows_of(mask) && columns_of(V) == columns_of(mask))
        return PW_OK;
    return pw_fail(PW_ERROR_INPUT,
                   "%s: is a mask of %" PRId64 " × %" PRId64 ", but V (%s) has %" PRId64
                   " × %" PRId64 " entries. Give a mask of V's shape.",
                   mask->path, rows_of(mask), columns_of(mask), V->path, rows_of(V), columns_of(V));
}

/* Collective over team. The mask, swept as V is. */
static pw_code read_mask(pw_team *team, const pw_options *options, const pw_matrix *V,
                         pw_matrix *mask)
{
    pw_options its = *options; /* borrows their texts */
    its.input = options->mask;
    its.vocabulary = NULL;
    its.header = its.row_names = PW_PRESENT_AUTO;
    its.distribute = V->transposed ? PW_DISTRIBUTE_COLUMNS : PW_DISTRIBUTE_ROWS;
    const pw_code code = pw_matrix_read(team, &its, mask);
    return code == PW_OK ? check_shape(V, mask) : code;
}

/* ---- places, where the two are not dealt alike ---- */

/* Calls `take` for every entry of the mask's local rows that is not 0. */
static void visit(const pw_matrix *mask, void (*take)(void *context, place p), void *context)
{
    enum { PIECE = 1024 };
    double x[PIECE];
    for (int64_t r = 0; r < mask->count; r++) {
        const int64_t begin = mask->sparse ? mask->row_pointer[r] : r * mask->cols;
        const int64_t end = mask->sparse ? mask->row_pointer[r + 1] : begin + mask->cols;
        for (int64_t at = begin; at < end; at += PIECE) {
            const int64_t count = end - at < PIECE ? end - at : PIECE;
            pw_widen_to_double(mask->type, mask->values, at, count, x);
            for (int64_t i = 0; i < count; i++)
                if (x[i] != 0)
                    take(context,
                         (place){mask->first + r,
                                 mask->sparse ? (int64_t)mask->column[at + i] : at + i - begin});
        }
    }
}

/* Places on their way to the owners of V's rows. */
typedef struct sending {
    const pw_layout *layout;
    int64_t *count; /* ranks */
    places all;
} sending;

static void count_place(void *context, place p)
{
    sending *s = context;
    s->count[pw_layout_owner(s->layout, p.row)]++;
}

static void add_place(void *context, place p)
{
    places *all = &((sending *)context)->all;
    all->place[all->count++] = p;
}

/* Collective over team. The observed places in this rank's rows of V. */
static pw_code places_of(pw_team *team, const pw_matrix *V, const pw_matrix *mask, places *mine)
{
    sending s = {.layout = &V->layout};
    int64_t *received = NULL, total = 0;
    pw_code code = PW_NEW(s.count, team->size);
    if (code == PW_OK)
        code = PW_NEW(received, team->size);
    if (code == PW_OK)
        visit(mask, count_place, &s);
    for (int r = 0; code == PW_OK && r < team->size; r++)
        total += s.count[r];
    PW_TRY(pw_agree(team, code));
    PW_TRY(pw_memory_check(team, 2 * total * (int64_t)sizeof(place), mask->path, "the mask"));
    PW_TRY(pw_agree(team, PW_NEW(s.all.place, total)));
    visit(mask, add_place, &s);
    PW_TRY(pw_exchange(team, s.all.place, s.count, sizeof(place), (void **)&mine->place, received));
    for (int r = 0; r < team->size; r++)
        mine->count += received[r];
done:
    free(s.all.place);
    free(s.count);
    free(received);
    return code;
}

/* ---- dense V: a bit for each entry ---- */

static void set_bit(void *context, place p)
{
    pw_matrix *V = context;
    const int64_t entry = (p.row - V->first) * V->cols + p.column;
    V->observed[entry >> 3] |= (uint8_t)(1 << (entry & 7));
}

static pw_code mask_dense(pw_team *team, const pw_matrix *mask, pw_matrix *V)
{
    const int64_t bytes = (V->count * V->cols + 7) / 8;
    places mine = {.count = 0};
    pw_code code = PW_OK;
    PW_TRY(pw_memory_check(team, bytes, mask->path, "the mask"));
    PW_TRY(pw_agree(team, PW_NEW(V->observed, bytes)));
    if (!mask->sparse) { /* dealt alike */
        visit(mask, set_bit, V);
        goto done;
    }
    PW_TRY(places_of(team, V, mask, &mine));
    for (int64_t i = 0; i < mine.count; i++)
        set_bit(V, mine.place[i]);
done:
    free(mine.place);
    return code;
}

/* ---- sparse V: stores what is observed ---- */

/* Local. V's entries at the places, 0 where it stores nothing. */
static pw_code pick(const pw_matrix *V, const places *mine, pw_entries *entries)
{
    pw_code code = PW_OK;
    int64_t row = -1, at = 0, end = 0;
    for (int64_t i = 0; i < mine->count; i++) {
        const place *p = &mine->place[i];
        double value = 0;
        if (p->row != row) {
            row = p->row;
            at = V->row_pointer[row - V->first];
            end = V->row_pointer[row - V->first + 1];
        }
        while (at < end && V->column[at] < p->column)
            at++;
        if (at < end && V->column[at] == p->column)
            pw_widen_to_double(V->type, V->values, at, 1, &value);
        PW_TRY(pw_entries_add(entries, V->transposed ? p->column : p->row,
                              V->transposed ? p->row : p->column, value));
    }
done:
    return code;
}

static void forget_entries(pw_matrix *V)
{
    pw_layout_destroy(&V->layout);
    free(V->values);
    free(V->row_pointer);
    free(V->column);
    V->values = NULL;
    V->row_pointer = NULL;
    V->column = NULL;
}

static pw_code mask_sparse(pw_team *team, const pw_matrix *mask, pw_matrix *V)
{
    const pw_type type = V->type == PW_ONE ? PW_TYPE_NARROWEST : V->type;
    places mine = {.count = 0};
    pw_entries entries = {.count = 0};
    pw_code code = PW_OK;
    PW_TRY(places_of(team, V, mask, &mine));
    PW_TRY(pw_agree(team, pick(V, &mine, &entries)));
    forget_entries(V);
    code =
        pw_matrix_from_entries(team, &entries, rows_of(V), columns_of(V), V->transposed, type, V);
done:
    free(mine.place);
    pw_entries_destroy(&entries);
    return code;
}

pw_code pw_matrix_observe(pw_team *team, const pw_options *options, pw_matrix *V)
{
    pw_matrix mask = {.rows = 0};
    pw_code code = PW_OK;
    if (options->mask) {
        PW_TRY(read_mask(team, options, V, &mask));
        PW_TRY((V->sparse ? mask_sparse : mask_dense)(team, &mask, V));
        V->masked = true;
    }
    code = pw_matrix_set_missing(options, V);
done:
    pw_matrix_destroy(&mask);
    return code;
}
