#include "base/fault.h"
#include "base/memory.h"
#include "base/timer.h"
#include "dist/collective.h"
#include "matrix/feed_private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- reading ---- */

static bool read_bytes(pw_feed *feed, char *into, int64_t bytes, int64_t at)
{
    while (bytes > 0) {
        const size_t most = 1 << 30, piece = (uint64_t)bytes < most ? (size_t)bytes : most;
        const ssize_t got = pread(feed->file.descriptor, into, piece, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            snprintf(feed->reason, sizeof feed->reason, "%s at byte %" PRId64,
                     got < 0 ? strerror(errno) : "the file has become shorter, and ends", at);
            return false;
        }
        into += got;
        at += got;
        bytes -= got;
    }
    return true;
}

/* Columns that do not exist would send products astray. */
static bool check_columns(pw_feed *feed, const uint32_t *column, int64_t entries)
{
    uint32_t largest = 0;
    for (int64_t i = 0; i < entries; i++)
        largest = column[i] > largest ? column[i] : largest;
    if (entries == 0 || (int64_t)largest < feed->cols)
        return true;
    snprintf(feed->reason, sizeof feed->reason,
             "the file has changed, and has column %" PRIu32 " of %" PRId64, largest, feed->cols);
    return false;
}

bool pw_feed_read(pw_feed *feed, int64_t block, char *into)
{
    const int64_t size = (int64_t)pw_type_size(feed->type);
    const int64_t first = pw_feed_row(feed, block), end = pw_feed_row(feed, block + 1);
    int64_t values;
    pw_feed_bytes(feed, first, end, &values);
    if (!feed->sparse)
        return read_bytes(feed, into, (end - first) * feed->cols * size,
                          feed->file.values + first * feed->cols * size);
    const int64_t from = feed->row_pointer[first], entries = feed->row_pointer[end] - from;
    return read_bytes(feed, into, 4 * entries, feed->file.columns + 4 * from) &&
           check_columns(feed, (const uint32_t *)into, entries) &&
           read_bytes(feed, into + values, size * entries, feed->file.values + size * from);
}

static char *slot_of(const pw_feed *feed, int64_t number)
{
    return feed->buffer + number % feed->slots * feed->slot_bytes;
}

/* The thread. Where a pass was not gone through to its end, what is left of it is skipped. */
static void *read_ahead(void *context)
{
    pw_feed *feed = context;
    pthread_mutex_lock(&feed->lock);
    while (!feed->ends && !feed->failed) {
        if (feed->filled < feed->released)
            feed->filled = feed->released;
        if (feed->filled - feed->released >= feed->slots) {
            pthread_cond_wait(&feed->freed_one, &feed->lock);
            continue;
        }
        const int64_t number = feed->filled, block = feed->streamed[number % feed->streams];
        const double bytes = feed->bytes;
        pthread_mutex_unlock(&feed->lock);
        const double start = pw_seconds();
        const bool good = pw_feed_read(feed, block, slot_of(feed, number));
        const double end = pw_seconds();
        int64_t values;
        pthread_mutex_lock(&feed->lock);
        feed->bytes = bytes + (double)pw_feed_bytes(feed, pw_feed_row(feed, block),
                                                    pw_feed_row(feed, block + 1), &values);
        feed->seconds += end - start;
        feed->failed = !good;
        feed->filled = number + good;
        pthread_cond_broadcast(&feed->filled_one);
    }
    pthread_mutex_unlock(&feed->lock);
    return NULL;
}

/* Signals are for the threads that there were before. */
static pw_code start_reader(pw_feed *feed)
{
    sigset_t all, before;
    if (feed->streams == 0)
        return PW_OK;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failure = pthread_create(&feed->reader, NULL, read_ahead, feed);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    feed->runs = failure == 0;
    return failure == 0 ? PW_OK
                        : pw_fail(PW_ERROR_MEMORY, "%s: cannot start a thread to read it: %s.",
                                  feed->path, strerror(failure));
}

/* ---- beginning and end ---- */

static void take_shape(const pw_matrix *V, pw_feed *feed)
{
    const pw_source source = pw_source_of(V, feed->team->threads);
    feed->sparse = V->sparse;
    feed->type = V->type;
    feed->cols = V->cols;
    feed->count = V->count;
    feed->row_pointer = V->row_pointer;
    feed->tile_rows = source.tile_rows;
    feed->tiles = source.tiles;
}

