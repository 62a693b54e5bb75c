/* Dense V that is streamed: from its data set where that stands in the file row after row, else from a copy of this rank's
 * rows. */
#include "read/hdf5_feed.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/smaller.h"
#include "dist/collective.h"

#include <unistd.h>

enum { SLAB_BYTES = 8 << 20 };

/* Rows of slabs that unpack each chunk once, where one is not larger than what may be taken. */
static int64_t rows_of_slab(const pw_hdf5_source *source, int64_t row_bytes, int64_t most)
{
    const int64_t rows = SLAB_BYTES / row_bytes > 0 ? SLAB_BYTES / row_bytes : 1;
    const int64_t high = source->chunk_rows;
    if (high == 0 || pw_smaller(rows, high) == high)
        return high > 0 ? rows - rows % high : rows;
    return high * row_bytes <= most ? high : rows;
}

static pw_code copy_rows(pw_reader *reader, const pw_hdf5_source *source,
                         const pw_streaming *streaming, const pw_matrix *V, int file)
{
    const int64_t row_bytes = V->cols * (int64_t)pw_type_size(V->type);
    const int64_t step = rows_of_slab(source, row_bytes, streaming->room);
    const int64_t end = V->first + V->count;
    void *slab = pw_new(pw_smaller(step, V->count), (size_t)row_bytes);
    pw_code code = slab ? PW_OK : PW_ERROR_MEMORY;
    for (int64_t row = V->first, next; code == PW_OK && row < end; row = next) {
        next = pw_smaller((row / step + 1) * step, end);
        code = pw_reader_block(reader, source->inside, row, next - row, 0, V->cols, V->type, slab);
        if (code == PW_OK)
            code = pw_stage_write(streaming->stage, file, (row - V->first) * row_bytes, slab,
                                  (next - row) * row_bytes);
    }
    free(slab);
    return code;
}

pw_code pw_hdf5_offset(pw_reader *reader, const char *name, pw_type type,
                       const pw_streaming *streaming, const pw_matrix *V, int64_t *offset)
{
    const char *obstacle;
    const pw_code code = pw_reader_offset(reader, name, type, offset, &obstacle);
    return code == PW_OK && obstacle
               ? pw_streaming_fail(streaming, V, name, obstacle,
                                   "give a --stage directory with room for V, or write it anew "
                                   "(partwise convert)")
               : code;
}

static pw_code open_file(pw_reader *reader, const pw_hdf5_source *source,
                         const pw_streaming *streaming, const pw_matrix *V, pw_feed_file *file)
{
    const int64_t row_bytes = V->cols * (int64_t)pw_type_size(V->type);
    pw_code code = PW_OK;
    if (streaming->stage) {
        PW_TRY(pw_stage_open(streaming->stage, V->count * row_bytes, &file->descriptor));
        PW_TRY(copy_rows(reader, source, streaming, V, file->descriptor));
    } else {
        PW_TRY(pw_hdf5_offset(reader, source->inside, V->type, streaming, V, &file->values));
        file->values += V->first * row_bytes;
        PW_TRY(pw_file_open(pw_reader_path(reader), &file->descriptor));
    }
done:
    return code;
}

pw_code pw_hdf5_feed_dense(pw_team *team, pw_reader *reader, const pw_hdf5_source *source,
                           const pw_streaming *streaming, pw_matrix *V)
{
    pw_feed_file file = {.descriptor = -1};
    const pw_code code = pw_agree(team, open_file(reader, source, streaming, V, &file));
    if (code == PW_OK)
        return pw_feed_create(team, file, streaming->room, V);
    if (file.descriptor >= 0)
        close(file.descriptor);
    return code;
}
