#include "matrix/source.h"

#include "base/clones.h"
#include "base/hash.h"
#include "base/smaller.h"
#include "matrix/feed.h"
#include "matrix/perturb.h"
#include "matrix/weight.h"

#include <math.h>
#include <omp.h>

enum {
    TILE_BYTES = 1 << 19, /* of V per thread: widened blocks of it share the cache */
    LEAST_ROWS =
        96, /* per thread: for fewer, P would be read and written, and H packed, too often */
    MOST_ROWS = 1024,    /* per tile, or … */
    ROWS_OF_THREAD = 256 /* … of each thread: with fewer they would wait for each other too often */
};

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

pw_source pw_source_of(const pw_matrix *V, int threads)
{
    const int64_t bytes_per_row = V->count > 0 ? pw_matrix_bytes(V) / V->count + 1 : 1;
    const int64_t rows = clamp(TILE_BYTES / bytes_per_row, LEAST_ROWS, MOST_ROWS) * threads;
    const int64_t most = pw_larger(MOST_ROWS, threads * ROWS_OF_THREAD);
    const int64_t tile_rows = V->feed ? pw_feed_tile_rows(V->feed) : pw_smaller(rows, most);
    return (pw_source){.V = V, .tile_rows = tile_rows, .tiles = pw_parts_of(V->count, tile_rows)};
}

void pw_source_begin(const pw_source *source, int threads)
{
    if (source->V->feed)
        pw_feed_begin(source->V->feed, threads);
}

int64_t pw_source_rows(const pw_source *source, int64_t index)
{
    const int64_t left = source->V->count - index * source->tile_rows;
    return left < source->tile_rows ? left : source->tile_rows;
}

/* Without its entries. */
static pw_tile rows_of(const pw_matrix *V, int64_t first, int64_t rows)
{
    return (pw_tile){.V = V,
                     .first = first,
                     .rows = rows,
                     .cols = V->cols,
                     .sparse = V->sparse,
                     .type = V->type,
                     .weight = V->weight,
                     .row_pointer = V->sparse ? V->row_pointer + first : NULL};
}

pw_tile pw_matrix_tile(const pw_matrix *V, int64_t first, int64_t rows)
{
    const int64_t row_bytes = V->sparse ? 0 : V->cols * (int64_t)pw_type_size(V->type);
    pw_tile tile = rows_of(V, first, rows);
    tile.column = V->column;
    tile.values = tile.stored = V->values ? (const char *)V->values + first * row_bytes : NULL;
    return tile;
}

pw_tile pw_source_tile(const pw_source *source, int64_t index)
{
    const pw_matrix *V = source->V;
    const int64_t first = index * source->tile_rows, rows = pw_source_rows(source, index);
    if (!V->feed)
        return pw_matrix_tile(V, first, rows);
    pw_tile tile = rows_of(V, first, rows);
    pw_feed_take(V->feed, index, omp_get_thread_num(), &tile);
    tile.stored = tile.values;
    tile.stored_origin = tile.origin;
    return tile;
}

pw_tile pw_tile_resampled(const pw_tile *tile, const pw_matrix *resample)
{
    pw_tile own = *tile;
    own.V = resample;
    return own;
}

static int64_t first_entry(const pw_tile *tile, int64_t row)
{
    return tile->sparse ? tile->row_pointer[row] : row * tile->cols;
}

int64_t pw_source_most_entries(const pw_source *source)
{
    const pw_matrix *V = source->V;
    int64_t most = 0;
    for (int64_t b = 0; b < source->tiles; b++) {
        const int64_t first = b * source->tile_rows, rows = pw_source_rows(source, b);
        const int64_t entries =
            V->sparse ? V->row_pointer[first + rows] - V->row_pointer[first] : rows * V->cols;
        most = entries > most ? entries : most;
    }
    return most;
}

void pw_tile_copy(const pw_tile *tile, int64_t from, int64_t to, double *values)
{
    const int64_t origin = first_entry(tile, 0);
    for (int64_t row = from; row < to; row++) {
        const int64_t first = first_entry(tile, row), end = first_entry(tile, row + 1);
        pw_tile_read(tile, row, tile->sparse ? first : 0, end - first, values + (first - origin));
    }
}

pw_tile pw_tile_of_values(const pw_tile *tile, const double *values)
{
    pw_tile own = *tile;
    own.type = PW_F64;
    own.values = values;
    own.origin = tile->sparse ? tile->row_pointer[0] : 0;
    own.weight = NULL;
    return own;
}

static int64_t element_of(const pw_tile *tile, int64_t row, int64_t first)
{
    return tile->sparse ? first - tile->origin : row * tile->cols + first;
}

void pw_tile_hide(const pw_tile *tile, int64_t row, int64_t first, int64_t count, double *v)
{
    const pw_matrix *V = tile->V;
    const int64_t entry = (tile->first + row) * V->cols + first;
    for (int64_t i = 0; V->observed && i < count; i++)
        v[i] = pw_matrix_shows(V, entry + i) ? v[i] : NAN;
    for (int64_t i = 0; V->missing == PW_MISSING_ZERO && i < count; i++)
        v[i] = v[i] == 0 ? NAN : v[i];
}

