#include "read/truth.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "read/fields.h"
#include "read/hdf5_source.h"
#include "read/numbered.h"
#include "read/read.h"

#include <inttypes.h>
#include <string.h>

void pw_truth_destroy(pw_truth *truth)
{
    if (truth) {
        pw_names_destroy(&truth->names);
        pw_names_destroy(&truth->labels);
    }
}

/* ---- HDF5 ---- */

static pw_code find_list(pw_reader *reader, const char *inside, int64_t m, pw_names_source *list)
{
    static const char *const PLACES[] = {"/truth/labels", "/labels"};
    const char *path = reader ? pw_reader_path(reader) : "";
    pw_dataset found = {.dimensions = 0};
    for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES && !inside; i++)
        if (pw_reader_kind(reader, PLACES[i]) == PW_OBJECT_DATASET)
            inside = PLACES[i];
    if (!inside)
        return pw_fail(
            PW_ERROR_INPUT,
            "%s: has neither /truth/labels nor /labels. Say where the classes are, as in "
            "%s:/obs/cell_type.",
            path, path);
    if (pw_reader_kind(reader, inside) == PW_OBJECT_NONE)
        return pw_fail(PW_ERROR_INPUT, "%s: '%s' is not there.", path, inside);
    if (pw_hdf5_find_list(reader, inside, m, list))
        return PW_OK;
    if (pw_reader_kind(reader, inside) == PW_OBJECT_DATASET &&
        pw_reader_describe(reader, inside, &found) == PW_OK && found.dimensions == 1)
        return pw_fail(PW_ERROR_INPUT, "%s: '%s' has %" PRId64 " labels for %" PRId64 " rows of V.",
                       path, inside, found.extent[0], m);
    return pw_fail(PW_ERROR_INPUT, "%s: '%s' is no list of %" PRId64 " labels, one for each row.",
                   path, inside, m);
}

static pw_code read_hdf5(pw_team *team, const char *path, const char *inside, int64_t m,
                         pw_truth *truth)
{
    pw_reader *reader = NULL;
    pw_names_source *list = NULL;
    pw_code code = PW_NEW(list, 1);
    if (code == PW_OK)
        code = pw_reader_open(path, &reader);
    if (code == PW_OK)
        code = find_list(reader, inside, m, list);
    PW_TRY(pw_agree(team, code));
    PW_TRY(pw_hdf5_read_names(team, reader, list, m, &truth->labels));
done:
    pw_reader_close(&reader);
    free(list);
    return code;
}

/* ---- text ---- */

/* What the first line says of all. */
typedef struct form {
    char delimiter;
    int64_t fields; /* 1, or 2: names stand before the labels */
} form;

typedef struct lines {
    const char *path;
    form form;
    pw_names names, labels;
    pw_numbering all; /* lines of the file that are not blank */
} lines;

static pw_code count_fields(const char *path, const pw_line *line, char delimiter, int64_t *fields)
{
    const char *at = pw_field_first(line, delimiter);
    pw_field field;
    *fields = 0;
    while (at) {
        const pw_field_outcome outcome = pw_field_next(&at, line->end, delimiter, &field);
        if (outcome != PW_FIELD_FOUND)
            return pw_field_failure(outcome, path, line->number);
        ++*fields;
    }
    return PW_OK;
}

/* Local. */
static pw_code look(const char *path, form *found)
{
    pw_stream *stream = NULL;
    pw_text_block block = {.line = 1};
    pw_line line;
    bool more = true;
    pw_code code = PW_OK;
    PW_TRY(pw_stream_open(path, &stream));
    do
        PW_TRY(pw_stream_line(stream, &block, &line, &more));
    while (more && !pw_field_first(&line, ','));
    if (!more)
        PW_TRY(pw_fail(PW_ERROR_INPUT, "%s: has no labels.", path));
    found->delimiter = memchr(line.begin, '\t', (size_t)(line.end - line.begin)) ? '\t' : ',';
    PW_TRY(count_fields(path, &line, found->delimiter, &found->fields));
    if (found->fields < 1 || found->fields > 2)
        code = pw_fail(PW_ERROR_INPUT,
                       "%s: line %" PRId64 " has %" PRId64
                       " fields. Give a label, or a name and a label, on each line.",
                       path, line.number, found->fields);
done:
    pw_stream_close(&stream);
    return code;
}

static pw_code read_line(lines *l, const pw_line *line, const char *at)
{
    int64_t fields;
    pw_field field;
    pw_code code = count_fields(l->path, line, l->form.delimiter, &fields);
    if (code != PW_OK)
        return code;
    if (fields != l->form.fields)
        return pw_fail(PW_ERROR_INPUT,
                       "%s: line %" PRId64 " has %" PRId64 " fields, the first line has %" PRId64
                       ".",
                       l->path, line->number, fields, l->form.fields);
    for (int64_t f = 0; f < fields && code == PW_OK; f++) {
        pw_field_next(&at, line->end, l->form.delimiter, &field);
        code = pw_field_add_name(&field, f < fields - 1 ? &l->names : &l->labels);
    }
    return code;
}

