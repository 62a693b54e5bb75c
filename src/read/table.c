/* Tables of numbers as text (CSV, TSV): rows are read where they stand in the file, in doubles,
 * and kept narrow. */
#include "read/table.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "matrix/assemble.h"
#include "read/fields.h"
#include "read/number.h"
#include "read/text.h"

#include <inttypes.h>

typedef struct table {
    pw_team *team;
    const char *path;
    pw_table_layout layout;
    int64_t n;      /* columns of V */
    double *values; /* of this block */
    int64_t values_capacity;
    pw_row_pieces pieces;
    pw_names row_names; /* of this rank's rows so far, and which rows they are */
    int64_t *row_index, row_index_capacity;
    int64_t rows; /* over all ranks, in the rounds so far */
} table;

static pw_code not_a_number(const table *t, int64_t line, int64_t field_number,
                            const pw_field *field)
{
    char text[PW_EXCERPT_LENGTH];
    return pw_fail(PW_ERROR_INPUT,
                   "%s: line %" PRId64 ", field %" PRId64 ": %s stands where a number belongs. %s",
                   t->path, line, field_number, pw_text_excerpt(field->begin, field->end, text),
                   pw_field_is_missing(field)
                       ? "Missing entries are not supported: fill them in or leave the row out."
                       : "Repair the file, or see --header and --row-names.");
}

static pw_code wrong_count(const table *t, const pw_line *line, int64_t fields, const char *at)
{
    pw_field field;
    while (pw_field_next(&at, line->end, t->layout.delimiter, &field) == PW_FIELD_FOUND)
        fields++;
    return pw_fail(PW_ERROR_INPUT,
                   "%s: line %" PRId64 " has %" PRId64 " fields, but line %" PRId64 " has %" PRId64
                   ". Give every row the same number of fields.",
                   t->path, line->number, fields, t->layout.row_line, t->layout.fields);
}

/* A field that does not plainly begin with a number and end behind it: in quotes, or an error. */
static pw_code read_odd_field(const table *t, const pw_line *line, int64_t field_number,
                              const char **at, double *value)
{
    pw_field field;
    const pw_field_outcome outcome = pw_field_next(at, line->end, t->layout.delimiter, &field);
    if (outcome != PW_FIELD_FOUND)
        return pw_field_failure(outcome, t->path, line->number);
    if (!pw_field_is_number(&field))
        return not_a_number(t, line->number, field_number, &field);
    pw_number(pw_number_skip_blanks(field.begin, field.end), field.end, value);
    return PW_OK;
}

/* Further fields of a name are text in every row: a number among them shows that the first row was misread. */
static pw_code number_in_name(const table *t, const pw_line *line, int64_t field_number,
                              const pw_field *field)
{
    char text[PW_EXCERPT_LENGTH];
    return pw_fail(PW_ERROR_INPUT,
                   "%s: line %" PRId64 ", field %" PRId64 ": %s is a number, but in line %" PRId64
                   " this field is text, part of the name of the row. Repair one of the two lines.",
                   t->path, line->number, field_number,
                   pw_text_excerpt(field->begin, field->end, text), t->layout.row_line);
}

/* The first fields, one blank between them. */
static pw_code read_row_name(table *t, const pw_line *line, const char **at)
{
    pw_code code = PW_OK;
    for (int64_t i = 0; i < t->layout.names; i++) {
        pw_field field;
        const pw_field_outcome outcome = pw_field_next(at, line->end, t->layout.delimiter, &field);
        if (outcome == PW_FIELD_NONE)
            return wrong_count(t, line, i, NULL);
        if (outcome != PW_FIELD_FOUND)
            return pw_field_failure(outcome, t->path, line->number);
        if (i > 0 && pw_field_is_number(&field))
            return number_in_name(t, line, i + 1, &field);
        PW_TRY(pw_field_add_name(&field, &t->row_names));
        if (i > 0)
            PW_TRY(pw_names_join(&t->row_names));
    }
done:
    return code;
}

static pw_code read_row(table *t, const pw_line *line, const char *at, double *values)
{
    const char delimiter = t->layout.delimiter;
    const int64_t named = t->layout.names;
    pw_code code = PW_OK;
    PW_TRY(read_row_name(t, line, &at));
    for (int64_t j = 0; j < t->n; j++) {
        if (!at)
            return wrong_count(t, line, j + named, at);
        const char *begin = at;
        while (begin < line->end && *begin == ' ')
            begin++;
        const char *stop = pw_number(begin, line->end, &values[j]);
        if (!stop || !pw_field_end(stop, line->end, delimiter, &at)) {
            at = begin;
            PW_TRY(read_odd_field(t, line, j + named + 1, &at, &values[j]));
        }
    }
    if (at)
        return wrong_count(t, line, t->n + named, at);
done:
    return code;
}

static pw_code read_block(table *t, pw_text_block *block, int64_t *rows)
{
    pw_line line;
    *rows = 0;
    while (pw_text_line(block, &line)) {
        const char *at = pw_field_first(&line, t->layout.delimiter);
        if (line.number < t->layout.row_line || !at)
            continue;
        pw_code code = PW_GROW(t->values, &t->values_capacity, (*rows + 1) * t->n);
        if (code == PW_OK)
            code = read_row(t, &line, at, t->values + *rows * t->n);
        if (code != PW_OK)
            return code;
        ++*rows;
    }
    return PW_OK;
}

