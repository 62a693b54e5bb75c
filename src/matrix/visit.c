#include "matrix/visit.h"

#include "matrix/row.h"

static void visit_row(const pw_tile *tile, int64_t row, pw_visitor visit, void *context)
{
    pw_piece p;
    for (pw_piece_begin(tile, row, &p); pw_piece_next(&p);)
        for (int64_t e = 0; e < p.count; e++)
            if (p.v[e] != 0)
                visit(context, tile->V->first + tile->first + row, pw_piece_column(&p, e), p.v[e]);
}

void pw_matrix_visit(const pw_matrix *V, pw_visitor visit, void *context)
{
    pw_matrix plain = *V;
    plain.weight = NULL;
    const pw_source source = pw_source_of(&plain, 1);
    pw_source_begin(&source, 1);
    for (int64_t b = 0; b < source.tiles; b++) {
        const pw_tile tile = pw_source_tile(&source, b);
        for (int64_t r = 0; r < tile.rows; r++)
            visit_row(&tile, r, visit, context);
    }
}