static pw_code set_up(pw_feed *feed, const pw_matrix *V, int64_t room)
{
    pw_code code = PW_OK;
    take_shape(V, feed);
    PW_TRY(PW_NEW(feed->path, (int64_t)strlen(V->path) + 1));
    strcpy(feed->path, V->path);
    PW_TRY(PW_NEW(feed->at, feed->team->threads));
    PW_TRY(pw_feed_cut(feed, room));
    posix_fadvise(feed->file.descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    for (int64_t b = 0; b < feed->blocks; b++)
        if (feed->block[b].kept &&
            (pw_fault(PW_FAULT_READ) || !pw_feed_read(feed, b, feed->block[b].kept)))
            return pw_fail(PW_ERROR_INPUT, "%s: cannot be read: %s. Is the file complete?",
                           feed->path, feed->reason);
    code = start_reader(feed);
done:
    return code;
}

static void tell(pw_team *team, const pw_feed *feed)
{
    int64_t bytes[] = {feed->pass_bytes, feed->kept_bytes};
    char read[24], kept[24];
    pw_reduce_sum_int(team, bytes, 2);
    pw_log_say(&team->log, "streamed: read_per_iteration = %s  kept_in_memory = %s",
               pw_memory_text(bytes[0], read), pw_memory_text(bytes[1], kept));
}

pw_code pw_feed_create(pw_team *team, pw_feed_file file, int64_t room, pw_matrix *V)
{
    pw_feed *feed;
    pw_code code = PW_NEW(feed, 1);
    if (code == PW_OK) {
        *feed = (pw_feed){.team = team, .file = file, .pass = -1};
        pthread_mutex_init(&feed->lock, NULL);
        pthread_cond_init(&feed->filled_one, NULL);
        pthread_cond_init(&feed->freed_one, NULL);
        code = set_up(feed, V, room);
    } else
        close(file.descriptor);
    PW_TRY(pw_agree(team, code));
    tell(team, feed);
    V->feed = feed;
    feed = NULL;
done:
    pw_feed_destroy(feed);
    return code;
}

void pw_feed_destroy(pw_feed *feed)
{
    if (!feed)
        return;
    pthread_mutex_lock(&feed->lock);
    feed->ends = true;
    pthread_cond_broadcast(&feed->freed_one);
    pthread_mutex_unlock(&feed->lock);
    if (feed->runs)
        pthread_join(feed->reader, NULL);
    pthread_cond_destroy(&feed->freed_one);
    pthread_cond_destroy(&feed->filled_one);
    pthread_mutex_destroy(&feed->lock);
    close(feed->file.descriptor);
    free(feed->buffer);
    free(feed->kept);
    free(feed->streamed);
    free(feed->block);
    free(feed->at);
    free(feed->path);
    free(feed);
}

/* ---- passes ---- */

int64_t pw_feed_tile_rows(const pw_feed *feed)
{
    return feed->tile_rows;
}

int64_t pw_feed_held(const pw_feed *feed)
{
    return feed->kept_bytes + feed->slots * feed->slot_bytes +
           (feed->sparse ? 8 * (feed->count + 1) : 0);
}

void pw_feed_begin(pw_feed *feed, int threads)
{
    pthread_mutex_lock(&feed->lock);
    feed->pass++;
    feed->threads = threads;
    feed->released = feed->pass * feed->streams;
    for (int t = 0; t < threads; t++)
        feed->at[t] = feed->released;
    pthread_cond_signal(&feed->freed_one);
    pthread_mutex_unlock(&feed->lock);
}

static int64_t block_of(const pw_feed *feed, int64_t tile)
{
    int64_t low = 0, high = feed->blocks;
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        if (feed->block[middle].tile <= tile)
            low = middle;
        else
            high = middle;
    }
    return low;
}

_Noreturn static void give_up(pw_feed *feed)
{
    pw_fail(PW_ERROR_INPUT, "%s: cannot be read any further: %s.", feed->path, feed->reason);
    pw_team_abort(feed->team, PW_ERROR_INPUT);
}

/* The thread has come to the block of this number: those before it that no other thread is in are free. */
static void move_on(pw_feed *feed, int thread, int64_t number)
{
    int64_t least = feed->at[thread] = number;
    for (int t = 0; t < feed->threads; t++)
        least = feed->at[t] < least ? feed->at[t] : least;
    if (least > feed->released) {
        feed->released = least;
        pthread_cond_signal(&feed->freed_one);
    }
}

/* Waits until the block of this number is there. If it will never be, the first thread ends the job, which it comes to: none
 * gets any further than this. */
static void wait_for(pw_feed *feed, int thread, int64_t number)
{
    while (feed->filled <= number) {
        if (feed->failed && thread == 0)
            give_up(feed);
        pthread_cond_wait(&feed->filled_one, &feed->lock);
    }
}

void pw_feed_take(pw_feed *feed, int64_t index, int thread, pw_tile *tile)
{
    const int64_t b = block_of(feed, index), first = pw_feed_row(feed, b);
    const pw_feed_block *block = &feed->block[b];
    const int64_t number = feed->pass * feed->streams + block->before;
    int64_t values;
    pthread_mutex_lock(&feed->lock);
    move_on(feed, thread, number);
    if (!block->kept)
        wait_for(feed, thread, number);
    pthread_mutex_unlock(&feed->lock);
    const char *entries = block->kept ? block->kept : slot_of(feed, number);
    pw_feed_bytes(feed, first, pw_feed_row(feed, b + 1), &values);
    if (feed->sparse) {
        tile->origin = feed->row_pointer[first];
        tile->column = (const uint32_t *)((uintptr_t)entries - 4 * (uintptr_t)tile->origin);
        tile->values = entries + values;
    } else
        tile->values =
            entries + (tile->first - first) * feed->cols * (int64_t)pw_type_size(feed->type);
}

void pw_feed_report(pw_team *team, pw_feed *feed)
{
    char text[24];
    double sums[2];
    pthread_mutex_lock(&feed->lock);
    sums[0] = feed->bytes;
    sums[1] = feed->seconds;
    pthread_mutex_unlock(&feed->lock);
    const double own = sums[1] > 0 ? sums[0] / sums[1] : 0;
    sums[1] = own;
    pw_reduce_sum(team, sums, 2);
    pw_log_say(&team->log, "streamed = %s  while it read = %.2f GB/s",
               pw_memory_text((int64_t)sums[0], text), 1e-9 * sums[1]);
}
