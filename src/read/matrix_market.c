/* Matrix Market files: their head, and what reads the rest. */
#include "read/matrix_market.h"

#include "dist/collective.h"
#include "read/number.h"
#include "read/stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { WORD = 24 };

static pw_code refuse(const char *path, const char *word, const char *why)
{
    return pw_fail(PW_ERROR_INPUT, "%s: line 1 says \"%s\": %s.", path, word, why);
}

static pw_code check_field(const char *path, const char *field, pw_market *market)
{
    market->about.pattern = strcasecmp(field, "pattern") == 0;
    if (market->about.pattern && market->dense)
        return refuse(path, field, "an array without values cannot be read");
    if (strcasecmp(field, "complex") == 0)
        return refuse(path, field, "only real, non-negative matrices can be factorised");
    if (!market->about.pattern && strcasecmp(field, "real") != 0 &&
        strcasecmp(field, "double") != 0 && strcasecmp(field, "integer") != 0 &&
        strcasecmp(field, "unsigned-integer") != 0)
        return refuse(path, field, "real, integer or pattern is expected here");
    return PW_OK;
}

static pw_code check_symmetry(const char *path, const char *symmetry, pw_market *market)
{
    market->about.symmetric = strcasecmp(symmetry, "symmetric") == 0;
    if (strcasecmp(symmetry, "skew-symmetric") == 0)
        return refuse(path, symmetry,
                      "the mirrored entries are negative, and V may not hold negative ones");
    if (strcasecmp(symmetry, "hermitian") == 0)
        return refuse(path, symmetry, "only real, non-negative matrices can be factorised");
    if (!market->about.symmetric && strcasecmp(symmetry, "general") != 0)
        return refuse(path, symmetry, "general or symmetric is expected here");
    return PW_OK;
}

/* %%MatrixMarket matrix FORMAT FIELD SYMMETRY */
static pw_code read_banner(const char *path, const pw_line *line, pw_market *market)
{
    char text[256], banner[WORD], object[WORD], format[WORD], field[WORD], symmetry[WORD];
    const int length = line->end - line->begin < 255 ? (int)(line->end - line->begin) : 255;
    snprintf(text, sizeof text, "%.*s", length, line->begin);
    if (sscanf(text, "%23s %23s %23s %23s %23s", banner, object, format, field, symmetry) != 5 ||
        strcasecmp(banner, "%%MatrixMarket") != 0)
        return pw_fail(PW_ERROR_INPUT,
                       "%s: line 1 is not \"%%%%MatrixMarket matrix FORMAT FIELD SYMMETRY\".",
                       path);
    if (strcasecmp(object, "matrix") != 0)
        return refuse(path, object, "only a matrix can be factorised");
    market->dense = strcasecmp(format, "array") == 0;
    if (!market->dense && strcasecmp(format, "coordinate") != 0)
        return refuse(path, format, "coordinate or array is expected here");
    const pw_code code = check_field(path, field, market);
    return code == PW_OK ? check_symmetry(path, symmetry, market) : code;
}

static pw_code read_size(const char *path, const pw_line *line, pw_market *market)
{
    pw_coordinates *about = &market->about;
    int64_t number[3] = {0, 0, 0};
    const int wanted = market->dense ? 2 : 3;
    const char *at = line->begin;
    for (int i = 0; at && i < wanted; i++)
        at = pw_number_whole(pw_number_skip_blanks(at, line->end), line->end, &number[i]);
    if (!at || pw_number_skip_blanks(at, line->end) != line->end) {
        char text[PW_EXCERPT_LENGTH];
        return pw_fail(PW_ERROR_INPUT, "%s: line %" PRId64 " is %s where \"%s\" belongs.", path,
                       line->number, pw_text_excerpt(line->begin, line->end, text),
                       market->dense ? "rows columns" : "rows columns entries");
    }
    *about = (pw_coordinates){number[0],    number[1],      number[2],
                              line->number, about->pattern, about->symmetric};
    if (about->m < 1 || about->n < 1)
        return pw_fail(PW_ERROR_INPUT,
                       "%s: line %" PRId64 " says %" PRId64 " × %" PRId64
                       ". There is nothing to factorise.",
                       path, line->number, about->m, about->n);
    if (about->symmetric && about->m != about->n)
        return pw_fail(PW_ERROR_INPUT,
                       "%s: line %" PRId64 " says %" PRId64 " × %" PRId64
                       ", but a symmetric matrix is square.",
                       path, line->number, about->m, about->n);
    if (market->dense && about->m > INT64_MAX / 16 / about->n)
        return pw_fail(PW_ERROR_INPUT, "%s: line %" PRId64 ": no array can be that large.", path,
                       line->number);
    if (market->dense)
        about->count = about->symmetric ? about->m * (about->m + 1) / 2 : about->m * about->n;
    return PW_OK;
}

pw_code pw_market_read_head(const char *path, pw_market *market)
{
    pw_code code = PW_OK;
    pw_stream *stream = NULL;
    pw_text_block block = {.line = 1};
    pw_line line;
    bool more;
    PW_TRY(pw_stream_open(path, &stream));
    PW_TRY(pw_stream_line(stream, &block, &line, &more));
    if (!more)
        line = (pw_line){.begin = "", .end = ""};
    PW_TRY(read_banner(path, &line, market));
    for (;;) {
        PW_TRY(pw_stream_line(stream, &block, &line, &more));
        if (!more) {
            code = pw_fail(PW_ERROR_INPUT, "%s: ends before the line with its size.", path);
            goto done;
        }
        const char *at = pw_number_skip_blanks(line.begin, line.end);
        if (at < line.end && *at != '%')
            break;
    }
    PW_TRY(read_size(path, &line, market));
done:
    pw_stream_close(&stream);
    return code;
}

pw_code pw_read_matrix_market(pw_team *team, const pw_read_request *request, pw_matrix *V)
{
    pw_code code = PW_OK;
    pw_market market = {.dense = false};
    PW_TRY(pw_agree(team, team->rank == 0 ? pw_market_read_head(request->path, &market) : PW_OK));
    pw_broadcast(team, &market, sizeof market, 0);
    if (market.dense)
        PW_TRY(pw_market_read_array(team, request, &market.about, V));
    else
        PW_TRY(pw_coordinates_read(team, request, &market.about, V));
done:
    return code;
}
