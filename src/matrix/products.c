#include "matrix/products.h"

#include "base/memory.h"
#include "matrix/products_kernels.h"

#include <limits.h>
#include <math.h>
#include <string.h>

pw_precision pw_precision_for(pw_type type)
{
    switch (type) {
    case PW_U32:
    case PW_I32:
    case PW_U64:
    case PW_I64:
    case PW_F64:
        return PW_PRECISION_DOUBLE;
    default:
        return PW_PRECISION_SINGLE;
    }
}

/* The first column of thread t's share of P: equal columns where V is dense, equal nonzeros where sparse. */
static pw_code share_columns(pw_products *p)
{
    const pw_matrix *V = p->V;
    const int threads = p->threads;
    for (int t = 0; t < threads; t++) {
        p->share[t].column_from = pw_share(V->cols, threads, t);
        p->share[t].column_to = pw_share(V->cols, threads, t + 1);
    }
    if (!V->sparse || threads == 1)
        return PW_OK;
    int64_t *before;
    pw_layout columns = {.size = 0};
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(before, V->cols + 1));
    for (int64_t i = 0; i < V->row_pointer[V->count]; i++)
        before[V->column[i] + 1]++;
    for (int64_t j = 0; j < V->cols; j++)
        before[j + 1] += before[j];
    PW_TRY(pw_layout_weighted(V->cols, threads, V->cols, before, &columns));
    for (int t = 0; t < threads; t++) {
        p->share[t].column_from = columns.offset[t];
        p->share[t].column_to = columns.offset[t + 1];
    }
done:
    pw_layout_destroy(&columns);
    free(before);
    return code;
}

/* Columns of a dense tile that are widened or derived at a time: they stay in the second-level cache. */
static int64_t block_width(const pw_source *source, bool widen)
{
    enum { WIDE_ELEMENTS = 1 << 16 };
    return widen && source->tile_rows > WIDE_ELEMENTS / PW_MOST_TERMS
               ? WIDE_ELEMENTS / source->tile_rows
               : PW_MOST_TERMS;
}

static bool is_single(const pw_matrix *V, pw_precision precision)
{
    return (precision == PW_PRECISION_AUTO ? pw_precision_for(V->type) : precision) ==
           PW_PRECISION_SINGLE;
}

int64_t pw_products_bytes(const pw_source *source, const pw_products_request *request)
{
    const pw_matrix *V = source->V;
    const int64_t width = request->K + (V->sparse ? 0 : pw_products_width(request));
    return is_single(V, request->precision) ? V->cols * width * (int64_t)sizeof(float) : 0;
}

/* The widest part; its operand is made of rows of the factors unless it is those rows. */
static const pw_part *last_part(const pw_products *p)
{
    return &p->part[p->parts - 1];
}

static pw_code create_operand(const pw_products *p, pw_products_share *share, int64_t rows)
{
    if (last_part(p)->operand == PW_OPERAND_ROWS)
        return PW_OK;
    share->operand = pw_new(rows * last_part(p)->width, p->single ? sizeof(float) : sizeof(double));
    return share->operand ? PW_OK : PW_ERROR_MEMORY;
}

static pw_code create_dense_blocks(pw_products *p, int64_t tile_rows)
{
    const size_t real = p->single ? sizeof(float) : sizeof(double);
    pw_code code = PW_OK;
    if (p->single)
        PW_TRY(PW_NEW(p->P_single, p->V->cols * p->width));
    for (int t = 0; t < p->threads; t++) {
        pw_products_share *share = &p->share[t];
        for (int q = 0; p->widen && q < p->parts; q++)
            PW_TRY((share->A_block[q] = pw_new(tile_rows * p->block, real)) ? PW_OK
                                                                            : PW_ERROR_MEMORY);
        PW_TRY(create_operand(p, share, tile_rows > p->block ? tile_rows : p->block));
        if (p->single) {
            PW_TRY(PW_NEW(share->R_block, tile_rows * last_part(p)->width));
            PW_TRY(PW_NEW(share->W_block, tile_rows * p->K));
        }
    }
done:
    return code;
}

