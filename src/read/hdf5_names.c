/* Names of rows and columns beside V: the index of AnnData's obs and var, features and barcodes of
 * 10x Genomics, row_names and col_names of any other file. */
#include "read/hdf5_source.h"

#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- finding them ---- */

/* Whether `path` is a list of `total` elements that can serve as names; tells which kind. */
static bool usable(pw_reader *reader, const char *path, int64_t total, pw_names_kind *kind)
{
    pw_dataset dataset;
    if (pw_reader_kind(reader, path) != PW_OBJECT_DATASET ||
        pw_reader_describe(reader, path, &dataset) != PW_OK || dataset.dimensions != 1 ||
        dataset.extent[0] != total || dataset.content == PW_CONTENT_OTHER)
        return false;
    if (dataset.content == PW_CONTENT_TEXT)
        *kind = PW_NAMES_TEXT;
    else
        *kind =
            dataset.type == PW_F32 || dataset.type == PW_F64 ? PW_NAMES_FLOAT : PW_NAMES_INTEGER;
    return true;
}

/* A categorical column: codes and the list that they point into. */
static bool categorical(pw_reader *reader, const char *group, int64_t total, pw_names_source *names)
{
    pw_dataset list;
    pw_names_kind kind;
    if (!pw_hdf5_join(names->path, group, "codes") || !usable(reader, names->path, total, &kind) ||
        kind != PW_NAMES_INTEGER || !pw_hdf5_join(names->categories, group, "categories") ||
        pw_reader_kind(reader, names->categories) != PW_OBJECT_DATASET ||
        pw_reader_describe(reader, names->categories, &list) != PW_OK || list.dimensions != 1 ||
        list.content != PW_CONTENT_TEXT)
        return false;
    names->category_count = list.extent[0];
    names->kind = PW_NAMES_CATEGORY;
    return true;
}

bool pw_hdf5_find_list(pw_reader *reader, const char *path, int64_t total, pw_names_source *names)
{
    if (pw_reader_kind(reader, path) == PW_OBJECT_GROUP) {
        if (categorical(reader, path, total, names))
            return true;
        return pw_hdf5_join(names->path, path, "values") &&
               usable(reader, names->path, total, &names->kind);
    }
    snprintf(names->path, sizeof names->path, "%s", path);
    return usable(reader, names->path, total, &names->kind);
}

/* Names in `member` of `group`. Warns where there is something that does not fit. */
static bool names_at(pw_log *log, pw_reader *reader, const char *group, const char *member,
                     int64_t total, pw_names_source *names)
{
    char path[PW_INSIDE_LENGTH];
    if (!pw_hdf5_join(path, group, member) || pw_reader_kind(reader, path) == PW_OBJECT_NONE)
        return false;
    if (pw_hdf5_find_list(reader, path, total, names))
        return true;
    names->kind = PW_NAMES_NONE;
    pw_log_warn(log, "%s: '%s' is no list of %" PRId64 " names and is not used.",
                pw_reader_path(reader), path, total);
    return false;
}

/* The index of a data frame, unless partwise made up the names that AnnData insists on. */
static bool index_of(pw_log *log, pw_reader *reader, const char *frame, int64_t total,
                     pw_names_source *names)
{
    if (pw_reader_kind(reader, frame) != PW_OBJECT_GROUP ||
        pw_reader_has_attribute(reader, frame, "partwise_unnamed"))
        return false;
    char *index = pw_reader_attribute_text(reader, frame, "_index");
    const bool found = names_at(log, reader, frame, index ? index : "_index", total, names);
    free(index);
    return found || names_at(log, reader, frame, "index", total, names);
}

/* Which data frames describe the rows and columns of what AnnData keeps where; "" for none. */
static const struct place {
    const char *prefix, *row_frame, *column_frame;
} PLACES[] = {
    {"/X", "/obs", "/var"},     {"/raw/X", "/obs", "/raw/var"}, {"/layers/", "/obs", "/var"},
    {"/obsm/", "/obs", ""},     {"/varm/", "/var", ""},         {"/obsp/", "/obs", "/obs"},
    {"/varp/", "/var", "/var"},
};

static bool stands_at(const char *inside, const char *prefix)
{
    const size_t length = strlen(prefix);
    return prefix[length - 1] == '/' ? strncmp(inside, prefix, length) == 0
                                     : strcmp(inside, prefix) == 0;
}

static void names_of_anndata(pw_log *log, pw_reader *reader, pw_hdf5_source *source)
{
    for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++)
        if (stands_at(source->inside, PLACES[i].prefix)) {
            if (PLACES[i].row_frame[0])
                index_of(log, reader, PLACES[i].row_frame, source->m, &source->row_names);
            if (PLACES[i].column_frame[0])
                index_of(log, reader, PLACES[i].column_frame, source->n, &source->column_names);
        }
}

