/* What a table's first line is: a header when something in it cannot be an entry of V. */
#include "read/table.h"

#include "base/memory.h"
#include "read/fields.h"

#include <inttypes.h>
#include <string.h>

/* What matters about the fields of a line. */
typedef struct look {
    int64_t fields;
    bool first_empty, first_number, first_quoted;
    bool name_later;   /* behind the first: text that is neither number nor missing */
    bool quoted_later; /* quotes behind the first */
} look;

static bool is_name(const pw_field *field)
{
    return !pw_field_is_number(field) && !pw_field_is_missing(field);
}

/* The most likely delimiter of a line; quoted parts do not count. */
static char find_delimiter(const pw_line *line)
{
    static const char CANDIDATES[] = {'\t', ',', ';'};
    for (size_t c = 0; c < sizeof CANDIDATES; c++) {
        bool quoted = false;
        for (const char *at = line->begin; at < line->end; at++) {
            quoted ^= *at == '"';
            if (!quoted && *at == CANDIDATES[c])
                return CANDIDATES[c];
        }
    }
    return PW_WHITE_SPACE;
}

static pw_code look_at(const char *path, const pw_line *line, char delimiter, look *seen)
{
    const char *at = pw_field_first(line, delimiter);
    *seen = (look){.fields = 0};
    for (;;) {
        pw_field field;
        const pw_field_outcome outcome = pw_field_next(&at, line->end, delimiter, &field);
        if (outcome == PW_FIELD_NONE)
            return PW_OK;
        if (outcome != PW_FIELD_FOUND)
            return pw_field_failure(outcome, path, line->number);
        if (seen->fields++ == 0) {
            seen->first_empty = field.begin == field.end;
            seen->first_number = pw_field_is_number(&field);
            seen->first_quoted = field.quoted;
        } else {
            seen->name_later |= is_name(&field);
            seen->quoted_later |= field.quoted;
        }
    }
}

/* Headers as R writes them have no field above the names of the rows. */
static bool is_short_header(const look *first, const look *second)
{
    return first->fields + 1 == second->fields &&
           (first->name_later || first->quoted_later || !first->first_number ||
            first->first_quoted || !second->first_number);
}

static bool guess_header(const look *first, const look *second)
{
    if (is_short_header(first, second))
        return true;
    if (first->fields == 1)
        return !first->first_number && !first->first_empty;
    return first->name_later ||
           (first->first_empty && second->fields > 0 && !second->first_empty) ||
           (first->quoted_later && second->fields > 0 && !second->quoted_later);
}

/* `row` is the first row of numbers. */
static bool guess_row_names(bool header, const look *first, const look *second, const look *row)
{
    if (header && (is_short_header(first, second) || (first->first_empty && first->fields > 1)))
        return true;
    if (row->fields < 2)
        return false;
    return (!row->first_number && !row->first_empty) || (row->first_quoted && !row->quoted_later);
}

static pw_code settle(const pw_read_request *request, const pw_line lines[2], const look looks[2],
                      pw_table_layout *layout)
{
    const pw_options *options = request->options;
    const look *first = &looks[0], *second = &looks[1];
    bool header = options->header == PW_PRESENT_YES;
    if (options->header == PW_PRESENT_AUTO)
        header = guess_header(first, second);
    const look *row = header ? second : first;
    layout->row_names = options->row_names == PW_PRESENT_YES;
    if (options->row_names == PW_PRESENT_AUTO)
        layout->row_names = guess_row_names(header, first, second, row);
    layout->header = header ? lines[0].number : 0;
    layout->row_line = lines[header].number;
    layout->fields = row->fields;
    if (row->fields == 0)
        return pw_fail(PW_ERROR_INPUT,
                       "%s: holds no rows behind its header. If the first line is a row of "
                       "numbers, say --header no.",
                       request->path);
    if (row->fields - layout->row_names < 1)
        return pw_fail(PW_ERROR_INPUT, "%s: line %" PRId64 " holds no numbers.", request->path,
                       layout->row_line);
    if (header && first->fields != row->fields &&
        !(layout->row_names && first->fields + 1 == row->fields))
        return pw_fail(PW_ERROR_INPUT,
                       "%s: the header has %" PRId64 " fields and the row in line %" PRId64
                       " has %" PRId64 ". Give every column one name.",
                       request->path, first->fields, layout->row_line, row->fields);
    return PW_OK;
}

static pw_code read_names(const pw_line *line, const look *first, const pw_table_layout *layout,
                          pw_names *names)
{
    pw_code code = PW_OK;
    const char *at = pw_field_first(line, layout->delimiter);
    pw_field field;
    if (layout->row_names && first->fields == layout->fields) /* above the names of the rows */
        pw_field_next(&at, line->end, layout->delimiter, &field);
    while (code == PW_OK &&
           pw_field_next(&at, line->end, layout->delimiter, &field) == PW_FIELD_FOUND)
        code = pw_field_add_name(&field, names);
    return code;
}

/* The next line that is not blank, in memory of its own at *copy; of length 0 at the end of the
 * file. */
static pw_code next_line(pw_stream *stream, pw_text_block *block, pw_line *line, char **copy)
{
    pw_line found;
    bool more;
    do {
        const pw_code code = pw_stream_line(stream, block, &found, &more);
        if (code != PW_OK)
            return code;
    } while (more && !pw_field_first(&found, PW_WHITE_SPACE));
    const int64_t length = more ? found.end - found.begin : 0;
    const pw_code code = PW_NEW(*copy, length + 1);
    if (code != PW_OK)
        return code;
    if (length > 0)
        memcpy(*copy, found.begin, (size_t)length);
    *line = (pw_line){*copy, *copy + length, more ? found.number : block->line};
    return PW_OK;
}

pw_code pw_table_look(const pw_read_request *request, pw_table_layout *layout, pw_names *names)
{
    pw_code code = PW_OK;
    pw_stream *stream = NULL;
    pw_text_block block = {.line = 1};
    char *copy[2] = {NULL, NULL};
    pw_line lines[2];
    look looks[2];
    PW_TRY(pw_stream_open(request->path, &stream));
    for (int i = 0; i < 2; i++) {
        PW_TRY(next_line(stream, &block, &lines[i], &copy[i]));
        if (i == 0)
            layout->delimiter = find_delimiter(&lines[0]);
        PW_TRY(look_at(request->path, &lines[i], layout->delimiter, &looks[i]));
    }
    PW_TRY(settle(request, lines, looks, layout));
    if (layout->header)
        PW_TRY(read_names(&lines[0], &looks[0], layout, names));
done:
    pw_stream_close(&stream);
    free(copy[0]);
    free(copy[1]);
    return code;
}
