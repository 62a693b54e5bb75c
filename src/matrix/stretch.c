#include "matrix/stretch.h"

#include "base/search.h"

#include <string.h>

static void enter_row(pw_stretch *s)
{
    const pw_tile *tile = s->tile;
    if (s->next_row >= s->to)
        return;
    s->next = tile->row_pointer[s->next_row];
    s->end = tile->row_pointer[s->next_row + 1];
    if (!s->all_columns) {
        const uint32_t *column = tile->column;
        s->next += pw_column_not_below(column + s->next, s->end - s->next, s->column_from);
        s->end = s->next + pw_column_not_below(column + s->next, s->end - s->next, s->column_to);
    }
}

void pw_stretch_begin_columns(const pw_tile *tile, int64_t from, int64_t to, int64_t column_from,
                              int64_t column_to, pw_stretch *s)
{
    s->tile = tile;
    s->next_row = from;
    s->to = to;
    s->column_from = column_from;
    s->column_to = column_to;
    s->all_columns = column_from <= 0 && column_to >= tile->cols;
    enter_row(s);
}

void pw_stretch_begin(const pw_tile *tile, int64_t from, int64_t to, pw_stretch *s)
{
    pw_stretch_begin_columns(tile, from, to, 0, tile->cols, s);
}

/* The columns of its entries, one behind the other. */
static const uint32_t *columns_of(pw_stretch *s)
{
    const uint32_t *column = s->tile->column;
    if (s->all_columns)
        return column + s->place[0];
    for (int r = 0; r < s->entries.rows; r++)
        memcpy(s->column + s->start[r], column + s->place[r],
               (size_t)(s->start[r + 1] - s->start[r]) * sizeof *column);
    return s->column;
}

bool pw_stretch_next(pw_stretch *s)
{
    int rows = 0;
    int64_t count = 0;
    s->row = s->next_row;
    while (s->next_row < s->to && rows < PW_STRETCH) {
        const int64_t left = s->end - s->next, most = left < PW_STRETCH ? left : PW_STRETCH;
        if (count + most > PW_STRETCH)
            break; /* a row that does not fit begins the next stretch */
        s->start[rows] = (int)count;
        s->place[rows++] = s->next;
        count += most;
        s->next += most;
        if (most < left)
            break; /* the row goes on in the next one */
        s->next_row++;
        enter_row(s);
    }
    s->start[rows] = (int)count;
    s->count = count;
    s->entries = (pw_sparse_rows){rows, s->start, s->tile->column};
    if (rows > 0)
        s->entries.column = columns_of(s);
    return rows > 0;
}

/* Whether its entries stand in V one behind the other and can be read as if they were of one row. */
static bool is_of_a_piece(const pw_stretch *s)
{
    return s->all_columns && pw_tile_is_plain(s->tile);
}

void pw_stretch_read(const pw_stretch *s, bool single, void *v)
{
    if (is_of_a_piece(s)) {
        pw_tile_read_as(s->tile, single, s->row, s->place[0], s->count, v, 0);
        return;
    }
    for (int r = 0; r < s->entries.rows; r++)
        pw_tile_read_as(s->tile, single, s->row + r, s->place[r], s->start[r + 1] - s->start[r], v,
                        s->start[r]);
}
