/* Sparse V from a group that is compressed the way V is swept: each rank reads its own rows,
 * chosen so that ranks hold equal numbers of entries. */
#include "read/hdf5_feed.h"

#include "base/memory.h"
#include "base/search.h"
#include "dist/collective.h"

#include <inttypes.h>
#include <string.h>

enum { INDEX_BLOCK = 1 << 21 };

pw_code pw_hdf5_part(pw_reader *reader, const pw_hdf5_source *source, const char *member,
                     int64_t first, int64_t count, pw_type type, void *values)
{
    char path[PW_INSIDE_LENGTH];
    if (!pw_hdf5_join(path, source->inside, member))
        return pw_fail(PW_ERROR_INPUT, "%s: '%s' is too long a path.", pw_reader_path(reader),
                       source->inside);
    return pw_reader_range(reader, path, first, count, type, values);
}

/* ---- indptr ---- */

static pw_code check_pointers(pw_reader *reader, const pw_hdf5_source *source, int64_t majors,
                              int64_t first, int64_t count, const int64_t *pointer)
{
    const char *path = pw_reader_path(reader), *inside = source->inside;
    if (first == 0 && pointer[0] != 0)
        return pw_fail(PW_ERROR_INPUT, "%s: '%s/indptr' begins with %" PRId64 " instead of 0.",
                       path, inside, pointer[0]);
    for (int64_t i = 0; i < count; i++)
        if (pointer[i + 1] < pointer[i] || pointer[i + 1] > source->entries)
            return pw_fail(PW_ERROR_INPUT,
                           "%s: '%s/indptr' is inconsistent: element %" PRId64 " is %" PRId64
                           " after %" PRId64 ", of %" PRId64 " entries%s.",
                           path, inside, first + i + 1, pointer[i + 1], pointer[i], source->entries,
                           pointer[i + 1] < 0 && source->entries > INT32_MAX
                               ? " (its 32 bits are too few for them)"
                               : "");
    if (first + count == majors && pointer[count] != source->entries)
        return pw_fail(PW_ERROR_INPUT,
                       "%s: '%s/indptr' ends with %" PRId64 ", but there are %" PRId64
                       " data and indices.",
                       path, inside, pointer[count], source->entries);
    return PW_OK;
}

/* Boundaries that fall into this rank's share of indptr; the others stay 0. */
static void find_boundaries(const pw_team *team, int64_t entries, int64_t first, int64_t count,
                            const int64_t *pointer, pw_major_split *split)
{
    for (int r = 1; r < team->size; r++) {
        const int64_t wanted = pw_share(entries, team->size, r);
        if (pointer[0] < wanted && wanted <= pointer[count]) {
            const int64_t at = pw_first_not_below(pointer, count, wanted);
            split->major[r] = first + at;
            split->entry[r] = pointer[at];
        }
    }
}

pw_code pw_hdf5_split(pw_team *team, pw_reader *reader, const pw_hdf5_source *source,
                      pw_major_split *split)
{
    const int64_t majors = source->by_columns ? source->n : source->m;
    const int64_t first = pw_share(majors, team->size, team->rank);
    const int64_t count = pw_share(majors, team->size, team->rank + 1) - first;
    int64_t *pointer = NULL;
    pw_code code = PW_OK;
    *split = (pw_major_split){.major = NULL};
    PW_TRY(pw_memory_check(team, 8 * count, pw_reader_path(reader), "the index of V"));
    code = PW_NEW(split->major, (int64_t)team->size + 1);
    if (code == PW_OK)
        code = PW_NEW(split->entry, (int64_t)team->size + 1);
    if (code == PW_OK)
        code = PW_NEW(pointer, count + 1);
    if (code == PW_OK && count > 0)
        code = pw_hdf5_part(reader, source, "indptr", first, count + 1, PW_I64, pointer);
    if (code == PW_OK && count > 0)
        code = check_pointers(reader, source, majors, first, count, pointer);
    PW_TRY(pw_agree(team, code));
    if (count > 0)
        find_boundaries(team, source->entries, first, count, pointer, split);
    pw_reduce_sum_int(team, split->major, team->size);
    pw_reduce_sum_int(team, split->entry, team->size);
    split->major[team->size] = majors;
    split->entry[team->size] = source->entries;
    for (int r = 1; source->entries == 0 && r < team->size; r++)
        split->major[r] = pw_share(majors, team->size, r);
done:
    free(pointer);
    return code;
}

void pw_hdf5_split_destroy(pw_major_split *split)
{
    if (split) {
        free(split->major);
        free(split->entry);
        *split = (pw_major_split){.major = NULL};
    }
}

/* ---- indices ---- */

static pw_code bad_index(pw_reader *reader, const pw_hdf5_source *source, int64_t entry,
                         int64_t value, int64_t minors)
{
    return pw_fail(PW_ERROR_INPUT,
                   "%s: '%s/indices' is inconsistent: element %" PRId64 " is %" PRId64
                   ", but there are only %" PRId64 " %s.",
                   pw_reader_path(reader), source->inside, entry, value, minors,
                   source->by_columns ? "rows" : "columns");
}

