/* The feed of V that does not fit into memory: a thread of each rank reads its rows from a file, ahead of those that work on
 * them, once a pass, and as many as there is room for stay in memory.
 *
 * Tiles are gathered into blocks, and blocks either stay or are read anew in each pass; runs of those that stay, as long as the
 * buffers are together, lie between those that are read, so that reading goes on while tiles that are in memory are worked on. The reader begins with the next
 * pass as soon as the last block is read. */
#ifndef PW_MATRIX_FEED_H
#define PW_MATRIX_FEED_H

#include "matrix/source.h"

typedef struct pw_feed pw_feed;

/* Where the entries of this rank's rows stand in a file: in V's own types, byte order and order, without gaps. */
typedef struct pw_feed_file {
    int descriptor;
    int64_t values, columns; /* bytes before the first of each; columns: sparse V alone */
} pw_feed_file;

/* Collective over team. Makes V, which has its shape and layout, and its row pointers where it is sparse, but no entries, a
 * matrix that is fed from a file, with `room` bytes on this rank for buffers and for what stays in memory. Takes the
 * descriptor over, also on failure. PW_ERROR_MEMORY where the buffers alone do not fit, PW_ERROR_INPUT where the file
 * cannot be read. Later failures to read end the job (pw_team_abort): there is no way to go on with half a pass. */
pw_code pw_feed_create(pw_team *team, pw_feed_file file, int64_t room, pw_matrix *V);

/* Local. Ends the reader, closes the file. NULL-safe. */
void pw_feed_destroy(pw_feed *feed);

/* Local. Rows of its tiles. */
int64_t pw_feed_tile_rows(const pw_feed *feed);

/* Local. Bytes of V that are in memory, with the buffers. */
int64_t pw_feed_held(const pw_feed *feed);

/* Local. A pass over all tiles begins: each of threads 0 … `threads` - 1 will take them in ascending order. Nothing of the
 * pass before is in use any longer. */
void pw_feed_begin(pw_feed *feed, int threads);

/* Local. Waits for a tile and sets its entries, which stay until the calling thread takes a later one. */
void pw_feed_take(pw_feed *feed, int64_t index, int thread, pw_tile *tile);

/* Collective over team. What has been read, and how fast. */
void pw_feed_report(pw_team *team, pw_feed *feed);

#endif