static pw_code read_block(void *context, pw_text_block *block)
{
    lines *l = context;
    pw_code code = PW_OK;
    pw_line line;
    while (code == PW_OK && pw_text_line(block, &line)) {
        const char *at = pw_field_first(&line, l->form.delimiter);
        if (at)
            code = read_line(l, &line, at);
    }
    return code;
}

/* Whether the label of the first line stands on no other: it is the title of the labels. */
static pw_code first_is_title(pw_team *team, const lines *l, bool *title)
{
    int64_t length = 0, again = 0;
    char *first = NULL;
    for (int64_t i = 0; i < l->labels.count; i++)
        if (l->all.index[i] == 0)
            length = l->labels.offset[i + 1] - l->labels.offset[i];
    pw_reduce_max_int(team, &length, 1);
    int64_t owner = -1;
    pw_code code = PW_OK;
    PW_TRY(pw_agree(team, PW_NEW(first, length + 1)));
    for (int64_t i = 0; i < l->labels.count; i++)
        if (l->all.index[i] == 0) {
            memcpy(first, l->labels.text + l->labels.offset[i], (size_t)length);
            owner = team->rank;
        }
    pw_reduce_max_int(team, &owner, 1);
    pw_broadcast(team, first, length, (int)owner);
    for (int64_t i = 0; i < l->labels.count; i++)
        again |= l->all.index[i] > 0 && l->labels.offset[i + 1] - l->labels.offset[i] == length &&
                 memcmp(l->labels.text + l->labels.offset[i], first, (size_t)length) == 0;
    pw_reduce_max_int(team, &again, 1);
    *title = !again;
done:
    free(first);
    return code;
}

/* Local. The same list without the line of titles. */
static pw_code drop_first(const int64_t *index, pw_names *names)
{
    pw_names rest = {.total = 0};
    pw_code code = PW_OK;
    for (int64_t i = 0; i < names->count && code == PW_OK; i++)
        if (index[i] > 0)
            code = pw_names_add(&rest, names->text + names->offset[i],
                                names->offset[i + 1] - names->offset[i]);
    pw_names_destroy(names);
    *names = rest;
    return code;
}

/* Collective over team. */
static pw_code drop_titles(pw_team *team, lines *l)
{
    int64_t kept = 0;
    const int64_t count = l->labels.count;
    pw_code code = drop_first(l->all.index, &l->labels);
    if (code == PW_OK && l->form.fields == 2)
        code = drop_first(l->all.index, &l->names);
    for (int64_t i = 0; i < count; i++)
        if (l->all.index[i] > 0)
            l->all.index[kept++] = l->all.index[i] - 1;
    l->all.total--;
    return pw_agree(team, code);
}

static pw_code read_text(pw_team *team, const char *path, int64_t m, pw_truth *truth)
{
    lines l = {.path = path};
    bool title = false;
    pw_code code = PW_OK;
    if (team->rank == 0)
        code = look(path, &l.form);
    PW_TRY(pw_agree(team, code));
    pw_broadcast(team, &l.form, sizeof l.form, 0);
    PW_TRY(pw_numbered_read(team, path, read_block, &l, &l.labels.count, &l.all));
    if (l.all.total == m + 1)
        PW_TRY(first_is_title(team, &l, &title));
    if (title)
        PW_TRY(drop_titles(team, &l));
    if (l.all.total != m)
        PW_TRY(pw_fail(PW_ERROR_INPUT, "%s: has %" PRId64 " labels for %" PRId64 " rows of V.",
                       path, l.all.total, m));
    if (l.form.fields == 2)
        PW_TRY(pw_names_deal(team, &l.names, l.all.index, m, &truth->names));
    PW_TRY(pw_names_deal(team, &l.labels, l.all.index, m, &truth->labels));
done:
    pw_names_destroy(&l.names);
    pw_names_destroy(&l.labels);
    free(l.all.index);
    return code;
}

/* ---- both ---- */

pw_code pw_truth_read(pw_team *team, const char *input, int64_t m, pw_truth *truth)
{
    const int64_t length = (int64_t)strlen(input);
    struct {
        int64_t file_length;
        bool hdf5;
    } found = {0};
    char *path = NULL;
    pw_code code = PW_OK;
    *truth = (pw_truth){.names = {.total = 0}};
    PW_TRY(pw_agree(team, PW_NEW(path, length + 1)));
    memcpy(path, input, (size_t)length);
    if (team->rank == 0) {
        found.file_length = pw_input_file_length(path);
        path[found.file_length] = '\0';
        found.hdf5 = pw_reader_recognises(path);
        if (!found.hdf5 && found.file_length < length)
            code = pw_fail(PW_ERROR_INPUT,
                           "%s: is no HDF5 file, so there is no '%s' in it. Leave that out.", path,
                           input + found.file_length + 1);
    }
    PW_TRY(pw_agree(team, code));
    pw_broadcast(team, &found, sizeof found, 0);
    path[found.file_length] = '\0';
    const char *inside = found.file_length + 1 < length ? input + found.file_length + 1 : NULL;
    code = found.hdf5 ? read_hdf5(team, path, inside, m, truth) : read_text(team, path, m, truth);
done:
    free(path);
    return code;
}
