/* Sparse V that is streamed. What is told of it in advance needs one look at all its entries: whether rows are in order, and
 * whether all values are 1 and need not be read any more. A copy of this rank's entries is made on the way where it is asked
 * for. */
#include "read/hdf5_feed.h"

#include "base/file.h"
#include "base/memory.h"
#include "dist/collective.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_ENTRIES = 1 << 20 };

/* One look at this rank's entries, block of rows by block of rows. */
typedef struct look {
    pw_reader *reader;
    const pw_hdf5_source *source;
    const pw_streaming *streaming;
    const pw_matrix *V;
    int64_t begin; /* of this rank's entries in the file */
    pw_feed_file *file;
    pw_matrix block; /* rows that are looked at; its arrays have room for any */
    bool others;     /* values that are not 1 */
} look;

/* The end of a block of rows from `row` on. */
static int64_t end_of_block(const pw_matrix *V, int64_t row)
{
    int64_t end = row + 1;
    while (end < V->count && V->row_pointer[end + 1] - V->row_pointer[row] <= MOST_ENTRIES)
        end++;
    return end;
}

static pw_code make_room(look *l)
{
    const pw_matrix *V = l->V;
    int64_t rows = 0, entries = 0;
    pw_code code = PW_OK;
    for (int64_t row = 0, end; row < V->count; row = end) {
        end = end_of_block(V, row);
        const int64_t now = V->row_pointer[end] - V->row_pointer[row];
        rows = end - row > rows ? end - row : rows;
        entries = now > entries ? now : entries;
    }
    l->block = (pw_matrix){.cols = V->cols, .sparse = true, .type = V->type, .path = V->path};
    PW_TRY(PW_NEW(l->block.row_pointer, rows + 1));
    PW_TRY(PW_NEW(l->block.column, entries));
    l->block.values = pw_new(entries, pw_type_size(V->type));
    code = l->block.values ? PW_OK : PW_ERROR_MEMORY;
done:
    return code;
}

static pw_code read_block(look *l, int64_t first, int64_t end)
{
    const int64_t *pointer = l->V->row_pointer + first;
    const int64_t entries = pointer[end - first] - pointer[0], from = l->begin + pointer[0];
    pw_code code = PW_OK;
    l->block.count = end - first;
    for (int64_t i = 0; i <= end - first; i++)
        l->block.row_pointer[i] = pointer[i] - pointer[0];
    PW_TRY(pw_hdf5_indices(l->reader, l->source, from, entries, l->V->cols, l->block.column));
    code = pw_hdf5_part(l->reader, l->source, "data", from, entries, l->V->type, l->block.values);
done:
    return code;
}

/* The first row of the block that cannot be taken as it is; `twice` tells that it has two entries in one place. */
static int64_t find_bad_row(const look *l, bool *twice)
{
    const uint32_t *column = l->block.column;
    for (int64_t row = 0; row < l->block.count; row++)
        for (int64_t i = l->block.row_pointer[row] + 1; i < l->block.row_pointer[row + 1]; i++)
            if (column[i - 1] >= column[i]) {
                *twice = column[i - 1] == column[i];
                return row;
            }
    return -1;
}

static pw_code check_block(const look *l, int64_t first)
{
    bool twice = false;
    char name[48];
    const int64_t row = find_bad_row(l, &twice);
    if (row < 0)
        return PW_OK;
    snprintf(name, sizeof name, "%s %" PRId64, l->source->by_columns ? "column" : "row",
             l->V->first + first + row);
    return twice ? pw_streaming_fail(l->streaming, l->V, name, "has two entries in one place",
                                     "or write it anew (partwise convert)")
                 : pw_streaming_fail(l->streaming, l->V, name, "has entries that are not in order",
                                     "give a --stage directory with room for V, or write it anew "
                                     "(partwise convert)");
}

static pw_code copy_block(const look *l, int64_t first)
{
    const char *stage = l->streaming->stage;
    const int64_t at = l->V->row_pointer[first], entries = l->block.row_pointer[l->block.count];
    const int64_t size = (int64_t)pw_type_size(l->V->type);
    pw_code code = PW_OK;
    PW_TRY(pw_stage_write(stage, l->file->descriptor, l->file->columns + 4 * at, l->block.column,
                          4 * entries));
    code = pw_stage_write(stage, l->file->descriptor, l->file->values + size * at, l->block.values,
                          size * entries);
done:
    return code;
}

