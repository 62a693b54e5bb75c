#include "matrix/share.h"

#include "dist/layout.h"

/* Work of the rows before `row`. */
static int64_t work_before(const int64_t *row_pointer, int64_t row_cost, int64_t row)
{
    return row_pointer[row] - row_pointer[0] + row_cost * row;
}

/* The row with the work before it nearest to `wanted`. */
static int64_t nearest_row(const int64_t *row_pointer, int64_t rows, int64_t row_cost,
                           int64_t wanted)
{
    int64_t low = 0, high = rows;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (work_before(row_pointer, row_cost, middle) < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return 0;
    const int64_t over = work_before(row_pointer, row_cost, low) - wanted;
    const int64_t under = wanted - work_before(row_pointer, row_cost, low - 1);
    return under < over ? low - 1 : low;
}

static int64_t first_row(const int64_t *row_pointer, int64_t rows, int64_t row_cost, int threads,
                         int thread)
{
    if (!row_pointer || thread == threads)
        return pw_share(rows, threads, thread);
    const int64_t all = work_before(row_pointer, row_cost, rows);
    return nearest_row(row_pointer, rows, row_cost, pw_share(all, threads, thread));
}

int64_t pw_tile_share(const pw_tile *tile, int64_t row_cost, int threads, int thread)
{
    return first_row(tile->row_pointer, tile->rows, row_cost, threads, thread);
}

int64_t pw_source_most_shared(const pw_source *source, int64_t row_cost, int threads, int thread)
{
    int64_t most = 0;
    for (int64_t b = 0; b < source->tiles; b++) {
        const int64_t rows = pw_source_rows(source, b);
        const int64_t *row_pointer =
            source->V->sparse ? source->V->row_pointer + b * source->tile_rows : NULL;
        const int64_t from = first_row(row_pointer, rows, row_cost, threads, thread);
        const int64_t share = first_row(row_pointer, rows, row_cost, threads, thread + 1) - from;
        most = share > most ? share : most;
    }
    return most;
}
