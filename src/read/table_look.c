/* What a table's first line is: a header when something in it cannot be an entry of V. Lines before
 * it that begin with # are comments, the last of them the header where it fits. */
#include "read/table.h"

#include "base/memory.h"
#include "read/fields.h"
#include "read/number.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <strings.h>

/* What matters about the fields of a line. */
typedef struct look {
    int64_t fields;
    bool first_empty, first_number, first_quoted;
    bool first_odd;    /* digits with commas, blanks or the like: another way to write numbers */
    bool first_index;  /* a word for what numbers the rows */
    int64_t texts;     /* fields behind the first that go on a name, up to the first other one */
    bool name_behind;  /* behind these: text that is neither number nor missing */
    bool quoted_later; /* quotes behind the first */
    int64_t steps;     /* fields that are one more than the field before */
    double last;       /* the last field's value; NAN where it is no number */
} look;

/* A line in memory of its own; of no fields at the end of the file. */
typedef struct sample {
    pw_line line;
    char *copy;
    look look;
} sample;

/* The beginning of a file: the last of the comments that it may begin with, and two lines. */
typedef struct beginning {
    sample comment, first, second;
} beginning;

static bool is_name(const pw_field *field)
{
    return !pw_field_is_number(field) && !pw_field_is_missing(field);
}

/* Text that a name can go on with: "ACA", but not "5%" or "NA", which may be a slip in a column of numbers. */
static bool is_text(const pw_field *field)
{
    return is_name(field) &&
           (isalpha((unsigned char)*field->begin) || (unsigned char)*field->begin >= 0x80);
}

/* "1;2,5", "1 000": not read as numbers, but hardly names either. */
static bool is_odd_number(const pw_field *field)
{
    const size_t length = (size_t)(field->end - field->begin);
    if (field->quoted || pw_field_is_number(field))
        return false;
    const char *at = field->begin;
    bool digit = false, other = false;
    while (at < field->end && strchr("0123456789+-.eE,;' \t", *at)) {
        digit |= *at >= '0' && *at <= '9';
        other |= strchr(",;' \t", *at) != NULL;
        at++;
    }
    return length > 0 && at == field->end && digit && other;
}

