/* Entries of sparse V in stretches: a few rows at a time, or a part of a long one. */
#ifndef PW_MATRIX_STRETCH_H
#define PW_MATRIX_STRETCH_H

#include "matrix/source.h"
#include "matrix/sparse_rows.h"

#include <stdbool.h>

enum { PW_STRETCH = PW_MOST_ENTRIES }; /* the most entries, and rows */

/* Some rows of a tile, their entries in some columns only:
 *
 *     pw_stretch s;
 *     for (pw_stretch_begin(tile, from, to, &s); pw_stretch_next(&s);)
 *         … rows s.row … s.row + s.entries.rows - 1
 *
 * Where a row is cut does not depend on the rows around it: sums of parts are the same in any tile. */
typedef struct pw_stretch {
    const pw_tile *tile;
    int64_t column_from, column_to;
    bool all_columns;
    int64_t next_row, to, next, end; /* what is left: of the next row, and the rows after it */

    int64_t row;               /* the first */
    pw_sparse_rows entries;    /* of them, from `row` on */
    int64_t count;             /* entries */
    int64_t place[PW_STRETCH]; /* of each row's first entry, for pw_tile_read */
    int start[PW_STRETCH + 1];
    uint32_t column[PW_STRETCH]; /* copied, where there are others between them */
} pw_stretch;

/* Local. Before rows `from` … `to` - 1 of a sparse tile (borrowed). */
void pw_stretch_begin(const pw_tile *tile, int64_t from, int64_t to, pw_stretch *stretch);

/* Local. The same for their entries in columns column_from … column_to - 1. */
void pw_stretch_begin_columns(const pw_tile *tile, int64_t from, int64_t to, int64_t column_from,
                              int64_t column_to, pw_stretch *stretch);

/* Local. The next rows; false where there are none. */
bool pw_stretch_next(pw_stretch *stretch);

/* Local. Its entries as pw_tile_read_as has them. */
void pw_stretch_read(const pw_stretch *stretch, bool single, void *v);

#endif
