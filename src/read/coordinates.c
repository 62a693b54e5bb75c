/* Entries are read by the rank that has their line; a bad one is named by line and text. */
#include "read/coordinates.h"

#include "dist/collective.h"
#include "read/number.h"
#include "read/text.h"

#include <inttypes.h>

typedef struct reading {
    const char *path;
    const pw_coordinates *about;
    pw_entries entries;
    int64_t found; /* lines with entries: symmetric ones make two of one */
} reading;

static pw_code not_an_entry(const reading *r, const pw_line *line)
{
    char text[PW_EXCERPT_LENGTH];
    return pw_fail(PW_ERROR_INPUT, "%s: line %" PRId64 " is %s where %s belongs. Repair the line.",
                   r->path, line->number, pw_text_excerpt(line->begin, line->end, text),
                   r->about->pattern ? "\"row column\"" : "\"row column value\"");
}

static pw_code outside(const reading *r, const pw_line *line, const char *what, int64_t index,
                       int64_t most)
{
    return pw_fail(PW_ERROR_INPUT,
                   "%s: line %" PRId64 ": %s %" PRId64 " is outside 1 … %" PRId64
                   ", the range that line %" PRId64 " allows. Repair the file.",
                   r->path, line->number, what, index, most, r->about->header);
}

static pw_code read_entry(reading *r, const pw_line *line, const char *at)
{
    const pw_coordinates *about = r->about;
    int64_t row, column;
    double value = 1;
    at = pw_number_whole(at, line->end, &row);
    if (!at || (*at != ' ' && *at != '\t'))
        return not_an_entry(r, line);
    at = pw_number_whole(pw_number_skip_blanks(at, line->end), line->end, &column);
    if (!at || (!about->pattern && *at != ' ' && *at != '\t'))
        return not_an_entry(r, line);
    at = pw_number_skip_blanks(at, line->end);
    if (!about->pattern)
        at = pw_number(at, line->end, &value);
    if (!at || pw_number_skip_blanks(at, line->end) != line->end)
        return not_an_entry(r, line);
    if (row < 1 || row > about->m)
        return outside(r, line, "row", row, about->m);
    if (column < 1 || column > about->n)
        return outside(r, line, "column", column, about->n);
    r->found++;
    pw_code code = pw_entries_add(&r->entries, row - 1, column - 1, value);
    if (code == PW_OK && about->symmetric && row != column)
        code = pw_entries_add(&r->entries, column - 1, row - 1, value);
    return code;
}

static pw_code read_block(reading *r, pw_text_block *block)
{
    pw_line line;
    while (pw_text_line(block, &line)) {
        const char *at = pw_number_skip_blanks(line.begin, line.end);
        if (line.number <= r->about->header || at == line.end || *at == '%')
            continue;
        const pw_code code = read_entry(r, &line, at);
        if (code != PW_OK)
            return code;
    }
    return PW_OK;
}

/* Local, the same everywhere: has the file as many entries as it says? */
static pw_code check_count(const reading *r, int64_t found)
{
    if (found == r->about->count)
        return PW_OK;
    return pw_fail(PW_ERROR_INPUT,
                   "%s: has %" PRId64 " entries, but line %" PRId64 " says %" PRId64
                   ". Is the file complete?",
                   r->path, found, r->about->header, r->about->count);
}

pw_code pw_coordinates_read(pw_team *team, const pw_read_request *request,
                            const pw_coordinates *about, pw_matrix *V)
{
    pw_code code = PW_OK;
    pw_text *text = NULL;
    reading r = {.path = request->path, .about = about};
    const int64_t copies = about->symmetric ? 2 : 1;
    if (about->count > INT64_MAX / 256) {
        code = check_count(&r, 0);
        goto done;
    }
    PW_TRY(pw_memory_check(team,
                           about->count / team->size * copies * (int64_t)sizeof *r.entries.entry,
                           request->path, "reading the entries of V"));
    PW_TRY(pw_text_open(team, request->path, request->block_size, &text));
    for (;;) {
        pw_text_block block;
        bool more;
        PW_TRY(pw_text_next(text, &block, &more));
        if (!more)
            break;
        PW_TRY(pw_agree(team, read_block(&r, &block)));
    }
    pw_text_close(&text);
    pw_reduce_sum_int(team, &r.found, 1);
    PW_TRY(check_count(&r, r.found));
    PW_TRY(pw_matrix_from_entries(
        team, &r.entries, about->m, about->n,
        pw_matrix_by_columns((int)request->options->distribute, about->m, about->n),
        PW_TYPE_NARROWEST, V));
done:
    pw_text_close(&text);
    pw_entries_destroy(&r.entries);
    return code;
}
