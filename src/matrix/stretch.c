#include "matrix/stretch.h"

#include "base/clones.h"
#include "base/smaller.h"

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

/* Goes on to the end of the row, or of the part of it that there is room for: false where it is cut there. */
static inline bool take(pw_stretch *s, int64_t taken, int64_t left)
{
    const bool all = taken == left;
    s->count += taken;
    s->taken = all ? 0 : s->taken + taken;
    s->next_row += all;
    return all;
}

/* Returns how many rows it takes. A row that does not fit begins the next stretch. */
static int take_rows(pw_stretch *s)
{
    const int64_t *row_pointer = s->tile->row_pointer;
    int rows = 0;
    s->first = row_pointer[s->next_row] + s->taken;
    while (s->next_row < s->to && rows < PW_STRETCH) {
        const int64_t left = row_pointer[s->next_row + 1] - row_pointer[s->next_row] - s->taken;
        const int64_t some = pw_smaller(left, PW_STRETCH);
        if (s->count + some > PW_STRETCH)
            break;
        s->start[rows] = (int)s->count;
        s->which[rows] = rows;
        rows++;
        if (!take(s, some, left))
            break;
    }
    return rows;
}

/* The same of a split: most rows have few entries for it, or none. */
PW_CLONES static int take_split_rows(pw_stretch *s)
{
    const int64_t *row_pointer = s->tile->row_pointer;
    int rows = 0;
    while (s->next_row < s->to) {
        const int64_t row = s->next_row, before = s->split.begin[row] + s->taken;
        const int64_t left = s->split.end[row] - before, some = pw_smaller(left, PW_STRETCH);
        const int64_t first = row_pointer[row] + before;
        if (s->count + some > PW_STRETCH)
            break;
        s->start[rows] = (int)s->count;
        s->which[rows] = (int)(row - s->row);
        rows += some > 0;
        int64_t i = 0;
        do {
            int64_t *place = s->place + s->count + i;
            for (int at_once = 0; at_once < PW_STRETCH_BEYOND; at_once++)
                place[at_once] = first + i + at_once;
            i += PW_STRETCH_BEYOND;
        } while (i < some);
        if (!take(s, some, left))
            break;
    }
    return rows;
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
    s->count = 0;
    const int rows = s->is_split ? take_split_rows(s) : take_rows(s);
    s->start[rows] = (int)s->count;
    for (int i = 0; i < PW_ROWS_AHEAD; i++) /* likely */
        s->which[rows + i] = (int)(s->next_row - s->row) + i;
    s->entries = (pw_sparse_rows){rows, s->start, s->which, columns_of(s)};
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
