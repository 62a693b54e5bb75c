/* Sparse V from entries in any order: choose the layout, send each entry to the owner of its row,
 * sort the rows, add up duplicates, narrow the type. */
#include "matrix/assemble.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "matrix/range.h"

#include <inttypes.h>
#include <string.h>

enum { MOST_BUCKETS = 1 << 20, NARROWED_AT_ONCE = 1024 };

typedef struct pw_entry entry;

/* An entry within its row. */
typedef struct cell {
    uint32_t column;
    double value;
} cell;

pw_code pw_entries_add(pw_entries *entries, int64_t row, int64_t column, double value)
{
    if (entries->count == entries->capacity) {
        const pw_code code = PW_GROW(entries->entry, &entries->capacity,
                                     entries->count < 512 ? 1024 : 2 * entries->count);
        if (code != PW_OK)
            return code;
    }
    entries->entry[entries->count++] = (entry){row, column, value};
    return PW_OK;
}

void pw_entries_destroy(pw_entries *entries)
{
    if (entries) {
        free(entries->entry);
        *entries = (pw_entries){.count = 0};
    }
}

/* Collective over team. Contiguous rows for each rank with about equal numbers of entries. */
static pw_code layout_by_entries(pw_team *team, const pw_entries *entries, int64_t rows,
                                 pw_layout *layout)
{
    pw_code code = PW_OK;
    const int64_t buckets = rows < 1 ? 1 : rows < MOST_BUCKETS ? rows : MOST_BUCKETS;
    int64_t *before = NULL; /* entries in lower buckets */
    PW_TRY(pw_agree(team, PW_NEW(before, buckets + 1)));
    for (int64_t i = 0; i < entries->count; i++)
        before[pw_share_of(rows, buckets, entries->entry[i].row) + 1]++;
    pw_reduce_sum_int(team, before, buckets + 1);
    for (int64_t b = 0; b < buckets; b++)
        before[b + 1] += before[b];
    if (before[buckets] == 0)
        PW_TRY(pw_agree(team, pw_layout_even(rows, team->size, layout)));
    else
        PW_TRY(pw_agree(team, pw_layout_weighted(rows, team->size, buckets, before, layout)));
done:
    free(before);
    return code;
}

/* Local. A copy of the entries in the order of the ranks that own their rows, stable, and how many
 * go to each. */
static pw_code by_owner(const pw_entries *entries, const pw_layout *layout, entry **sorted,
                        int64_t *count)
{
    pw_code code = PW_OK;
    int64_t *next = NULL;
    PW_TRY(PW_NEW(next, (int64_t)layout->size + 1));
    PW_TRY(PW_NEW(*sorted, entries->count));
    for (int64_t i = 0; i < entries->count; i++)
        count[pw_layout_owner(layout, entries->entry[i].row)]++;
    for (int r = 0; r < layout->size; r++)
        next[r + 1] = next[r] + count[r];
    for (int64_t i = 0; i < entries->count; i++)
        (*sorted)[next[pw_layout_owner(layout, entries->entry[i].row)]++] = entries->entry[i];
done:
    free(next);
    return code;
}

/* Collective over team. Every rank gets the entries of its own rows. */
static pw_code to_owners(pw_team *team, const pw_layout *layout, pw_entries *entries)
{
    pw_code code = PW_OK;
    entry *sorted = NULL;
    int64_t *out = NULL, *in = NULL;
    if (team->size == 1)
        return PW_OK;
    code = PW_NEW(out, team->size);
    if (code == PW_OK)
        code = PW_NEW(in, team->size);
    if (code == PW_OK)
        code = by_owner(entries, layout, &sorted, out);
    PW_TRY(pw_agree(team, code));
    pw_entries_destroy(entries);
    PW_TRY(pw_exchange(team, sorted, out, sizeof *sorted, (void **)&entries->entry, in));
    for (int r = 0; r < team->size; r++)
        entries->count += in[r];
    entries->capacity = entries->count;
done:
    free(sorted);
    free(out);
    free(in);
    return code;
}

/* By column; equal ones by value, so that their sum does not depend on the order in which they
 * came. */
static bool less(const cell *a, const cell *b)
{
    return a->column != b->column ? a->column < b->column : a->value < b->value;
}

static int64_t end_of_run(const cell *cells, int64_t from, int64_t length)
{
    int64_t i = from + 1;
    while (i < length && !less(&cells[i], &cells[i - 1]))
        i++;
    return i < length ? i : length;
}

/* Merges neighbouring ascending runs. Returns how many runs there were. */
static int64_t merge_runs(const cell *from, int64_t length, cell *to)
{
    int64_t runs = 0;
    for (int64_t a = 0, next; a < length; a = next) {
        const int64_t middle = end_of_run(from, a, length);
        next = middle < length ? end_of_run(from, middle, length) : length;
        runs += middle < length ? 2 : 1;
        int64_t left = a, right = middle;
        for (int64_t i = a; i < next; i++) {
            const bool take_right =
                left == middle || (right < next && less(&from[right], &from[left]));
            to[i] = from[take_right ? right++ : left++];
        }
    }
    return runs;
}

static void sort_row(cell *cells, int64_t length, cell *scratch)
{
    if (length < 2 || end_of_run(cells, 0, length) == length)
        return;
    cell *from = cells, *to = scratch;
    while (merge_runs(from, length, to) > 2) {
        cell *swap = from;
        from = to;
        to = swap;
    }
    if (to != cells)
        memcpy(cells, to, (size_t)length * sizeof *cells);
}