/* The group that V stands in. */
static void group_of(const char *inside, char group[static PW_INSIDE_LENGTH])
{
    snprintf(group, PW_INSIDE_LENGTH, "%s", inside);
    char *slash = strrchr(group, '/');
    slash[slash == group ? 1 : 0] = '\0';
}

/* W and H stand beside the names of V's rows and columns, of which each has only one kind. */
static bool is_factor(pw_reader *reader, const char *group, const char *inside, const char *which)
{
    char W[PW_INSIDE_LENGTH], H[PW_INSIDE_LENGTH];
    return strcmp(strrchr(inside, '/') + 1, which) == 0 && pw_hdf5_join(W, group, "W") &&
           pw_hdf5_join(H, group, "H") && pw_reader_kind(reader, W) == PW_OBJECT_DATASET &&
           pw_reader_kind(reader, H) == PW_OBJECT_DATASET;
}

void pw_hdf5_find_names(pw_log *log, pw_reader *reader, pw_hdf5_source *source)
{
    char group[PW_INSIDE_LENGTH];
    pw_names_source *rows = &source->row_names, *columns = &source->column_names;
    if (source->sparse) {
        names_at(log, reader, source->inside, "barcodes", source->n, columns);
        if (!names_at(log, reader, source->inside, "features/id", source->m, rows))
            names_at(log, reader, source->inside, "genes", source->m, rows);
    }
    if (rows->kind == PW_NAMES_NONE && columns->kind == PW_NAMES_NONE)
        names_of_anndata(log, reader, source);
    group_of(source->inside, group);
    if (rows->kind == PW_NAMES_NONE && !is_factor(reader, group, source->inside, "H"))
        names_at(log, reader, group, "row_names", source->m, rows);
    if (columns->kind == PW_NAMES_NONE && !is_factor(reader, group, source->inside, "W"))
        names_at(log, reader, group, "col_names", source->n, columns);
}

/* ---- reading them ---- */

static pw_code add_text(void *context, const char *text, int64_t length)
{
    return pw_names_add(context, text, length);
}

static pw_code read_integers(pw_reader *reader, const pw_names_source *source, int64_t count,
                             pw_names *names)
{
    char text[32];
    int64_t *number;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(number, count));
    PW_TRY(pw_reader_range(reader, source->path, names->first, count, PW_I64, number));
    for (int64_t i = 0; i < count; i++)
        PW_TRY(pw_names_add(names, text, snprintf(text, sizeof text, "%" PRId64, number[i])));
done:
    free(number);
    return code;
}

static pw_code read_floats(pw_reader *reader, const pw_names_source *source, int64_t count,
                           pw_names *names)
{
    char text[32];
    double *number;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(number, count));
    PW_TRY(pw_reader_range(reader, source->path, names->first, count, PW_F64, number));
    for (int64_t i = 0; i < count; i++)
        PW_TRY(pw_names_add(names, text, snprintf(text, sizeof text, "%.15g", number[i])));
done:
    free(number);
    return code;
}

static pw_code read_categories(pw_reader *reader, const pw_names_source *source, int64_t count,
                               pw_names *names)
{
    pw_names list = {.total = 0};
    int64_t *codes = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_reader_text(reader, source->categories, 0, source->category_count, add_text, &list));
    PW_TRY(PW_NEW(codes, count));
    PW_TRY(pw_reader_range(reader, source->path, names->first, count, PW_I64, codes));
    for (int64_t i = 0; i < count; i++) {
        const int64_t c = codes[i];
        if (c >= list.count)
            PW_TRY(pw_fail(PW_ERROR_INPUT,
                           "%s: element %" PRId64 " of '%s' is %" PRId64 ", but there are only "
                           "%" PRId64 " categories.",
                           pw_reader_path(reader), names->first + i, source->path, c, list.count));
        PW_TRY(c < 0 ? pw_names_add(names, "", 0)
                     : pw_names_add(names, list.text + list.offset[c],
                                    list.offset[c + 1] - list.offset[c]));
    }
done:
    free(codes);
    pw_names_destroy(&list);
    return code;
}

pw_code pw_hdf5_read_names(pw_team *team, pw_reader *reader, const pw_names_source *source,
                           int64_t total, pw_names *names)
{
    pw_code code = PW_OK;
    if (source->kind == PW_NAMES_NONE)
        return PW_OK;
    names->first = pw_share(total, team->size, team->rank);
    const int64_t count = pw_share(total, team->size, team->rank + 1) - names->first;
    if (source->kind == PW_NAMES_TEXT)
        code = pw_reader_text(reader, source->path, names->first, count, add_text, names);
    else if (source->kind == PW_NAMES_INTEGER)
        code = read_integers(reader, source, count, names);
    else if (source->kind == PW_NAMES_FLOAT)
        code = read_floats(reader, source, count, names);
    else
        code = read_categories(reader, source, count, names);
    names->total = total;
    return pw_agree(team, code);
}
