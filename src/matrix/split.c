#include "matrix/split.h"

#include "base/clones.h"
#include "base/memory.h"
#include "base/search.h"

enum {
    LANES = 16,     /* threads whose columns are compared with at once */
    SHORT_ROW = 256 /* entries: all of them are compared, in longer ones columns are searched for */
};

typedef uint32_t lanes
    __attribute__((vector_size(LANES * sizeof(uint32_t)), aligned(4), may_alias));

static int64_t whole(int64_t count)
{
    return (count + LANES - 1) / LANES * LANES;
}

/* The numbers of one thread; those of the next one do not fall on the same lines of the cache. */
static int64_t stride_of(const pw_source *source)
{
    return whole(source->tile_rows) + LANES;
}

int64_t pw_split_bytes(const pw_source *source, int threads)
{
    const int64_t numbers = source->V->sparse && threads > 1 ? 2 * (threads + 1) : 0;
    return numbers * stride_of(source) * (int64_t)sizeof(uint32_t);
}

pw_code pw_split_create(const pw_source *source, int threads, const int64_t *first_column,
                        pw_split *split)
{
    pw_code code = PW_OK;
    *split =
        (pw_split){.threads = threads, .tile_rows = source->tile_rows, .stride = stride_of(source)};
    PW_TRY(PW_NEW(split->column, whole(threads - 1)));
    PW_TRY(PW_NEW(split->begin, 2 * (threads + 1) * split->stride));
    for (int t = 1; t < threads; t++)
        split->column[t - 1] = (uint32_t)first_column[t];
done:
    return code;
}

void pw_split_destroy(pw_split *split)
{
    free(split->column);
    free(split->begin);
    *split = (pw_split){.threads = 0};
}

static uint32_t *begin_of(const pw_split *split, const pw_tile *tile, int thread)
{
    const int64_t parity = tile->first / split->tile_rows & 1;
    return split->begin + (parity * (split->threads + 1) + thread) * split->stride;
}

/* The entries before the columns of each thread but the first one, to begin[0], begin[stride], … */
PW_CLONES static void split_short(const pw_split *split, const uint32_t *column, int64_t count,
                                  uint32_t *begin)
{
    const int others = split->threads - 1;
    for (int t = 0; t < others; t += LANES) {
        const lanes first = *(const lanes *)(split->column + t);
        lanes before = {0};
        for (int64_t e = 0; e < count; e++)
            before -= (lanes)(column[e] - (lanes){0} < first);
        const int some = others - t < LANES ? others - t : LANES;
        for (int i = 0; i < some; i++)
            begin[(t + i) * split->stride] = before[i];
    }
}

static void split_long(const pw_split *split, const uint32_t *column, int64_t count,
                       uint32_t *begin)
{
    int64_t before = 0;
    for (int t = 0; t < split->threads - 1; t++) {
        before += pw_column_not_below(column + before, count - before, split->column[t]);
        begin[t * split->stride] = (uint32_t)before;
    }
}

void pw_split_rows(const pw_split *split, const pw_tile *tile, int64_t from, int64_t to)
{
    uint32_t *begin = begin_of(split, tile, 0), *end = begin_of(split, tile, split->threads);
    for (int64_t row = from; row < to; row++) {
        const uint32_t *column = tile->column + tile->row_pointer[row];
        const int64_t count = tile->row_pointer[row + 1] - tile->row_pointer[row];
        begin[row] = 0;
        (count <= SHORT_ROW ? split_short : split_long)(split, column, count,
                                                        begin + split->stride + row);
        end[row] = (uint32_t)count;
    }
}

pw_split_share pw_split_of(const pw_split *split, const pw_tile *tile, int thread)
{
    return (pw_split_share){begin_of(split, tile, thread), begin_of(split, tile, thread + 1)};
}