/* Local. The entries row by row: V->row_pointer and the cells. Frees the entries. */
static pw_code to_rows(pw_matrix *V, pw_entries *entries, cell **cells)
{
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(V->row_pointer, V->count + 2));
    PW_TRY(PW_NEW(*cells, entries->count));
    int64_t *next = V->row_pointer + 1; /* next[r] grows from the start to the end of row r */
    for (int64_t i = 0; i < entries->count; i++)
        next[entries->entry[i].row - V->first + 1]++;
    for (int64_t r = 0; r < V->count; r++)
        next[r + 1] += next[r];
    for (int64_t i = 0; i < entries->count; i++) {
        const entry *e = &entries->entry[i];
        (*cells)[next[e->row - V->first]++] = (cell){(uint32_t)e->column, e->value};
    }
done:
    pw_entries_destroy(entries);
    return code;
}

/* Local. Sorts every row and adds up duplicates; the cells move together. */
static pw_code sort_rows(pw_matrix *V, cell *cells)
{
    int64_t longest = 0, kept = 0, begin = 0;
    for (int64_t r = 0; r < V->count; r++) {
        const int64_t length = V->row_pointer[r + 1] - V->row_pointer[r];
        longest = length > longest ? length : longest;
    }
    cell *scratch = NULL;
    const pw_code code = PW_NEW(scratch, longest);
    if (code != PW_OK)
        return code;
    for (int64_t r = 0; r < V->count; r++) {
        const int64_t end = V->row_pointer[r + 1];
        sort_row(cells + begin, end - begin, scratch);
        const int64_t row_start = kept;
        for (int64_t i = begin; i < end; i++)
            if (kept > row_start && cells[kept - 1].column == cells[i].column)
                cells[kept - 1].value += cells[i].value;
            else
                cells[kept++] = cells[i];
        V->row_pointer[r + 1] = kept;
        begin = end;
    }
    free(scratch);
    return PW_OK;
}

/* Collective over team. The type that V gets. */
static pw_type choose_type(pw_team *team, const cell *cells, int64_t count, pw_type wanted)
{
    pw_range range = pw_range_empty();
    for (int64_t i = 0; i < count; i++)
        pw_range_add(&range, &cells[i].value, 1);
    pw_range_agree(team, &range);
    if (wanted != PW_TYPE_NARROWEST && pw_range_fits(&range, wanted))
        return wanted;
    return pw_range_is_one(&range) ? PW_ONE : pw_range_narrowest(&range);
}

/* Local. Columns and values of their own, in V's type. */
static pw_code split(const pw_team *team, const cell *cells, int64_t count, pw_matrix *V)
{
    pw_code code = PW_OK;
    double wide[NARROWED_AT_ONCE];
    PW_TRY(pw_matrix_allocate_entries(team, count, V));
    for (int64_t begin = 0; begin < count; begin += NARROWED_AT_ONCE) {
        const int64_t left = count - begin;
        const int64_t length = left < NARROWED_AT_ONCE ? left : NARROWED_AT_ONCE;
        for (int64_t i = 0; i < length; i++) {
            V->column[begin + i] = cells[begin + i].column;
            wide[i] = cells[begin + i].value;
        }
        pw_narrow(V->type, wide, length, V->values, begin);
    }
done:
    return code;
}

static void transpose(pw_entries *entries)
{
    for (int64_t i = 0; i < entries->count; i++) {
        entry *e = &entries->entry[i];
        *e = (entry){e->column, e->row, e->value};
    }
}

pw_code pw_matrix_from_entries(pw_team *team, pw_entries *entries, int64_t m, int64_t n,
                               bool transposed, pw_type type, pw_matrix *V)
{
    pw_code code = PW_OK;
    cell *cells = NULL;
    V->rows = transposed ? n : m;
    V->cols = transposed ? m : n;
    V->transposed = transposed;
    V->sparse = true;
    if (V->cols > UINT32_MAX) {
        code = pw_fail(PW_ERROR_INPUT,
                       "%s: a sparse matrix of 2^32 %s or more is not supported (it has %" PRId64
                       "). Distribute it by %s.",
                       V->path ? V->path : "V", transposed ? "rows" : "columns", V->cols,
                       transposed ? "rows" : "columns");
        goto done;
    }
    if (transposed)
        transpose(entries);
    PW_TRY(pw_memory_check(team, entries->count * (int64_t)sizeof(entry), V->path,
                           "distributing the entries of V"));
    PW_TRY(layout_by_entries(team, entries, V->rows, &V->layout));
    V->first = pw_layout_first(&V->layout, team->rank);
    V->count = pw_layout_count(&V->layout, team->rank);
    PW_TRY(to_owners(team, &V->layout, entries));
    code = to_rows(V, entries, &cells);
    if (code == PW_OK)
        code = sort_rows(V, cells);
    PW_TRY(pw_agree(team, code));
    const int64_t count = V->row_pointer[V->count];
    V->type = choose_type(team, cells, count, type);
    PW_TRY(pw_agree(team, split(team, cells, count, V)));
    V->entries = count;
    pw_reduce_sum_int(team, &V->entries, 1);
done:
    free(cells);
    pw_entries_destroy(entries);
    return code;
}
