/* The tile source: V as the iteration sees it, a sequence of tiles of consecutive rows. */
#ifndef PW_MATRIX_SOURCE_H
#define PW_MATRIX_SOURCE_H

#include "matrix/matrix.h"

/* Rows first … first + rows - 1 of this rank's part of V. Row r (from 0 within the tile) begins at element r * cols of
 * `values` where dense, at row_pointer[r] where sparse. */
typedef struct pw_tile {
    const pw_matrix *V;
    int64_t first, rows, cols;
    bool sparse;
    pw_type type;
    const void *values;
    const int64_t *row_pointer;
    const uint32_t *column;
    int64_t origin;          /* sparse: the place in `column` of the first of the values */
    const pw_weight *weight; /* NULL: none */
    const void *stored;      /* the values as V has them, and their origin */
    int64_t stored_origin;
} pw_tile;

typedef struct pw_source {
    const pw_matrix *V;
    int64_t tile_rows; /* of every tile but the last */
    int64_t tiles;
} pw_source;

/* Local. Cuts V (borrowed) into tiles that stay in the caches of `threads` cores between the two products
 * of a sweep. */
pw_source pw_source_of(const pw_matrix *V, int threads);

/* Local. Before each pass over the tiles, by one thread: `threads` threads of a team will take them, each of them in ascending
 * order. */
void pw_source_begin(const pw_source *source, int threads);

/* Local. Tile `index`; valid until the same thread takes another. Waits for it where V is fed (feed.h), which may end the
 * job. */
pw_tile pw_source_tile(const pw_source *source, int64_t index);

/* Local. Rows of tile `index`. */
int64_t pw_source_rows(const pw_source *source, int64_t index);

/* Local. Any rows of this rank's part, which is in memory, as a tile. */
pw_tile pw_matrix_tile(const pw_matrix *V, int64_t first, int64_t rows);

/* Local. The tile as a resample (perturb.h) of its V has it: drawn whenever it is read. */
pw_tile pw_tile_resampled(const pw_tile *tile, const pw_matrix *resample);

/* Local. Room for the entries of any tile. */
int64_t pw_source_most_entries(const pw_source *source);

/* Local. Rows `from` … `to` - 1 as pw_tile_read has them, to their place among `values`, which have room for the whole
 * tile. */
void pw_tile_copy(const pw_tile *tile, int64_t from, int64_t to, double *values);

/* Local. The tile of V itself with such a copy (borrowed) for its values. */
pw_tile pw_tile_of_values(const pw_tile *tile, const double *values);

/* Local. Entries of row `row` of the tile as the fit sees them, from `first` on: a column where V is dense, a place
 * in tile->column where it is sparse. Those that are missing or held out read as NaN. */
void pw_tile_read(const pw_tile *tile, int64_t row, int64_t first, int64_t count, double *v);

/* Local. The same before any are missing or held out. */
void pw_tile_read_all(const pw_tile *tile, int64_t row, int64_t first, int64_t count, double *v);

/* Local. Whether entries of a tile do not depend on where they stand: then its rows can be read as one. */
bool pw_tile_is_plain(const pw_tile *tile);

/* Local. The held-out entries among them; all others, and those that are missing, read as NaN. */
void pw_tile_read_held_out(const pw_tile *tile, int64_t row, int64_t first, int64_t count,
                           double *v);

/* Local. Whether an entry of the swept matrix is held out if it is observed: a hash of the seed and of its place in V as the
 * user sees it. */
bool pw_matrix_holds_out(const pw_matrix *V, int64_t row, int64_t column);

/* Local. Puts NaN in place of those of the values, which are V's there, that are missing though V has a number. */
void pw_tile_hide(const pw_tile *tile, int64_t row, int64_t first, int64_t count, double *v);

/* Local. As pw_tile_read to v[at] …, double or, for V without missing entries, float. */
void pw_tile_read_as(const pw_tile *tile, bool single, int64_t row, int64_t first, int64_t count,
                     void *v, int64_t at);

/* Local. The same for entries of a sparse tile that is plain, at any places in tile->column. */
void pw_tile_pick(const pw_tile *tile, bool single, int64_t count, const int64_t *place, void *v);

#endif