/* Indices of 32 bits in the file go into place as they are. */
static pw_code narrow_indices(pw_reader *reader, const pw_hdf5_source *source, int64_t first,
                              int64_t count, int64_t minors, uint32_t *index)
{
    const bool negative = source->index_type == PW_I32;
    const int64_t limit = negative && minors > INT32_MAX ? (int64_t)INT32_MAX + 1 : minors;
    pw_code code = pw_hdf5_part(reader, source, "indices", first, count, source->index_type, index);
    for (int64_t i = 0; code == PW_OK && i < count; i++)
        if (index[i] >= limit)
            code = bad_index(reader, source, first + i,
                             negative ? (int64_t)(int32_t)index[i] : (int64_t)index[i], minors);
    return code;
}

pw_code pw_hdf5_indices(pw_reader *reader, const pw_hdf5_source *source, int64_t first,
                        int64_t count, int64_t minors, uint32_t *index)
{
    if (source->index_type == PW_I32 || source->index_type == PW_U32)
        return narrow_indices(reader, source, first, count, minors, index);
    const int64_t step = count < INDEX_BLOCK ? count : INDEX_BLOCK;
    int64_t *wide;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(wide, step));
    for (int64_t at = 0; at < count; at += step) {
        const int64_t now = count - at < step ? count - at : step;
        PW_TRY(pw_hdf5_part(reader, source, "indices", first + at, now, PW_I64, wide));
        for (int64_t i = 0; i < now; i++) {
            if (wide[i] < 0 || wide[i] >= minors)
                PW_TRY(bad_index(reader, source, first + at + i, wide[i], minors));
            index[at + i] = (uint32_t)wide[i];
        }
    }
done:
    free(wide);
    return code;
}

/* ---- V ---- */

static pw_code set_layout(pw_team *team, const pw_major_split *split, pw_matrix *V)
{
    V->layout = (pw_layout){.total = V->rows, .size = team->size};
    const int64_t bytes = ((int64_t)team->size + 1) * (int64_t)sizeof *split->major;
    if (PW_NEW(V->layout.offset, (int64_t)team->size + 1) != PW_OK)
        return PW_ERROR_MEMORY;
    memcpy(V->layout.offset, split->major, (size_t)bytes);
    V->first = pw_layout_first(&V->layout, team->rank);
    V->count = pw_layout_count(&V->layout, team->rank);
    return PW_OK;
}

/* This rank's rows, whose entries are begin … end - 1 of the file. */
static pw_code read_rows(const pw_team *team, pw_reader *reader, const pw_hdf5_source *source,
                         int64_t begin, int64_t end, pw_matrix *V)
{
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(V->row_pointer, V->count + 1));
    if (V->count == 0)
        return pw_matrix_allocate_entries(team, 0, V);
    PW_TRY(pw_hdf5_part(reader, source, "indptr", V->first, V->count + 1, PW_I64, V->row_pointer));
    for (int64_t i = 0; i <= V->count; i++)
        V->row_pointer[i] -= begin;
    PW_TRY(pw_matrix_allocate_entries(team, end - begin, V));
    PW_TRY(pw_hdf5_indices(reader, source, begin, end - begin, V->cols, V->column));
    PW_TRY(pw_hdf5_part(reader, source, "data", begin, end - begin, V->type, V->values));
done:
    return code;
}

static pw_code read_direct(pw_team *team, pw_reader *reader, const pw_hdf5_source *source,
                           const pw_options *options, pw_matrix *V)
{
    pw_major_split split;
    pw_streaming streaming;
    pw_code code = PW_OK;
    PW_TRY(pw_hdf5_split(team, reader, source, &split));
    PW_TRY(pw_agree(team, set_layout(team, &split, V)));
    const int64_t begin = split.entry[team->rank], end = split.entry[team->rank + 1];
    const int64_t entry_bytes = 4 + (int64_t)pw_type_size(V->type);
    const int64_t bytes = entry_bytes * (end - begin) + 8 * V->count;
    PW_TRY(pw_streaming_plan(team, options, V, bytes, &streaming));
    if (streaming.wanted) {
        code = pw_hdf5_feed_sparse(team, reader, source, &streaming, begin, V);
        goto done;
    }
    PW_TRY(pw_memory_check(team, bytes, V->path, "V"));
    PW_TRY(pw_agree(team, read_rows(team, reader, source, begin, end, V)));
    PW_TRY(pw_hdf5_tidy(team, V));
done:
    pw_hdf5_split_destroy(&split);
    return code;
}

pw_code pw_hdf5_read_sparse(pw_team *team, pw_reader *reader, const pw_hdf5_source *source,
                            const pw_options *options, bool transposed, pw_matrix *V)
{
    V->rows = transposed ? source->n : source->m;
    V->cols = transposed ? source->m : source->n;
    V->transposed = transposed;
    V->sparse = true;
    V->type = source->type;
    V->entries = source->entries;
    if (V->cols > UINT32_MAX)
        return pw_fail(PW_ERROR_INPUT,
                       "%s: %" PRId64 " %s are more than a sparse matrix may have (2^32 - 1). Try "
                       "--distribute %s.",
                       V->path, V->cols, transposed ? "rows" : "columns",
                       transposed ? "rows" : "columns");
    return source->by_columns == transposed ? read_direct(team, reader, source, options, V)
                                            : pw_hdf5_redistribute(team, reader, source, V);
}
