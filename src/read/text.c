/* A line belongs to the block in which it begins. Of a plain file a rank therefore reads its own
 * bytes, the one before them (does a line begin here?) and as much more as its last line needs. */
#include "read/text.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/memory.h"
#include "dist/collective.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LEAST_BLOCK = 1 << 12,
    LEAST_UNPACKED_BLOCK = 1 << 20,
    MOST_BLOCK = 1 << 23,
    UNPACKED_RATIO = 4, /* unpacked over packed size, a guess */
    TAIL = 1 << 12,     /* read at once behind a block for its last line */
    PARCEL = 1 << 16    /* bytes of one message */
};

struct pw_text {
    pw_team *team;
    char *path;
    int64_t size; /* of the file as it is on disk */
    int64_t block_size;
    int64_t round;
    int64_t line;     /* the first line of the next round */
    int64_t position; /* bytes on disk that the rounds so far have covered */
    bool packed;
    int file;          /* plain; -1 where not open */
    pw_stream *stream; /* packed, rank 0 */
    char *buffer;
    int64_t capacity, length;
};

static pw_code open_plain(pw_text *text)
{
    struct stat about;
    const pw_code code = pw_file_open(text->path, &text->file);
    if (code != PW_OK)
        return code;
    if (fstat(text->file, &about) != 0)
        return pw_fail(PW_ERROR_INPUT, "%s: cannot be read: %s.", text->path, strerror(errno));
    if (!S_ISREG(about.st_mode))
        return pw_fail(PW_ERROR_INPUT, "%s: is not a regular file. Give a file on disk.",
                       text->path);
    text->size = (int64_t)about.st_size;
    if (text->size == 0)
        return pw_fail(PW_ERROR_INPUT, "%s: is empty.", text->path);
    return PW_OK;
}

static void close_plain(pw_text *text)
{
    if (text->file >= 0)
        close(text->file);
    text->file = -1;
}

/* What rank 0 sees counts for all: size, and whether the file begins like gzip. */
static void look(pw_text *text)
{
    int64_t seen[2] = {text->size, 0};
    unsigned char magic[2] = {0, 0};
    if (text->team->rank == 0 && pread(text->file, magic, 2, 0) == 2)
        seen[1] = magic[0] == 0x1f && magic[1] == 0x8b;
    pw_broadcast(text->team, seen, sizeof seen, 0);
    text->size = seen[0];
    text->packed = seen[1] != 0;
}

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

pw_code pw_text_open(pw_team *team, const char *path, int64_t block_size, pw_text **result)
{
    pw_code code = PW_OK;
    pw_text *text = NULL;
    *result = NULL;
    code = PW_NEW(text, 1);
    if (code == PW_OK) {
        *text = (pw_text){.team = team, .line = 1, .file = -1};
        code = PW_NEW(text->path, (int64_t)strlen(path) + 1);
    }
    if (code == PW_OK) {
        strcpy(text->path, path);
        code = open_plain(text);
    }
    PW_TRY(pw_agree(team, code));
    look(text);
    const int64_t part = text->size / team->size + 1;
    text->block_size = text->packed ? clamp(part * UNPACKED_RATIO, LEAST_UNPACKED_BLOCK, MOST_BLOCK)
                                    : clamp(part, LEAST_BLOCK, MOST_BLOCK);
    if (block_size > 0)
        text->block_size = block_size;
    if (text->packed) {
        close_plain(text);
        PW_TRY(pw_agree(team, team->rank == 0 ? pw_stream_open(path, &text->stream) : PW_OK));
    }
done:
    if (code != PW_OK)
        pw_text_close(&text);
    *result = text;
    return code;
}

/* Appends `bytes` bytes of the file from `from` on to the buffer. */
static pw_code append(pw_text *text, int64_t from, int64_t bytes)
{
    const pw_code code = PW_GROW(text->buffer, &text->capacity, text->length + bytes + 1);
    if (code != PW_OK)
        return code;
    while (bytes > 0) {
        errno = 0;
        const ssize_t got = pw_fault(PW_FAULT_READ) ? -1
                                                    : pread(text->file, text->buffer + text->length,
                                                            (size_t)bytes, (off_t)from);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return pw_fail(PW_ERROR_INPUT, "%s: cannot be read at byte %" PRId64 ": %s.",
                           text->path, from,
                           got == 0 ? "the file became shorter"
                           : errno  ? strerror(errno)
                                    : "input error");
        text->length += got;
        from += got;
        bytes -= got;
    }
    return PW_OK;
}

/* Position behind the first line feed in the buffer from `from` to `to`; -1 without one. */
static int64_t behind_line_feed(const pw_text *text, int64_t from, int64_t to)
{
    const char *found = memchr(text->buffer + from, '\n', (size_t)(to - from));
    return found ? found - text->buffer + 1 : -1;
}