static pw_code look_at_all(look *l)
{
    pw_code code = PW_OK;
    PW_TRY(make_room(l));
    for (int64_t row = 0, end; row < l->V->count; row = end) {
        end = end_of_block(l->V, row);
        PW_TRY(read_block(l, row, end));
        if (l->streaming->stage)
            PW_TRY(pw_hdf5_sort_rows(&l->block));
        PW_TRY(check_block(l, row));
        l->others = l->others || !pw_are_ones(l->block.type, l->block.values,
                                              pw_matrix_local_entries(&l->block));
        if (l->streaming->stage)
            PW_TRY(copy_block(l, row));
    }
done:
    free(l->block.row_pointer);
    free(l->block.column);
    free(l->block.values);
    return code;
}

/* Columns begin at the end of the values, which may turn out not to be needed. */
static pw_code open_copy(const pw_streaming *streaming, const pw_matrix *V, pw_feed_file *file)
{
    const int64_t entries = V->row_pointer[V->count], size = (int64_t)pw_type_size(V->type);
    file->columns = (size * entries + 7) / 8 * 8;
    return pw_stage_open(streaming->stage, file->columns + 4 * entries, &file->descriptor);
}

static pw_code open_original(pw_reader *reader, const pw_hdf5_source *source,
                             const pw_streaming *streaming, int64_t begin, const pw_matrix *V,
                             pw_feed_file *file)
{
    const pw_type index = source->index_type == PW_I32 ? PW_I32 : PW_U32;
    char path[PW_INSIDE_LENGTH];
    pw_code code = PW_OK;
    if (!pw_hdf5_join(path, source->inside, "indices"))
        return pw_fail(PW_ERROR_INPUT, "%s: too long a path.", source->inside);
    PW_TRY(pw_hdf5_offset(reader, path, index, streaming, V, &file->columns));
    file->columns += 4 * begin;
    if (!pw_hdf5_join(path, source->inside, "data"))
        return pw_fail(PW_ERROR_INPUT, "%s: too long a path.", source->inside);
    PW_TRY(pw_hdf5_offset(reader, path, V->type, streaming, V, &file->values));
    file->values += (int64_t)pw_type_size(V->type) * begin;
    code = pw_file_open(pw_reader_path(reader), &file->descriptor);
done:
    return code;
}

static pw_code read_pointers(pw_reader *reader, const pw_hdf5_source *source, int64_t begin,
                             pw_matrix *V)
{
    pw_code code = PW_NEW(V->row_pointer, V->count + 1);
    if (code == PW_OK && V->count > 0)
        code =
            pw_hdf5_part(reader, source, "indptr", V->first, V->count + 1, PW_I64, V->row_pointer);
    for (int64_t i = 0; code == PW_OK && V->count > 0 && i <= V->count; i++)
        V->row_pointer[i] -= begin;
    return code;
}

pw_code pw_hdf5_feed_sparse(pw_team *team, pw_reader *reader, const pw_hdf5_source *source,
                            const pw_streaming *streaming, int64_t begin, pw_matrix *V)
{
    pw_feed_file file = {.descriptor = -1};
    look l = {.reader = reader,
              .source = source,
              .streaming = streaming,
              .V = V,
              .begin = begin,
              .file = &file};
    pw_code code = read_pointers(reader, source, begin, V);
    if (code == PW_OK)
        code = streaming->stage ? open_copy(streaming, V, &file)
                                : open_original(reader, source, streaming, begin, V, &file);
    if (code == PW_OK)
        code = look_at_all(&l);
    PW_TRY(pw_agree(team, code));
    int64_t others = l.others;
    pw_reduce_max_int(team, &others, 1);
    if (!others && V->entries > 0)
        V->type = PW_ONE;
    return pw_feed_create(team, file, streaming->room - 8 * (V->count + 1), V);
done:
    if (file.descriptor >= 0)
        close(file.descriptor);
    return code;
}
