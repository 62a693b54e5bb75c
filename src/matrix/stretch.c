#include "matrix/stretch.h"

#include "base/clones.h"
#include "base/smaller.h"

#include <stddef.h>

void pw_stretch_begin(const pw_tile *tile, int64_t from, int64_t to, pw_stretch *s)
{
    s->tile = tile;
    s->is_split = false;
    s->next_row = from;
    s->to = to;
    s->taken = 0;
}

void pw_stretch_begin_split(const pw_tile *tile, pw_split_share split, pw_stretch *s)
{
    pw_stretch_begin(tile, 0, tile->rows, s);
    s->is_split = true;
    s->split = split;
}

enum { MANY = 4 }; /* entries of a row, on the average, from which on it pays to go row by row */

/* What is written at once. */
typedef int row_numbers
    __attribute__((vector_size(PW_STRETCH_BEYOND * sizeof(int)), aligned(4), may_alias));
typedef int64_t places
    __attribute__((vector_size(PW_STRETCH_BEYOND * sizeof(int64_t)), aligned(8), may_alias));

/* What is taken of one row of V. */
typedef struct piece {
    int64_t first; /* the place of the first entry */
    int entries;   /* that there is room for at all */
    bool is_whole; /* the row ends there */
} piece;

/* Of row `row`, of which `taken` entries are gone. */
static inline piece piece_of(const int64_t *row_pointer, const pw_split_share *split, int64_t row,
                             int64_t taken)
{
    const int64_t before = taken + (split ? split->begin[row] : 0);
    const int64_t end = split ? split->end[row] : row_pointer[row + 1] - row_pointer[row];
    const int64_t left = end - before;
    return (piece){row_pointer[row] + before, (int)pw_smaller(left, PW_STRETCH),
                   left <= PW_STRETCH};
}

/* Where its entries stand, from entry `at` on. More of them may be written: what follows writes over it. */
static inline void put(pw_stretch *s, int row, piece p, int64_t at)
{
    const places next = {0, 1, 2, 3, 4, 5, 6, 7};
    int i = 0;
    do {
        *(row_numbers *)(s->entry_row + at + i) = row - (row_numbers){0};
        *(places *)(s->place + at + i) = p.first + i + next;
        i += PW_STRETCH_BEYOND;
    } while (i < p.entries);
}

/* Returns how many rows it takes. A row that does not fit begins the next stretch. Most rows of a split have few entries for it,
 * or none, and leave no trace. */
static inline int take_rows(pw_stretch *s, const pw_split_share *split)
{
    const int64_t *row_pointer = s->tile->row_pointer;
    const int64_t to = s->to, first_row = s->row;
    int64_t row = s->next_row, taken = s->taken, count = 0;
    int rows = 0;
    for (; row < to && rows < PW_STRETCH; row++, taken = 0) {
        const piece p = piece_of(row_pointer, split, row, taken);
        if (count + p.entries > PW_STRETCH)
            break;
        s->start[rows] = (int)count;
        s->which[rows] = (int)(row - first_row);
        if (split)
            put(s, (int)(row - first_row), p, count);
        rows += !split || p.entries > 0;
        count += p.entries;
        if (!p.is_whole) {
            taken += p.entries;
            break;
        }
    }
    s->next_row = row;
    s->taken = taken;
    s->count = count;
    return rows;
}

PW_CLONES static int take_all_rows(pw_stretch *s)
{
    s->first = s->tile->row_pointer[s->next_row] + s->taken;
    return take_rows(s, NULL);
}

PW_CLONES static int take_split_rows(pw_stretch *s)
{
    const pw_split_share split = s->split; /* which is not written to */
    return take_rows(s, &split);
}

/* The columns of the entries, one behind the other. */
PW_CLONES static const uint32_t *columns_of(pw_stretch *s)
{
    const uint32_t *column = s->tile->column;
    if (!s->is_split)
        return column + s->first;
    for (int64_t e = 0; e < s->count; e++)
        s->column[e] = column[s->place[e]];
    return s->column;
}

bool pw_stretch_next(pw_stretch *s)
{
    s->row = s->next_row;
    const int rows = s->is_split ? take_split_rows(s) : take_all_rows(s);
    s->start[rows] = (int)s->count;
    for (int i = 0; i < PW_ROWS_AHEAD; i++) /* likely */
        s->which[rows + i] = (int)(s->next_row - s->row) + i;
    const bool few = s->is_split && s->count < MANY * rows;
    s->entries =
        (pw_sparse_rows){rows, s->start, s->which, columns_of(s), few ? s->entry_row : NULL};
    return rows > 0;
}

int64_t pw_stretch_place(const pw_stretch *s, int row)
{
    return s->is_split ? s->place[s->start[row]] : s->first + s->start[row];
}

void pw_stretch_read(const pw_stretch *s, bool single, void *v)
{
    const bool plain = pw_tile_is_plain(s->tile); /* rows can be read as one */
    if (plain && s->is_split)
        pw_tile_pick(s->tile, single, s->count, s->place, v);
    else if (plain)
        pw_tile_read_as(s->tile, single, s->row, s->first, s->count, v, 0);
    for (int r = 0; !plain && r < s->entries.rows; r++)
        pw_tile_read_as(s->tile, single, s->row + s->which[r], pw_stretch_place(s, r),
                        s->start[r + 1] - s->start[r], v, s->start[r]);
}