static bool is_index_word(const pw_field *field)
{
    static const char *const WORDS[] = {"id",        "index", "idx",   "row",       "rownames",
                                        "row_names", "name",  "names", "Unnamed: 0"};
    const size_t length = (size_t)(field->end - field->begin);
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (strlen(WORDS[i]) == length && strncasecmp(field->begin, WORDS[i], length) == 0)
            return true;
    return false;
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

static void look_at_field(const pw_field *field, look *seen)
{
    double value = NAN;
    const bool number = pw_field_is_number(field);
    if (number)
        pw_number(pw_number_skip_blanks(field->begin, field->end), field->end, &value);
    seen->steps += seen->fields > 0 && value == seen->last + 1;
    seen->last = value;
    const int64_t place = seen->fields++;
    if (place == 0) {
        seen->first_empty = field->begin == field->end;
        seen->first_number = number;
        seen->first_quoted = field->quoted;
        seen->first_odd = is_odd_number(field);
        seen->first_index = is_index_word(field);
    } else {
        if (seen->texts == place - 1 && is_text(field))
            seen->texts++;
        else
            seen->name_behind |= is_name(field);
        seen->quoted_later |= field->quoted;
    }
}

static pw_code look_at(const char *path, char delimiter, sample *s)
{
    const pw_line *line = &s->line;
    const char *at = pw_field_first(line, delimiter);
    s->look = (look){.fields = 0};
    for (;;) {
        pw_field field;
        const pw_field_outcome outcome = pw_field_next(&at, line->end, delimiter, &field);
        if (outcome == PW_FIELD_NONE)
            return PW_OK;
        if (outcome != PW_FIELD_FOUND)
            return pw_field_failure(outcome, path, line->number);
        look_at_field(&field, &s->look);
    }
}

static bool has_name_later(const look *seen)
{
    return seen->texts > 0 || seen->name_behind;
}

/* Headers as R writes them have no field above the names of the rows. */
static bool is_short_header(const look *first, const look *second)
{
    return first->fields + 1 == second->fields &&
           (has_name_later(first) || first->quoted_later || !first->first_number ||
            first->first_quoted || !second->first_number);
}

/* Both begin with several fields of text, then all is numbers: rows with names out of several columns. */
static bool are_named_alike(const look *first, const look *second)
{
    return first->texts > 0 && first->texts == second->texts && !first->first_number &&
           !second->first_number && !first->name_behind && first->texts + 1 < first->fields;
}

static bool guess_header(const look *first, const look *second)
{
    if (is_short_header(first, second))
        return true;
    if (first->fields == 1)
        return !first->first_number && !first->first_empty;
    return first->first_index || (has_name_later(first) && !are_named_alike(first, second)) ||
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

/* Whether a comment has one field for each column of a row, with or without one above the names. */
static bool fits_above(const look *comment, const look *row)
{
    return comment->fields > 0 && (comment->fields == row->fields ||
                                   (comment->fields + 1 == row->fields && !row->first_number));
}

/* The line with the names of the columns; NULL where there is none. A comment is one only where
 * the first line behind it holds numbers. */
static const sample *choose_header(int wish, const beginning *file)
{
    const look *first = &file->first.look, *second = &file->second.look;
    if (wish == PW_PRESENT_NO)
        return NULL;
    if (wish == PW_PRESENT_AUTO && guess_header(first, second))
        return &file->first;
    if (fits_above(&file->comment.look, first))
        return &file->comment;
    return wish == PW_PRESENT_YES ? &file->first : NULL;
}

/* What is read as the rules say, but might be meant otherwise. */
static pw_table_doubt doubt_about(const pw_options *options, const sample *header,
                                  const beginning *file, const pw_table_layout *layout)
{
    const look *first = &file->first.look, *second = &file->second.look;
    const int64_t numbers = first->fields - (first->first_number ? 0 : 1 + first->texts);
    if (options->header == PW_PRESENT_AUTO && !header && numbers > 2 &&
        first->steps == numbers - 1 && second->fields > 0 && second->steps < numbers - 1)
        return PW_TABLE_COUNTING_ROW;
    if (options->row_names == PW_PRESENT_AUTO && header && layout->names == 0 &&
        header->look.first_index && layout->fields > 1)
        return PW_TABLE_INDEX_COLUMN;
    return PW_TABLE_CLEAR;
}

static pw_code check_layout(const char *path, const sample *header, const sample *row,
                            const pw_table_layout *layout)
{
    const look *above = header ? &header->look : NULL;
    if (row->look.fields == 0)
        return pw_fail(PW_ERROR_INPUT,
                       "%s: holds no rows behind its header. If the first line is a row of "
                       "numbers, say --header no.",
                       path);
    if (row->look.fields - layout->names < 1)
        return pw_fail(PW_ERROR_INPUT, "%s: line %" PRId64 " holds no numbers.", path,
                       layout->row_line);
    if (above && above->fields != row->look.fields &&
        !(layout->names > 0 && above->fields + 1 == row->look.fields))
        return pw_fail(PW_ERROR_INPUT,
                       "%s: the header has %" PRId64 " fields and the row in line %" PRId64
                       " has %" PRId64 ". Give every column one name.",
                       path, above->fields, layout->row_line, row->look.fields);
    return PW_OK;
}

/* Local. Whether rows begin with their names, as the options or the lines tell. */
static bool choose_row_names(int wish, const sample *header, const sample *row,
                             const beginning *file)
{
    const look *first = &file->first.look;
    if (wish != PW_PRESENT_AUTO)
        return wish == PW_PRESENT_YES;
    if (header == &file->comment)
        return guess_row_names(true, &header->look, first, first);
    return guess_row_names(header != NULL, first, &file->second.look, &row->look);
}

static pw_code refuse_odd_name(const char *path, const sample *row)
{
    char text[PW_EXCERPT_LENGTH];
    return pw_fail(PW_ERROR_INPUT,
                   "%s: line %" PRId64 " begins like %s: is that a name, or a number that is "
                   "written in another way? Use decimal points and no marks between thousands, or "
                   "say --row-names yes.",
                   path, row->line.number, pw_text_excerpt(row->line.begin, row->line.end, text));
}

static pw_code settle(const pw_read_request *request, const beginning *file, const sample **header,
                      pw_table_layout *layout)
{
    const pw_options *options = request->options;
    *header = choose_header((int)options->header, file);
    const sample *row = *header == &file->first ? &file->second : &file->first;
    const bool named = choose_row_names((int)options->row_names, *header, row, file);
    layout->names = named ? 1 + row->look.texts : 0;
    layout->header = *header != NULL;
    layout->row_line = row->line.number;
    layout->fields = row->look.fields;
    layout->doubt = doubt_about(options, *header, file, layout);
    if (named && options->row_names == PW_PRESENT_AUTO && row->look.first_odd)
        return refuse_odd_name(request->path, row);
    return check_layout(request->path, *header, row, layout);
}

static pw_code read_names(const sample *header, const pw_table_layout *layout, pw_names *names)
{
    pw_code code = PW_OK;
    const pw_line *line = &header->line;
    const char *at = pw_field_first(line, layout->delimiter);
    pw_field field;
    int64_t above = layout->names - (header->look.fields < layout->fields);
    while (above-- > 0) /* the names of the rows */
        pw_field_next(&at, line->end, layout->delimiter, &field);
    while (code == PW_OK &&
           pw_field_next(&at, line->end, layout->delimiter, &field) == PW_FIELD_FOUND)
        code = pw_field_add_name(&field, names);
    return code;
}

/* ---- lines ---- */

/* The next line that is not blank; of length 0 at the end of the file. */
static pw_code next_line(const char *path, pw_stream *stream, pw_text_block *block, sample *s)
{
    pw_line found;
    bool more;
    do {
        const pw_code code = pw_stream_line(stream, block, &found, &more);
        if (code != PW_OK)
            return code;
    } while (more && !pw_field_first(&found, PW_WHITE_SPACE));
    const int64_t length = more ? found.end - found.begin : 0;
    if (length > 0 && memchr(found.begin, '\r', (size_t)length))
        return pw_fail(PW_ERROR_INPUT,
                       "%s: line %" PRId64 " has a carriage return in its middle. If lines end in "
                       "these alone, turn them into line feeds: tr '\\r' '\\n' < FILE > NEW.",
                       path, found.number);
    free(s->copy);
    const pw_code code = PW_NEW(s->copy, length + 1);
    if (code != PW_OK)
        return code;
    if (length > 0)
        memcpy(s->copy, found.begin, (size_t)length);
    s->line = (pw_line){s->copy, s->copy + length, more ? found.number : block->line};
    return PW_OK;
}

/* Takes the marks of a comment off a line; false where it is none. */
static bool uncomment(pw_line *line)
{
    const char *at = pw_number_skip_blanks(line->begin, line->end);
    if (at == line->end || *at != '#')
        return false;
    while (at < line->end && *at == '#')
        at++;
    line->begin = at;
    return true;
}

static pw_code read_beginning(const char *path, beginning *file)
{
    pw_code code = PW_OK;
    pw_stream *stream = NULL;
    pw_text_block block = {.line = 1};
    PW_TRY(pw_stream_open(path, &stream));
    PW_TRY(next_line(path, stream, &block, &file->first));
    while (uncomment(&file->first.line)) {
        const sample old = file->comment;
        file->comment = file->first;
        file->first = old;
        PW_TRY(next_line(path, stream, &block, &file->first));
    }
    PW_TRY(next_line(path, stream, &block, &file->second));
done:
    pw_stream_close(&stream);
    return code;
}

pw_code pw_table_look(const pw_read_request *request, pw_table_layout *layout, pw_names *names)
{
    pw_code code = PW_OK;
    beginning file = {.comment = {.copy = NULL}};
    const sample *header;
    PW_TRY(read_beginning(request->path, &file));
    layout->delimiter = find_delimiter(&file.first.line);
    if (file.comment.copy && look_at(request->path, layout->delimiter, &file.comment) != PW_OK)
        file.comment.look = (look){.fields = 0}; /* a comment may hold what it likes */
    PW_TRY(look_at(request->path, layout->delimiter, &file.first));
    PW_TRY(look_at(request->path, layout->delimiter, &file.second));
    PW_TRY(settle(request, &file, &header, layout));
    if (header)
        PW_TRY(read_names(header, layout, names));
done:
    free(file.comment.copy);
    free(file.first.copy);
    free(file.second.copy);
    return code;
}
