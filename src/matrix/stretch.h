/* Entries of sparse V in stretches: a few rows at a time, or a part of a long one. */
#ifndef PW_MATRIX_STRETCH_H
#define PW_MATRIX_STRETCH_H

#include "matrix/source.h"
#include "matrix/sparse_rows.h"
#include "matrix/split.h"

#include <stdbool.h>

enum {
    PW_STRETCH = PW_MOST_ENTRIES, /* the most entries, and rows */
    PW_STRETCH_BEYOND = 8 /* places that are written at once, and may be more than there are */
};

/* Some rows of a tile, all of their entries or those of one thread:
 *
 *     pw_stretch s;
 *     for (pw_stretch_begin(tile, from, to, &s); pw_stretch_next(&s);)
 *         … rows s.row + s.entries.row[0] … s.row + s.entries.row[s.entries.rows - 1]
 *
 * Where a row is cut does not depend on the rows around it: sums of parts are the same in any tile. */
typedef struct pw_stretch {
    const pw_tile *tile;
    bool is_split;
    pw_split_share split;
    int64_t next_row, to; /* what is left: these rows … */
    int64_t taken;        /* … but so many entries of the first one */

    int64_t row;            /* where the rows below count from */
    pw_sparse_rows entries; /* of a split, rows that have some */
    int64_t count;          /* entries */
    int64_t first;          /* not split: the place of the first one, which the others follow */
    int64_t place[PW_STRETCH + PW_STRETCH_BEYOND]; /* split: of each, for pw_tile_read */
    uint32_t column[PW_STRETCH];                   /* split: of each */
    int start[PW_STRETCH + 1];
    int which[PW_STRETCH + PW_ROWS_AHEAD]; /* of the rows */
    int entry_row[PW_STRETCH + PW_STRETCH_BEYOND];
} pw_stretch;

/* Local. Before rows `from` … `to` - 1 of a sparse tile (borrowed). */
void pw_stretch_begin(const pw_tile *tile, int64_t from, int64_t to, pw_stretch *stretch);

/* Local. Before those entries of all rows that a thread has. */
void pw_stretch_begin_split(const pw_tile *tile, pw_split_share split, pw_stretch *stretch);

/* Local. The next rows; false where there are none. */
bool pw_stretch_next(pw_stretch *stretch);

/* Local. The place of the first entry of row `row` of those that it has. */
int64_t pw_stretch_place(const pw_stretch *stretch, int row);

/* Local. Its entries as pw_tile_read_as has them. */
void pw_stretch_read(const pw_stretch *stretch, bool single, void *v);

#endif
