/* Rows of a tile, entry by entry, for what is no product. Entries are those that V stores, as pw_tile_read has them. */
#ifndef PW_MATRIX_ROW_H
#define PW_MATRIX_ROW_H

#include "matrix/source.h"

enum { PW_PIECE = 256 };

/* Some entries of a row:
 *
 *     pw_piece p;
 *     for (pw_piece_begin(tile, row, &p); pw_piece_next(&p);)
 *         for (int64_t e = 0; e < p.count; e++)
 *             … p.v[e], pw_piece_column(&p, e) …
 */
typedef struct pw_piece {
    const pw_tile *tile;
    int64_t row, at, next, end;
    int64_t count;
    double v[PW_PIECE];
} pw_piece;

/* Local. Before the first entries of a row; true while there are some. */
static inline void pw_piece_begin(const pw_tile *tile, int64_t row, pw_piece *p)
{
    p->tile = tile;
    p->row = row;
    p->next = tile->sparse ? tile->row_pointer[row] : 0;
    p->end = tile->sparse ? tile->row_pointer[row + 1] : tile->cols;
}

static inline bool pw_piece_next(pw_piece *p)
{
    p->at = p->next;
    p->count = p->end - p->at < PW_PIECE ? p->end - p->at : PW_PIECE;
    p->next += p->count;
    if (p->count > 0)
        pw_tile_read(p->tile, p->row, p->at, p->count, p->v);
    return p->count > 0;
}

static inline int64_t pw_piece_column(const pw_piece *p, int64_t e)
{
    return p->tile->sparse ? (int64_t)p->tile->column[p->at + e] : p->at + e;
}

/* Local. Where the entries of a row from column `column` on begin, for pw_tile_read. */
int64_t pw_row_place(const pw_tile *tile, int64_t row, int64_t column);

/* Local. One entry; 0 where V does not store it. */
double pw_row_entry(const pw_tile *tile, int64_t row, int64_t column);

/* Local. Adds a row to `sum` (tile->cols). */
void pw_row_add(const pw_tile *tile, int64_t row, double *sum);

/* Local. Σ (scale v_j − a b_j)² over all columns, at least 0; `b_square` is Σ b_j². */
double pw_row_distance(const pw_tile *tile, int64_t row, double scale, double a, const double *b,
                       double b_square);

#endif
