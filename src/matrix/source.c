#include "matrix/source.h"

#include "matrix/weight.h"

enum {
    TILE_BYTES = 1 << 20, /* of V per thread: half of a usual second-level cache */
    LEAST_ROWS = 32,      /* per thread: below, products become a series of dot products */
    MOST_ROWS = 1024      /* per tile: also bounds the terms of a float sum (products.h) */
};

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

pw_source pw_source_of(const pw_matrix *V, int threads)
{
    const int64_t bytes_per_row = V->count > 0 ? pw_matrix_bytes(V) / V->count + 1 : 1;
    const int64_t rows = clamp(TILE_BYTES / bytes_per_row, LEAST_ROWS, MOST_ROWS) * threads;
    const int64_t tile_rows = clamp(rows, LEAST_ROWS, MOST_ROWS);
    return (pw_source){
        .V = V, .tile_rows = tile_rows, .tiles = (V->count + tile_rows - 1) / tile_rows};
}

pw_tile pw_source_tile(const pw_source *source, int64_t index)
{
    const pw_matrix *V = source->V;
    const int64_t first = index * source->tile_rows, left = V->count - first;
    pw_tile tile = {.first = first,
                    .rows = left < source->tile_rows ? left : source->tile_rows,
                    .cols = V->cols,
                    .sparse = V->sparse,
                    .type = V->type,
                    .weight = V->weight,
                    .values = V->values};
    if (V->sparse) {
        tile.row_pointer = V->row_pointer + first;
        tile.column = V->column;
    } else {
        tile.values = (const char *)V->values + first * V->cols * (int64_t)pw_type_size(V->type);
    }
    return tile;
}

static int64_t element_of(const pw_tile *tile, int64_t row, int64_t first)
{
    return tile->sparse ? first : row * tile->cols + first;
}

void pw_tile_read(const pw_tile *tile, int64_t row, int64_t first, int64_t count, double *v)
{
    pw_widen_to_double(tile->type, tile->values, element_of(tile, row, first), count, v);
    if (tile->weight)
        pw_weight_apply(tile->weight, tile->first + row, tile->sparse ? tile->column + first : NULL,
                        first, count, v);
}

static void read_weighted_float(const pw_tile *tile, int64_t row, int64_t first, int64_t count,
                                float *v)
{
    enum { PIECE = 256 };
    double wide[PIECE];
    for (int64_t i = 0; i < count; i += PIECE) {
        const int64_t piece = count - i < PIECE ? count - i : PIECE;
        pw_tile_read(tile, row, first + i, piece, wide);
        for (int64_t e = 0; e < piece; e++)
            v[i + e] = (float)wide[e];
    }
}

void pw_tile_read_float(const pw_tile *tile, int64_t row, int64_t first, int64_t count, float *v)
{
    if (tile->weight)
        read_weighted_float(tile, row, first, count, v);
    else
        pw_widen_to_float(tile->type, tile->values, element_of(tile, row, first), count, v);
}
