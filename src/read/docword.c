/* UCI bag of words: three lines with the numbers of documents, words and entries, then "document
 * word count". */
#include "read/coordinates.h"

#include "dist/collective.h"
#include "read/number.h"
#include "read/stream.h"

#include <inttypes.h>

/* Local. The three numbers of the header. */
static pw_code read_header(const char *path, pw_coordinates *about)
{
    pw_code code = PW_OK;
    pw_stream *stream = NULL;
    pw_text_block block = {.line = 1};
    int64_t *const number[3] = {&about->m, &about->n, &about->count};
    PW_TRY(pw_stream_open(path, &stream));
    for (int read = 0; read < 3;) {
        pw_line line;
        bool more;
        PW_TRY(pw_stream_line(stream, &block, &line, &more));
        const char *at = more ? pw_number_skip_blanks(line.begin, line.end) : NULL;
        if (more && at == line.end)
            continue;
        at = more ? pw_number_whole(at, line.end, number[read++]) : NULL;
        if (!at || pw_number_skip_blanks(at, line.end) != line.end) {
            code = pw_fail(PW_ERROR_INPUT,
                           "%s: does not begin with three lines that hold the numbers of "
                           "documents, words and entries, as a docword file does.",
                           path);
            goto done;
        }
        about->header = line.number;
    }
    if (about->m < 1 || about->n < 1)
        code = pw_fail(PW_ERROR_INPUT,
                       "%s: says that it has %" PRId64 " documents and %" PRId64
                       " words. There is nothing to factorise.",
                       path, about->m, about->n);
done:
    pw_stream_close(&stream);
    return code;
}

pw_code pw_read_docword(pw_team *team, const pw_read_request *request, pw_matrix *V)
{
    pw_code code = PW_OK;
    pw_coordinates about = {.m = 0};
    PW_TRY(pw_agree(team, team->rank == 0 ? read_header(request->path, &about) : PW_OK));
    pw_broadcast(team, &about, sizeof about, 0);
    PW_TRY(pw_coordinates_read(team, request, &about, V));
done:
    return code;
}
