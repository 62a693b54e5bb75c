/* Where the columns of each thread begin in the rows of a sparse tile. Threads sum P for columns of their own, and each goes
 * through all rows for them: where these are is found once for all threads, by each of them for its rows of the tile. */
#ifndef PW_MATRIX_SPLIT_H
#define PW_MATRIX_SPLIT_H

#include "matrix/source.h"

typedef struct pw_split {
    int threads;
    int64_t tile_rows, stride;
    uint32_t *
        column; /* threads - 1, and more up to a whole vector: the first of each thread but the first one */
    uint32_t *
        begin; /* of two tiles, for each thread and one more, for each row: entries of the row before the thread's */
} pw_split;

/* The entries of one thread: of row r those from its begin[r] on and before end[r]. */
typedef struct pw_split_share {
    const uint32_t *begin, *end;
} pw_split_share;

/* Local. Bytes of a split. */
int64_t pw_split_bytes(const pw_source *source, int threads);

/* Local. A split for tiles of sparse V: thread t has columns first_column[t] … first_column[t + 1] - 1. Destroy it, also after a
 * failure. */
pw_code pw_split_create(const pw_source *source, int threads, const int64_t *first_column,
                        pw_split *split);
void pw_split_destroy(pw_split *split);

/* Local, all threads together, each for rows of its own. Splits rows `from` … `to` - 1 of a tile. It stays until the tile after the
 * next one: some threads may have begun with that while others still read this one. */
void pw_split_rows(const pw_split *split, const pw_tile *tile, int64_t from, int64_t to);

/* Local, after a barrier. What a thread has of all rows of a tile. */
pw_split_share pw_split_of(const pw_split *split, const pw_tile *tile, int thread);

#endif
