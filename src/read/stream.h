/* A text file from its beginning in blocks of whole lines, plain or gzip (also of several
 * members), for one rank alone; and the lines of a block. */
#ifndef PW_READ_STREAM_H
#define PW_READ_STREAM_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

/* Whole lines in memory that someone else owns. *end is readable. */
typedef struct pw_text_block {
    const char *begin, *end; /* what is left of it */
    int64_t line;            /* number of the line at `begin`, from 1 */
} pw_text_block;

typedef struct pw_line {
    const char *begin, *end; /* without line feed and carriage return; *end is readable */
    int64_t number;          /* in the file, from 1 */
} pw_line;

/* Local. Takes the next line off a block; false where nothing is left. */
bool pw_text_line(pw_text_block *block, pw_line *line);

/* Local. How many lines a block holds. */
int64_t pw_text_count_lines(const pw_text_block *block);

/* Local. Takes a byte order mark off the first block of a file. */
void pw_text_skip_mark(pw_text_block *block);

/* Local. `begin` … `end` in quotes for a message: cut when it is long, without control characters.
 * Returns text. */
enum { PW_EXCERPT_LENGTH = 64 };
char *pw_text_excerpt(const char *begin, const char *end, char text[static PW_EXCERPT_LENGTH]);

typedef struct pw_stream pw_stream;

/* Local. Opens a file. PW_ERROR_INPUT where that fails. Close it. */
pw_code pw_stream_open(const char *path, pw_stream **stream);

/* Local. The next block of whole lines, of about `wanted` bytes or as long as one line is; empty
 * at the end of the file. It stays valid until the next call. block->line is left alone: with 1 at
 * the start and the same block each time, pw_text_line keeps it right. PW_ERROR_INPUT when the
 * file cannot be read to its end. */
pw_code pw_stream_next(pw_stream *stream, int64_t wanted, pw_text_block *block);

/* Local. The next line, from `block` or, where that is used up, from the stream; *more is false at
 * the end of the file. It stays valid until the next call. block = {.line = 1} at the start. */
pw_code pw_stream_line(pw_stream *stream, pw_text_block *block, pw_line *line, bool *more);

/* Local. Bytes of the (compressed) file that have been used so far. */
int64_t pw_stream_position(const pw_stream *stream);

/* Local. NULL-safe. */
void pw_stream_close(pw_stream **stream);

#endif
