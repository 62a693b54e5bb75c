/* What the files of the feed share. */
#ifndef PW_MATRIX_FEED_PRIVATE_H
#define PW_MATRIX_FEED_PRIVATE_H

#include "matrix/feed.h"

#include <pthread.h>

/* Consecutive tiles. In memory its columns come first, then its values, aligned. */
typedef struct pw_feed_block {
    int64_t tile;   /* the first */
    int64_t before; /* blocks before it that are read in each pass */
    char *kept;     /* its entries; NULL: it is read in each pass */
} pw_feed_block;

struct pw_feed {
    pw_team *team;
    char *path; /* for messages */
    pw_feed_file file;

    bool sparse;
    pw_type type;
    int64_t cols, count, tile_rows, tiles;
    const int64_t *row_pointer; /* sparse; borrowed */

    pw_feed_block *block; /* blocks + 1 */
    int64_t blocks;
    int64_t *streamed; /* which of them are read in each pass, streams of them */
    int64_t streams, pass_bytes, kept_bytes;
    char *kept, *buffer; /* the latter has room for `slots` blocks, slot_bytes each */
    int64_t slots, slot_bytes;

    /* Streamed blocks are numbered through all passes. Number s goes to slot s mod slots. */
    pthread_t reader;
    bool runs; /* the reader does */
    pthread_mutex_t lock;
    pthread_cond_t filled_one, freed_one;
    int64_t filled;   /* blocks before this number have been read */
    int64_t released; /* blocks before this number are no longer in use */
    int64_t pass;     /* -1 before the first */
    int64_t *at; /* team->threads: the block that a thread is in, or that it will come to next */
    int threads; /* that take part in this pass */
    bool ends;
    bool failed; /* then: */
    char reason[160];
    double seconds, bytes; /* of reading */
};

/* Local. Bytes of rows first … end - 1 in memory, and where their values begin. */
int64_t pw_feed_bytes(const pw_feed *feed, int64_t first, int64_t end, int64_t *values);

/* Local. First row of a block. */
int64_t pw_feed_row(const pw_feed *feed, int64_t block);

/* Local. Cuts the tiles into blocks and chooses those that stay, for `room` bytes. PW_ERROR_MEMORY where that is too
 * little. */
pw_code pw_feed_cut(pw_feed *feed, int64_t room);

/* Local. Reads a block to `into`. False with feed->reason where that fails. */
bool pw_feed_read(pw_feed *feed, int64_t block, char *into);

#endif
