/* The workspace of products: room that grows to the widest of them. */
#include "base/memory.h"
#include "base/smaller.h"
#include "matrix/products_kernels.h"

/* The first column of thread t's share of P: equal columns where V is dense, equal nonzeros where sparse. */
static pw_code share_columns(pw_workspace *w)
{
    const pw_matrix *V = w->source->V;
    const int threads = w->threads;
    for (int t = 0; t < threads; t++) {
        w->share[t].column_from = pw_share(V->cols, threads, t);
        w->share[t].column_to = pw_share(V->cols, threads, t + 1);
    }
    if (!V->sparse || threads == 1)
        return PW_OK;
    int64_t *before;
    pw_layout columns = {.size = 0};
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(before, V->cols + 1));
    pw_source_begin(w->source, 1);
    for (int64_t b = 0; b < w->source->tiles; b++) {
        const pw_tile tile = pw_source_tile(w->source, b);
        for (int64_t i = tile.row_pointer[0]; i < tile.row_pointer[tile.rows]; i++)
            before[tile.column[i] + 1]++;
    }
    for (int64_t j = 0; j < V->cols; j++)
        before[j + 1] += before[j];
    PW_TRY(pw_layout_weighted(V->cols, threads, V->cols, before, &columns));
    for (int t = 0; t < threads; t++) {
        w->share[t].column_from = columns.offset[t];
        w->share[t].column_to = columns.offset[t + 1];
    }
    PW_TRY(pw_split_create(w->source, threads, columns.offset, &w->split));
done:
    pw_layout_destroy(&columns);
    free(before);
    return code;
}

int64_t pw_workspace_bytes(const pw_source *source, int threads)
{
    return pw_split_bytes(source, threads);
}

pw_code pw_workspace_create(const pw_source *source, int threads, pw_workspace *workspace)
{
    *workspace = (pw_workspace){.source = source, .threads = threads};
    const pw_code code = PW_NEW(workspace->share, threads);
    return code == PW_OK ? share_columns(workspace) : code;
}

void pw_workspace_destroy(pw_workspace *workspace)
{
    if (!workspace)
        return;
    for (int t = 0; workspace->share && t < workspace->threads; t++)
        for (int i = 0; i < PW_ROOMS; i++)
            free(workspace->share[t].room[i]);
    free(workspace->share);
    pw_split_destroy(&workspace->split);
    *workspace = (pw_workspace){.threads = 0};
}

void pw_workspace_take(const pw_workspace *workspace, const pw_tile *tile, int64_t from, int64_t to)
{
    if (tile->sparse && workspace->threads > 1)
        pw_split_rows(&workspace->split, tile, from, to);
}

/* What products with dense V take: a thread's rows of a tile, and slabs of it, are worked on in blocks. */
static void dense_bytes(const pw_products *p, int64_t bytes[PW_ROOMS])
{
    const int64_t real = p->single ? sizeof(float) : sizeof(double);
    const int64_t columns = pw_dense_columns(p, p->rows);
    const pw_part *last = &p->part[p->parts - 1]; /* the widest */
    for (int q = 0; p->widen && q < p->parts; q++)
        bytes[PW_ROOM_A + q] =
            pw_larger(p->rows * columns, p->slab * pw_dense_columns(p, p->slab)) * real;
    if (last->operand != PW_OPERAND_ROWS)
        bytes[PW_ROOM_OPERAND] = pw_larger(p->slab, columns) * last->width * real;
    if (p->single) {
        bytes[PW_ROOM_R] = p->rows * last->width * real;
        bytes[PW_ROOM_W] = p->rows * p->K * real;
    }
}

static void sparse_bytes(const pw_products *p, int64_t bytes[PW_ROOMS])
{
    const int64_t real = p->single ? sizeof(float) : sizeof(double);
    const pw_part *last = &p->part[p->parts - 1];
    if (last->operand != PW_OPERAND_ROWS)
        bytes[PW_ROOM_OPERAND] = PW_GATHERED * last->width * real;
}

/* Products begin with room that is 0. */
static pw_code grow(void **room, int64_t *bytes, int64_t needed)
{
    if (needed <= *bytes)
        return PW_OK;
    free(*room);
    *bytes = 0;
    *room = pw_new(needed, 1);
    if (!*room)
        return PW_ERROR_MEMORY;
    *bytes = needed;
    return PW_OK;
}

pw_code pw_workspace_fit(pw_workspace *workspace, const pw_products *products)
{
    int64_t bytes[PW_ROOMS] = {0};
    pw_code code = PW_OK;
    if (workspace->source->V->sparse)
        sparse_bytes(products, bytes);
    else
        dense_bytes(products, bytes);
    for (int t = 0; t < workspace->threads; t++)
        for (int i = 0; i < PW_ROOMS; i++)
            PW_TRY(grow(&workspace->share[t].room[i], &workspace->share[t].bytes[i], bytes[i]));
done:
    return code;
}