/* Local. Keeps the rows of this block, which are rows `first` … of V. */
static pw_code keep_rows(table *t, int64_t first, int64_t rows)
{
    pw_code code = pw_row_pieces_add(&t->pieces, first, rows, t->n, t->values);
    if (code != PW_OK || t->layout.names == 0)
        return code;
    const int64_t had = t->row_names.count - rows;
    code = PW_GROW(t->row_index, &t->row_index_capacity, t->row_names.count + 1);
    for (int64_t i = 0; code == PW_OK && i < rows; i++)
        t->row_index[had + i] = first + i;
    return code;
}

/* Collective over team. After the first round: will V and its pieces fit into memory? */
static pw_code foresee(table *t, const pw_text *text)
{
    const double share = pw_text_share(text);
    int64_t bytes = pw_row_pieces_bytes(&t->pieces, t->n);
    pw_reduce_sum_int(t->team, &bytes, 1);
    bytes /= t->team->size;
    if (share <= 0 || share >= 1)
        return PW_OK;
    return pw_memory_check(t->team, (int64_t)((double)bytes * (2 / share - 1)), t->path,
                           "reading V");
}

/* Collective over team. */
static pw_code read_rows(table *t, int64_t block_size)
{
    pw_code code = PW_OK;
    pw_text *text = NULL;
    PW_TRY(pw_text_open(t->team, t->path, block_size, &text));
    for (bool begun = false;; begun = true) {
        pw_text_block block;
        bool more;
        int64_t rows;
        PW_TRY(pw_text_next(text, &block, &more));
        if (!more)
            break;
        PW_TRY(pw_agree(t->team, read_block(t, &block, &rows)));
        const int64_t first = t->rows + pw_scan_before(t->team, rows);
        PW_TRY(pw_agree(t->team, keep_rows(t, first, rows)));
        pw_reduce_sum_int(t->team, &rows, 1);
        t->rows += rows;
        if (!begun)
            PW_TRY(foresee(t, text));
    }
done:
    pw_text_close(&text);
    free(t->values);
    t->values = NULL;
    return code;
}

/* Collective over team. Rank 0 has the names of all columns. */
static pw_code deal_column_names(table *t, pw_names *given, pw_names *names)
{
    pw_code code = PW_OK;
    int64_t *index = NULL;
    PW_TRY(pw_agree(t->team, PW_NEW(index, given->count)));
    for (int64_t j = 0; j < given->count; j++)
        index[j] = j;
    PW_TRY(pw_names_deal(t->team, given, index, t->n, names));
done:
    free(index);
    return code;
}

static void warn(table *t)
{
    if (t->layout.doubt == PW_TABLE_COUNTING_ROW)
        pw_log_warn(&t->team->log,
                    "%s: line %" PRId64 " counts upwards and is read as a row of V. If it names "
                    "the columns, say --header yes.",
                    t->path, t->layout.row_line);
    else if (t->layout.doubt == PW_TABLE_INDEX_COLUMN)
        pw_log_warn(&t->team->log,
                    "%s: the first column seems to number the rows and is read as a column of V. "
                    "If it names the rows, say --row-names yes.",
                    t->path);
}

/* Collective over team. */
static pw_code look(table *t, const pw_read_request *request, pw_names *column_names)
{
    pw_code code = PW_OK;
    if (t->team->rank == 0)
        code = pw_table_look(request, &t->layout, column_names);
    if ((code = pw_agree(t->team, code)) != PW_OK)
        return code;
    pw_broadcast(t->team, &t->layout, sizeof t->layout, 0);
    warn(t);
    t->n = t->layout.fields - t->layout.names;
    return PW_OK;
}

static void describe(table *t)
{
    const char delimiter = t->layout.delimiter;
    pw_log_detail(&t->team->log,
                  "%s: %" PRId64 " rows of %" PRId64
                  " numbers between %s, %s header, %s row names%s",
                  t->path, t->rows, t->n,
                  delimiter == '\t'  ? "tabs"
                  : delimiter == ',' ? "commas"
                  : delimiter == ';' ? "semicolons"
                                     : "blanks",
                  t->layout.header ? "with a" : "without", t->layout.names > 0 ? "with" : "without",
                  t->layout.names > 1 ? " out of several columns" : "");
}

pw_code pw_read_table(pw_team *team, const pw_read_request *request, pw_matrix *V)
{
    pw_code code = PW_OK;
    table t = {.team = team, .path = request->path};
    pw_names column_names = {.total = 0};
    PW_TRY(look(&t, request, &column_names));
    PW_TRY(read_rows(&t, request->block_size));
    describe(&t);
    PW_TRY(pw_matrix_from_row_pieces(
        team, &t.pieces, t.rows, t.n,
        pw_matrix_by_columns((int)request->options->distribute, t.rows, t.n), V));
    if (t.layout.names > 0)
        PW_TRY(pw_names_deal(team, &t.row_names, t.row_index, t.rows, &V->row_names));
    if (t.layout.header)
        PW_TRY(deal_column_names(&t, &column_names, &V->column_names));
done:
    pw_names_destroy(&column_names);
    pw_names_destroy(&t.row_names);
    pw_row_pieces_destroy(&t.pieces);
    free(t.row_index);
    free(t.values);
    return code;
}
