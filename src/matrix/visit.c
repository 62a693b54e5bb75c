#include "matrix/visit.h"

#include "matrix/source.h"

enum { PIECE = 256 };

static void visit_row(const pw_tile *tile, int64_t r, pw_visitor visit, void *context)
{
    double v[PIECE];
    const int64_t end = tile->sparse ? tile->row_pointer[r + 1] : tile->cols;
    for (int64_t at = tile->sparse ? tile->row_pointer[r] : 0; at < end; at += PIECE) {
        const int64_t count = end - at < PIECE ? end - at : PIECE;
        pw_tile_read(tile, r, at, count, v);
        for (int64_t i = 0; i < count; i++)
            if (v[i] != 0)
                visit(context, tile->V->first + tile->first + r,
                      tile->sparse ? (int64_t)tile->column[at + i] : at + i, v[i]);
    }
}

void pw_matrix_visit(const pw_matrix *V, pw_visitor visit, void *context)
{
    pw_matrix plain = *V;
    plain.weight = NULL;
    const pw_source source = pw_source_of(&plain, 1);
    for (int64_t b = 0; b < source.tiles; b++) {
        const pw_tile tile = pw_source_tile(&source, b);
        for (int64_t r = 0; r < tile.rows; r++)
            visit_row(&tile, r, visit, context);
    }
}
