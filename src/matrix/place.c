#include "matrix/place.h"

#include "matrix/share.h"

#include <omp.h>

enum { PAGE = 4096 }; /* bytes: no system has smaller ones */

/* The bytes of row r begin at size · before[r], or at size · r where that is NULL. */
static void touch_rows(const int64_t *before, int64_t from, int64_t to, size_t size, char *memory)
{
    const size_t begin = size * (size_t)(before ? before[from] : from);
    const size_t end = size * (size_t)(before ? before[to] : to);
    for (size_t at = begin; at < end; at += PAGE)
        memory[at] = 0;
}

static void place(const pw_team *team, const pw_matrix *V, const int64_t *before, size_t size,
                  void *memory)
{
    const int threads = team->threads;
    if (threads == 1 || !memory)
        return;
    const pw_source source = pw_source_of(V, threads);
#pragma omp parallel num_threads(threads)
    for (int64_t b = 0; b < source.tiles; b++) {
        const int thread = omp_get_thread_num();
        const pw_tile tile = pw_matrix_tile(V, b * source.tile_rows, pw_source_rows(&source, b));
        const int64_t from = pw_tile_share(&tile, PW_ROW_OF_PRODUCTS, threads, thread);
        const int64_t to = pw_tile_share(&tile, PW_ROW_OF_PRODUCTS, threads, thread + 1);
        touch_rows(before, tile.first + from, tile.first + to, size, memory);
    }
}

void pw_place_rows(const pw_team *team, const pw_matrix *V, size_t size, void *memory)
{
    place(team, V, NULL, size, memory);
}

void pw_place_entries(const pw_team *team, const pw_matrix *V, size_t size, void *memory)
{
    place(team, V, V->row_pointer, size, memory);
}
