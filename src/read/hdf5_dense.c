/* Dense V from a data set: rows go straight into place; by columns, slabs are handed over. */
#include "read/hdf5_feed.h"

#include "base/memory.h"
#include "base/smaller.h"
#include "dist/collective.h"
#include "matrix/assemble.h"

/* Slabs on their way to other ranks, unless one row takes more; chunks up to CHUNKS_BYTES stay
 * whole. */
enum { SLAB_BYTES = 8 << 20, CHUNKS_BYTES = 256 << 20 };

static pw_code read_by_rows(pw_team *team, pw_reader *reader, const pw_hdf5_source *source,
                            const pw_options *options, pw_matrix *V)
{
    pw_streaming streaming;
    pw_code code = PW_OK;
    PW_TRY(pw_matrix_shape_dense(team, source->m, source->n, false, source->type, V));
    PW_TRY(pw_streaming_plan(team, options, V, pw_matrix_bytes(V), &streaming));
    if (streaming.wanted)
        return pw_hdf5_feed_dense(team, reader, source, &streaming, V);
    PW_TRY(pw_matrix_allocate_dense(team, V));
    code = pw_reader_block(reader, source->inside, V->first, V->count, 0, source->n, V->type,
                           V->values);
    code = pw_agree(team, code);
done:
    return code;
}

/* Rows of a slab: a multiple of the chunks' height where that is not too much. */
static int64_t rows_of_slab(const pw_hdf5_source *source)
{
    const int64_t row_bytes = source->n * (int64_t)pw_type_size(source->type);
    const int64_t high = source->chunk_rows, rows = SLAB_BYTES / row_bytes;
    if (high > 0 && rows < high && high <= CHUNKS_BYTES / row_bytes)
        return high;
    if (high > 0 && rows >= high)
        return rows - rows % high;
    return rows > 0 ? rows : 1;
}

static pw_code read_by_columns(pw_team *team, pw_reader *reader, const pw_hdf5_source *source,
                               pw_matrix *V)
{
    const int64_t step = rows_of_slab(source);
    const int64_t end = pw_share(source->m, team->size, team->rank + 1);
    int64_t row = pw_share(source->m, team->size, team->rank);
    int64_t rounds = row < end ? (end - 1) / step - row / step + 1 : 0;
    const int64_t slab_rows = pw_smaller(step, end - row);
    void *slab = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_matrix_new_dense(team, source->n, source->m, true, source->type, V));
    pw_reduce_max_int(team, &rounds, 1);
    slab = pw_new(slab_rows * source->n, pw_type_size(source->type));
    PW_TRY(pw_agree(team, slab ? PW_OK : PW_ERROR_MEMORY));
    for (int64_t round = 0; round < rounds; round++) {
        const int64_t count = row < end ? pw_smaller((row / step + 1) * step, end) - row : 0;
        code = pw_reader_block(reader, source->inside, row, count, 0, source->n, V->type, slab);
        PW_TRY(pw_agree(team, code));
        PW_TRY(pw_matrix_put_rows(team, V, row, count, slab));
        row += count;
    }
done:
    free(slab);
    return code;
}

pw_code pw_hdf5_read_dense(pw_team *team, pw_reader *reader, const pw_hdf5_source *source,
                           const pw_options *options, bool transposed, pw_matrix *V)
{
    return transposed ? read_by_columns(team, reader, source, V)
                      : read_by_rows(team, reader, source, options, V);
}