/* The lines that begin in bytes `begin` … `end` - 1 of the file. */
static pw_code read_plain(pw_text *text, int64_t begin, int64_t end, pw_text_block *block)
{
    const int64_t origin = begin > 0 ? begin - 1 : 0; /* of the buffer */
    int64_t start = 0, stop = -1, tail = TAIL;
    text->length = 0;
    pw_code code = append(text, origin, end - origin);
    if (code != PW_OK)
        return code;
    block->begin = block->end = text->buffer;
    if (begin > 0)
        start = behind_line_feed(text, 0, end - origin - 1);
    if (start < 0)
        return PW_OK;
    int64_t searched = end - origin - 1;
    while ((stop = behind_line_feed(text, searched, text->length)) < 0) {
        searched = text->length;
        const int64_t left = text->size - origin - text->length;
        if (left == 0) {
            stop = text->length;
            break;
        }
        code = append(text, origin + text->length, tail < left ? tail : left);
        if (code != PW_OK)
            return code;
        tail = tail < MOST_BLOCK ? 2 * tail : tail;
    }
    text->buffer[stop] = '\0';
    block->begin = text->buffer + start;
    block->end = text->buffer + stop;
    return PW_OK;
}

static pw_code next_plain(pw_text *text, pw_text_block *block, bool *more)
{
    const int64_t first = text->round * text->team->size, span = text->block_size;
    *more = first * span < text->size;
    block->begin = block->end = NULL;
    if (!*more)
        return PW_OK;
    const int64_t begin = (first + text->team->rank) * span;
    text->position = clamp((first + text->team->size) * span, 0, text->size);
    if (begin >= text->size)
        return PW_OK;
    return read_plain(text, begin, clamp(begin + span, 0, text->size), block);
}

/* Keeps a copy of a block of rank 0's stream in its own buffer. */
static pw_code keep(pw_text *text, const pw_text_block *block)
{
    text->length = block->end - block->begin;
    const pw_code code = PW_GROW(text->buffer, &text->capacity, text->length + 1);
    if (code == PW_OK)
        memcpy(text->buffer, block->begin, (size_t)text->length);
    else
        text->length = 0;
    return code;
}

static void send_block(pw_text *text, int to, const pw_text_block *block)
{
    int64_t left = block->end - block->begin;
    MPI_Send(&left, 1, MPI_INT64_T, to, 0, text->team->comm);
    for (const char *at = block->begin; left > 0; at += PARCEL, left -= PARCEL)
        MPI_Send(at, left < PARCEL ? (int)left : PARCEL, MPI_BYTE, to, 0, text->team->comm);
}

/* Rank 0: unpacks one block for each rank. After a failure the other ranks get empty ones. */
static pw_code unpack_round(pw_text *text)
{
    pw_code code = PW_OK;
    for (int r = 0; r < text->team->size; r++) {
        pw_text_block block = {.line = 1};
        if (code == PW_OK)
            code = pw_stream_next(text->stream, text->block_size, &block);
        if (code != PW_OK)
            block = (pw_text_block){.line = 1};
        if (r > 0)
            send_block(text, r, &block);
        else if (code == PW_OK)
            code = keep(text, &block);
    }
    return code;
}

/* The other ranks: one block from rank 0, which is taken off the line even where there is no room
 * for it. */
static pw_code receive_block(pw_text *text)
{
    char nowhere[PARCEL];
    int64_t bytes = 0;
    MPI_Recv(&bytes, 1, MPI_INT64_T, 0, 0, text->team->comm, MPI_STATUS_IGNORE);
    const pw_code code = PW_GROW(text->buffer, &text->capacity, bytes + 1);
    for (int64_t done = 0; done < bytes; done += PARCEL) {
        const int64_t left = bytes - done;
        MPI_Recv(code == PW_OK ? text->buffer + done : nowhere, left < PARCEL ? (int)left : PARCEL,
                 MPI_BYTE, 0, 0, text->team->comm, MPI_STATUS_IGNORE);
    }
    text->length = code == PW_OK ? bytes : 0;
    return code;
}

static pw_code next_packed(pw_text *text, pw_text_block *block, bool *more)
{
    pw_code code = text->team->rank == 0 ? unpack_round(text) : receive_block(text);
    int64_t state[2] = {text->length, 0};
    if (code == PW_OK && text->team->rank == 0)
        state[1] = pw_stream_position(text->stream);
    pw_reduce_sum_int(text->team, state, 2);
    *more = state[0] > 0;
    text->position = clamp(state[1], 0, text->size);
    block->begin = block->end = text->buffer;
    if (code == PW_OK && text->length > 0) {
        block->end = text->buffer + text->length;
        text->buffer[text->length] = '\0';
    }
    return code;
}

pw_code pw_text_next(pw_text *text, pw_text_block *block, bool *more)
{
    pw_code code = text->packed ? next_packed(text, block, more) : next_plain(text, block, more);
    if ((code = pw_agree(text->team, code)) != PW_OK || !*more)
        return code;
    if (text->round == 0 && text->team->rank == 0 && !text->packed)
        pw_text_skip_mark(block);
    int64_t lines = pw_text_count_lines(block);
    block->line = text->line + pw_scan_before(text->team, lines);
    pw_reduce_sum_int(text->team, &lines, 1);
    text->line += lines;
    text->round++;
    return PW_OK;
}

double pw_text_share(const pw_text *text)
{
    return (double)text->position / (double)text->size;
}

void pw_text_close(pw_text **text)
{
    if (!text || !*text)
        return;
    close_plain(*text);
    pw_stream_close(&(*text)->stream);
    free((*text)->path);
    free((*text)->buffer);
    free(*text);
    *text = NULL;
}