static pw_code create_sparse_rows(pw_products *p)
{
    pw_code code = PW_OK;
    for (int t = 0; t < p->threads; t++) {
        pw_products_share *share = &p->share[t];
        PW_TRY(create_operand(p, share, PW_GATHERED)); /* also has room for one row in double */
        if (p->single) {
            PW_TRY(PW_NEW(share->R_block, p->width));
            PW_TRY(PW_NEW(share->W_block, p->K));
        }
    }
done:
    return code;
}

pw_code pw_products_create(const pw_source *source, const pw_products_request *request,
                           pw_products *products)
{
    const pw_matrix *V = source->V;
    const double typical = request->typical;
    const bool single = is_single(V, request->precision);
    pw_code code = PW_OK;
    *products = (pw_products){
        .V = V,
        .K = request->K,
        .threads = request->threads,
        .terms = request->terms,
        .width = pw_products_width(request),
        .loss = request->loss,
        .single = single,
        .widen = request->terms != PW_TERMS_V || V->weight ||
                 V->type != (single ? PW_F32 : PW_F64) ||
                 V->cols > INT_MAX, /* BLAS' leading dimensions are int */
        .scale = typical > 0 ? exp2(round(log2(typical))) : 1,
    };
    products->parts = pw_products_parts(request, products->part);
    products->block = block_width(source, products->widen);
    PW_TRY(PW_NEW(products->share, request->threads));
    PW_TRY(share_columns(products));
    if (single)
        PW_TRY(PW_NEW(products->H_single, V->cols * request->K));
    PW_TRY(V->sparse ? create_sparse_rows(products)
                     : create_dense_blocks(products, source->tile_rows));
done:
    return code;
}

void pw_products_destroy(pw_products *products)
{
    if (!products)
        return;
    for (int t = 0; products->share && t < products->threads; t++) {
        for (int q = 0; q < PW_MOST_PARTS; q++)
            free(products->share[t].A_block[q]);
        free(products->share[t].operand);
        free(products->share[t].R_block);
        free(products->share[t].W_block);
    }
    free(products->share);
    free(products->H_single);
    free(products->P_single);
    *products = (pw_products){.K = 0};
}

void pw_products_begin(pw_products *products, const double *H, double *P, pw_measure measure)
{
    const int64_t n = products->V->cols;
    const double inverse = 1 / products->scale;
    products->H = H;
    products->P = P;
    products->measure = measure;
    for (int t = 0; t < products->threads; t++)
        products->share[t].loss = products->share[t].zeros = products->share[t].held_out = 0;
    if (products->single)
        for (int64_t i = 0; i < n * products->K; i++)
            products->H_single[i] = (float)(H[i] * inverse);
    if (P)
        memset(P, 0, (size_t)(n * products->width) * sizeof *P);
}

void pw_products_times_h(pw_products *products, const pw_tile *tile, int thread, int64_t from,
                         int64_t to, const double *W, double *R, int64_t room)
{
    if (from >= to)
        return;
    for (const pw_part *part = products->part; part < products->part + products->parts; part++)
        memset(R + room * part->offset + from * part->width, 0,
               (size_t)((to - from) * part->width) * sizeof *R);
    (tile->sparse ? pw_sparse_times_h : pw_dense_times_h)(products, tile, thread, from, to, W, R,
                                                          room);
}

void pw_products_times_w(pw_products *products, const pw_tile *tile, int thread, const double *W)
{
    (tile->sparse ? pw_sparse_times_w : pw_dense_times_w)(products, tile, thread, W);
}

void pw_products_end(pw_products *products, int thread)
{
    if (products->P_single)
        pw_dense_fold(products, thread);
}
