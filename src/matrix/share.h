/* How threads share the rows of a tile: each row of sparse V counts by its entries. */
#ifndef PW_MATRIX_SHARE_H
#define PW_MATRIX_SHARE_H

#include "matrix/source.h"

/* The `row_cost` of products alone: sums of a row are cleared, begun and written. */
enum { PW_ROW_OF_PRODUCTS = 2 };

/* Local. The first row of a thread's share of a tile, and for `thread` = threads the end of its rows: equal numbers of
 * rows where V is dense; where it is sparse, equal work up to half a row, of which each row brings its entries and
 * `row_cost`, which is what else is done for it in units of an entry. A share may be empty. */
int64_t pw_tile_share(const pw_tile *tile, int64_t row_cost, int threads, int thread);

/* Local. The most rows that these shares of one thread have in any tile. */
int64_t pw_source_most_shared(const pw_source *source, int64_t row_cost, int threads, int thread);

#endif
