/* Which tiles of a feed make a block, and which blocks stay in memory. */
#include "base/memory.h"
#include "base/smaller.h"
#include "matrix/feed_private.h"

#include <inttypes.h>

enum {
    BLOCK_BYTES = 8 << 20, /* of one read */
    LEAST_SLOTS = 3,       /* one that is worked on, one that waits, one that is read */
    MOST_SLOTS = 16,       /* even out what comes at no even pace */
    SLOTS_SHARE =
        8, /* of the room for V, one in so many bytes for them unless that is less than the least */
    ALIGN = 64
};

static int64_t aligned(int64_t bytes)
{
    return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

int64_t pw_feed_bytes(const pw_feed *feed, int64_t first, int64_t end, int64_t *values)
{
    const int64_t size = (int64_t)pw_type_size(feed->type);
    const int64_t entries = feed->sparse ? feed->row_pointer[end] - feed->row_pointer[first]
                                         : (end - first) * feed->cols;
    *values = feed->sparse ? aligned(4 * entries) : 0;
    return *values + aligned(size * entries);
}

static int64_t row_of(const pw_feed *feed, int64_t tile)
{
    return tile < feed->tiles ? tile * feed->tile_rows : feed->count;
}

int64_t pw_feed_row(const pw_feed *feed, int64_t block)
{
    return row_of(feed, feed->block[block].tile);
}

static int64_t bytes_of(const pw_feed *feed, int64_t block)
{
    int64_t values;
    return pw_feed_bytes(feed, pw_feed_row(feed, block), pw_feed_row(feed, block + 1), &values);
}

static int64_t largest_tile(const pw_feed *feed)
{
    int64_t largest = 0, values;
    for (int64_t t = 0; t < feed->tiles; t++)
        largest =
            pw_larger(largest, pw_feed_bytes(feed, row_of(feed, t), row_of(feed, t + 1), &values));
    return largest;
}

/* Tiles of many threads are large: where buffers for them do not fit, smaller ones have to do. */
static void choose_tiles(pw_feed *feed, int64_t room)
{
    enum { ENOUGH_ROWS = 1024 };
    while (feed->tile_rows > ENOUGH_ROWS && LEAST_SLOTS * largest_tile(feed) > room) {
        feed->tile_rows = pw_larger(feed->tile_rows / 2, ENOUGH_ROWS);
        feed->tiles = pw_parts_of(feed->count, feed->tile_rows);
    }
}

/* As many tiles as make `most` bytes, at least one. */
static void make_blocks(pw_feed *feed, int64_t most)
{
    int64_t values;
    feed->blocks = 0;
    for (int64_t tile = 0, end; tile < feed->tiles; tile = end) {
        feed->block[feed->blocks++].tile = tile;
        for (end = tile + 1; end < feed->tiles; end++)
            if (pw_feed_bytes(feed, row_of(feed, tile), row_of(feed, end + 1), &values) > most)
                break;
    }
    feed->block[feed->blocks].tile = feed->tiles;
    feed->slot_bytes = 0;
    for (int64_t b = 0; b < feed->blocks; b++)
        if (bytes_of(feed, b) > feed->slot_bytes)
            feed->slot_bytes = bytes_of(feed, b);
}

/* Blocks stay at even distances, while there is room: as many at a time as the buffers last for where reading takes the time. With
 * each leap in the file the system has read on for nothing. Their `before` counts those that do not stay. */
static void choose_kept(pw_feed *feed, int64_t room)
{
    const double run = (double)(feed->slots * feed->slot_bytes);
    double all = 0, credit = run;
    bool keeps = true;
    for (int64_t b = 0; b < feed->blocks; b++)
        all += (double)bytes_of(feed, b);
    const double share = (double)room / (all > 0 ? all : 1);
    feed->streams = feed->pass_bytes = feed->kept_bytes = 0;
    for (int64_t b = 0; b < feed->blocks; b++) {
        const int64_t bytes = bytes_of(feed, b);
        credit += share * (double)bytes;
        feed->block[b].before = feed->streams;
        keeps = credit >= (keeps ? (double)bytes : run) && feed->kept_bytes + bytes <= room;
        if (keeps) {
            credit -= (double)bytes;
            feed->kept_bytes += bytes;
        } else {
            feed->streamed[feed->streams++] = b;
            feed->pass_bytes += bytes;
        }
    }
    feed->block[feed->blocks].before = feed->streams;
}

static pw_code too_little(const pw_feed *feed, int64_t room)
{
    char room_text[24], least_text[24];
    return pw_fail(PW_ERROR_MEMORY,
                   "%s: no room to stream it: beside W and H a rank has %s for V, and buffers for "
                   "its tiles take %s. Give more --memory, or use more nodes.",
                   feed->path, pw_memory_text(room > 0 ? room : 0, room_text),
                   pw_memory_text(LEAST_SLOTS * feed->slot_bytes, least_text));
}

static int64_t slots_of(const pw_feed *feed, int64_t room)
{
    const int64_t slots = room / SLOTS_SHARE / (feed->slot_bytes > 0 ? feed->slot_bytes : 1);
    return slots < LEAST_SLOTS ? LEAST_SLOTS : slots > MOST_SLOTS ? MOST_SLOTS : slots;
}

pw_code pw_feed_cut(pw_feed *feed, int64_t room)
{
    const int64_t some = room / (2 * LEAST_SLOTS);
    pw_code code = PW_OK;
    choose_tiles(feed, room);
    PW_TRY(PW_NEW(feed->block, feed->tiles + 1));
    PW_TRY(PW_NEW(feed->streamed, feed->tiles));
    make_blocks(feed, some < BLOCK_BYTES ? some : BLOCK_BYTES);
    if (LEAST_SLOTS * feed->slot_bytes > room)
        return too_little(feed, room);
    feed->slots = slots_of(feed, room);
    const int64_t buffers = feed->slots * feed->slot_bytes;
    choose_kept(feed, room - buffers);
    PW_TRY(PW_NEW(feed->buffer, buffers + ALIGN));
    PW_TRY(PW_NEW(feed->kept, feed->kept_bytes + ALIGN));
    char *next = feed->kept;
    for (int64_t b = 0; b < feed->blocks; b++)
        if (feed->block[b].before == feed->block[b + 1].before) {
            feed->block[b].kept = next;
            next += bytes_of(feed, b);
        }
done:
    return code;
}
