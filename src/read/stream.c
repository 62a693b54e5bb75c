/* zlib reads gzip files and passes plain ones through; a line cut by the end of a block waits in
 * the buffer for the next one. */
#include "read/stream.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { LEAST_READ = 1 << 14, MOST_READ = 1 << 28, ZLIB_BUFFER = 1 << 18 };

struct pw_stream {
    gzFile file;
    char *path;
    char *buffer;
    int64_t capacity;
    int64_t length; /* bytes in the buffer */
    int64_t given;  /* bytes of them that the last block had */
    bool begun, ended;
};

bool pw_text_line(pw_text_block *block, pw_line *line)
{
    if (block->begin == block->end)
        return false;
    const char *stop = memchr(block->begin, '\n', (size_t)(block->end - block->begin));
    const char *end = stop ? stop : block->end;
    line->begin = block->begin;
    line->number = block->line++;
    block->begin = stop ? stop + 1 : block->end;
    if (end > line->begin && end[-1] == '\r')
        end--;
    line->end = end;
    return true;
}

int64_t pw_text_count_lines(const pw_text_block *block)
{
    int64_t lines = 0;
    for (const char *at = block->begin; at && at < block->end; lines++) {
        at = memchr(at, '\n', (size_t)(block->end - at));
        at = at ? at + 1 : NULL;
    }
    return lines;
}

void pw_text_skip_mark(pw_text_block *block)
{
    if (block->end - block->begin >= 3 && memcmp(block->begin, "\xEF\xBB\xBF", 3) == 0)
        block->begin += 3;
}

char *pw_text_excerpt(const char *begin, const char *end, char text[static PW_EXCERPT_LENGTH])
{
    enum { SHOWN = 40 };
    int length = 0;
    text[length++] = '"';
    for (; begin < end && length <= SHOWN; begin++)
        text[length++] = (unsigned char)*begin < 32 || *begin == 127 ? ' ' : *begin;
    while (begin < end && length > 1 && ((unsigned char)*begin & 0xC0) == 0x80) {
        begin--; /* not through the middle of a UTF-8 character */
        length--;
    }
    snprintf(text + length, (size_t)(PW_EXCERPT_LENGTH - length), begin < end ? "…\"" : "\"");
    return text;
}

pw_code pw_stream_open(const char *path, pw_stream **stream)
{
    pw_code code = PW_OK;
    pw_stream *s = NULL;
    int plain;
    PW_TRY(PW_NEW(s, 1));
    PW_TRY(PW_NEW(s->path, (int64_t)strlen(path) + 1));
    strcpy(s->path, path);
    PW_TRY(pw_file_open(path, &plain));
    s->file = gzdopen(plain, "rb");
    if (!s->file) {
        close(plain);
        code = pw_fail(PW_ERROR_MEMORY, "%s: no memory to open it.", path);
        goto done;
    }
    gzbuffer(s->file, ZLIB_BUFFER);
done:
    if (code != PW_OK)
        pw_stream_close(&s);
    *stream = s;
    return code;
}

static pw_code read_more(pw_stream *s, int64_t bytes)
{
    pw_code code = PW_GROW(s->buffer, &s->capacity, s->length + bytes + 1);
    if (code != PW_OK)
        return code;
    errno = 0;
    const int got =
        pw_fault(PW_FAULT_READ) ? -1 : gzread(s->file, s->buffer + s->length, (unsigned)bytes);
    if (got > 0)
        s->length += got;
    if (got == bytes)
        return PW_OK;
    s->ended = true;
    int problem = Z_OK;
    const char *text = gzerror(s->file, &problem);
    if (got >= 0 && problem == Z_OK)
        return PW_OK;
    if (problem == Z_BUF_ERROR)
        return pw_fail(PW_ERROR_INPUT,
                       "%s: the compressed file ends too early, it is cut off. Fetch or compress "
                       "it again.",
                       s->path);
    if (problem == Z_DATA_ERROR)
        return pw_fail(PW_ERROR_INPUT,
                       "%s: the compressed file is damaged (%s). Fetch or compress it again.",
                       s->path, text);
    return pw_fail(PW_ERROR_INPUT, "%s: cannot be read: %s.", s->path,
                   errno ? strerror(errno) : "input error");
}

/* Length of the buffer's part that ends with its last line feed at or behind `from`; 0 without
 * one. */
static int64_t whole_lines(const pw_stream *s, int64_t from)
{
    for (int64_t i = s->length; i > from; i--)
        if (s->buffer[i - 1] == '\n')
            return i;
    return 0;
}

pw_code pw_stream_next(pw_stream *stream, int64_t wanted, pw_text_block *block)
{
    pw_stream *s = stream;
    if (s->given > 0)
        memmove(s->buffer, s->buffer + s->given, (size_t)(s->length - s->given));
    s->length -= s->given;
    s->given = 0;
    int64_t whole = 0;
    while (!s->ended && whole == 0) {
        const int64_t before = s->length;
        int64_t bytes = wanted - before;
        if (bytes < LEAST_READ)
            bytes = LEAST_READ;
        const pw_code code = read_more(s, bytes > MOST_READ ? MOST_READ : bytes);
        if (code != PW_OK)
            return code;
        whole = whole_lines(s, before);
    }
    s->given = s->ended ? s->length : whole;
    s->buffer[s->length] = '\0';
    block->begin = s->buffer;
    block->end = s->buffer + s->given;
    if (!s->begun)
        pw_text_skip_mark(block);
    s->begun = true;
    return PW_OK;
}

pw_code pw_stream_line(pw_stream *stream, pw_text_block *block, pw_line *line, bool *more)
{
    pw_code code = PW_OK;
    if (block->begin == block->end)
        code = pw_stream_next(stream, LEAST_READ, block);
    *more = code == PW_OK && pw_text_line(block, line);
    return code;
}

int64_t pw_stream_position(const pw_stream *stream)
{
    const z_off_t position = gzoffset(stream->file);
    return position > 0 ? (int64_t)position : 0;
}

void pw_stream_close(pw_stream **stream)
{
    if (!stream || !*stream)
        return;
    if ((*stream)->file)
        gzclose((*stream)->file);
    free((*stream)->path);
    free((*stream)->buffer);
    free(*stream);
    *stream = NULL;
}