/* Of an entry in row i, column j of V as the user sees it: uniform in 0 … 2^53 − 1. */
static inline uint64_t draw(uint64_t seed, uint64_t i, uint64_t j)
{
    const uint64_t step = 0x9e3779b97f4a7c15u, row = pw_hash_mix(pw_hash_mix(seed + 1) + i * step);
    return pw_hash_mix(row + (j + 1) * step) >> 11;
}

static inline uint64_t limit_of(const pw_matrix *V)
{
    return (uint64_t)(V->holdout.share * 0x1p53);
}

bool pw_matrix_holds_out(const pw_matrix *V, int64_t row, int64_t column)
{
    const int64_t i = V->transposed ? column : row, j = V->transposed ? row : column;
    return draw(V->holdout.seed, (uint64_t)i, (uint64_t)j) < limit_of(V);
}

/* Leaves those of the entries that are held out, or all others. */
PW_CLONES static void keep(const pw_tile *tile, int64_t row, int64_t first, int64_t count,
                           bool held_out, double *restrict v)
{
    const pw_matrix *V = tile->V;
    const uint64_t seed = V->holdout.seed, limit = limit_of(V);
    const uint64_t swept_row = (uint64_t)(V->first + tile->first + row);
    const uint32_t *column = tile->sparse ? tile->column + first : NULL;
    for (int64_t i = 0; V->transposed && i < count; i++) {
        const uint64_t j = column ? column[i] : (uint64_t)(first + i);
        v[i] = (draw(seed, j, swept_row) < limit) == held_out ? v[i] : NAN;
    }
    for (int64_t i = 0; !V->transposed && i < count; i++) {
        const uint64_t j = column ? column[i] : (uint64_t)(first + i);
        v[i] = (draw(seed, swept_row, j) < limit) == held_out ? v[i] : NAN;
    }
}

static void perturb(const pw_tile *tile, int64_t row, int64_t first, int64_t count, double *v)
{
    if (tile->V->perturb.kind != PW_PERTURB_NOT)
        pw_perturb_apply(tile->V, tile->first + row, tile->sparse ? tile->column + first : NULL,
                         first, count, v);
}

static void weigh(const pw_tile *tile, int64_t row, int64_t first, int64_t count, double *v)
{
    if (tile->weight)
        pw_weight_apply(tile->weight, tile->first + row, tile->sparse ? tile->column + first : NULL,
                        first, count, v);
}

void pw_tile_read_all(const pw_tile *tile, int64_t row, int64_t first, int64_t count, double *v)
{
    pw_widen_to_double(tile->type, tile->values, element_of(tile, row, first), count, v);
    perturb(tile, row, first, count, v);
    weigh(tile, row, first, count, v);
}

void pw_tile_read(const pw_tile *tile, int64_t row, int64_t first, int64_t count, double *v)
{
    pw_tile_read_all(tile, row, first, count, v);
    pw_tile_hide(tile, row, first, count, v);
    if (tile->V->holdout.share > 0)
        keep(tile, row, first, count, false, v);
}

bool pw_tile_is_plain(const pw_tile *tile)
{
    return !tile->weight && !(tile->V->holdout.share > 0) &&
           tile->V->perturb.kind == PW_PERTURB_NOT;
}

void pw_tile_read_held_out(const pw_tile *tile, int64_t row, int64_t first, int64_t count,
                           double *v)
{
    pw_tile own = *tile;
    own.type = tile->V->type;
    own.values = tile->stored;
    own.origin = tile->stored_origin;
    own.weight = tile->V->weight;
    pw_widen_to_double(own.type, own.values, element_of(&own, row, first), count, v);
    weigh(&own, row, first, count, v);
    pw_tile_hide(&own, row, first, count, v);
    keep(&own, row, first, count, true, v);
}

static void read_changed_float(const pw_tile *tile, int64_t row, int64_t first, int64_t count,
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

static void read_float(const pw_tile *tile, int64_t row, int64_t first, int64_t count, float *v)
{
    if (tile->weight || tile->V->perturb.kind != PW_PERTURB_NOT)
        read_changed_float(tile, row, first, count, v);
    else
        pw_widen_to_float(tile->type, tile->values, element_of(tile, row, first), count, v);
}

void pw_tile_read_as(const pw_tile *tile, bool single, int64_t row, int64_t first, int64_t count,
                     void *v, int64_t at)
{
    if (single)
        read_float(tile, row, first, count, (float *)v + at);
    else
        pw_tile_read(tile, row, first, count, (double *)v + at);
}

void pw_tile_pick(const pw_tile *tile, bool single, int64_t count, const int64_t *place, void *v)
{
    const char *values =
        (const char *)tile->values - tile->origin * (int64_t)pw_type_size(tile->type);
    if (single) {
        pw_pick_to_float(tile->type, values, place, count, v);
        return;
    }
    pw_pick_to_double(tile->type, values, place, count, v);
    pw_tile_hide(tile, 0, 0, count, v);
}
