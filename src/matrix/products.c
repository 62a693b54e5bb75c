#include "matrix/products.h"

#include "base/memory.h"
#include "base/smaller.h"
#include "linalg/skinny.h"
#include "matrix/products_kernels.h"

#include <limits.h>
#include <math.h>
#include <string.h>

enum { LARGE = 1 << 16 }; /* elements of P from which on all threads clear it */

void pw_products_narrow_w(const pw_products *p, int64_t rows, const double *W, float *narrow)
{
    const double inverse = 1 / p->unit;
    for (int64_t i = 0; i < rows * p->K; i++)
        narrow[i] = (float)(W[i] * inverse);
}

/* Whether H is packed: dense V has tiles enough for that to be used more than once. The elements of a row then, else 0. */
static int64_t packed_width(const pw_source *source, int64_t K, bool single)
{
    const bool pays = !source->V->sparse && source->tiles > 1;
    return pays ? pw_skinny_packed_width(K, single ? sizeof(float) : sizeof(double)) : 0;
}

int64_t pw_products_bytes(const pw_source *source, const pw_products_request *request)
{
    const pw_matrix *V = source->V;
    const bool single = pw_is_single(request->precision, V->type);
    const int64_t packed = packed_width(source, request->K, single);
    const int64_t terms = V->sparse ? sizeof(uint16_t) : 0;
    const int64_t H = packed == 0 || request->terms != PW_TERMS_V ? request->K : 0;
    const int64_t W = 2 * source->tile_rows * request->K; /* of two tiles */
    const int64_t floats = V->cols * (H + packed + pw_products_width(request)) + W;
    return single ? floats * (int64_t)sizeof(float) + V->cols * terms
                  : V->cols * packed * (int64_t)sizeof(double);
}

static pw_code make_room_to_pack(pw_products *p)
{
    const size_t size = p->single ? sizeof(float) : sizeof(double);
    const int64_t width = packed_width(p->workspace->source, p->K, p->single);
    if (width == 0)
        return PW_OK;
    p->H_room = pw_new(p->V->cols * width + PW_SKINNY_ALIGNED / (int64_t)size, size);
    if (!p->H_room)
        return PW_ERROR_MEMORY;
    const uintptr_t begin = (uintptr_t)p->H_room + PW_SKINNY_ALIGNED - 1;
    p->H_packed = (void *)(begin - begin % PW_SKINNY_ALIGNED);
    return PW_OK;
}

pw_code pw_products_create(pw_workspace *workspace, const pw_products_request *request,
                           pw_products *products)
{
    const pw_source *source = workspace->source;
    const pw_matrix *V = source->V;
    const double typical = request->typical;
    const double scale = typical > 0 ? exp2(round(log2(typical))) : 1;
    const bool single = pw_is_single(request->precision, V->type);
    pw_code code = PW_OK;
    *products = (pw_products){
        .V = V,
        .workspace = workspace,
        .K = request->K,
        .threads = workspace->threads,
        .terms = request->terms,
        .width = pw_products_width(request),
        .loss = request->loss,
        .single = single,
        .widen = request->terms != PW_TERMS_V || V->weight || request->drawn ||
                 V->type != (single ? PW_F32 : PW_F64) ||
                 V->cols > INT_MAX, /* BLAS' leading dimensions are int */
        .scale = scale,
        .unit = single ? scale : 1,
    };
    products->parts = pw_products_parts(request, products->part);
    products->rows = pw_parts_of(source->tile_rows, products->threads);
    products->slab = pw_parts_of(source->tile_rows,
                                 pw_parts_of(source->tile_rows, PW_MOST_TERMS)); /* all alike */
    PW_TRY(PW_NEW(products->share, products->threads));
    PW_TRY(make_room_to_pack(products));
    if (single && (!products->H_packed || request->terms != PW_TERMS_V))
        PW_TRY(PW_NEW(products->H_single, V->cols * request->K));
    if (single)
        PW_TRY(PW_NEW(products->W_single, 2 * source->tile_rows * request->K));
    if (single)
        PW_TRY(PW_NEW(products->P_single, V->cols * products->width));
    if (single && V->sparse)
        PW_TRY(PW_NEW(products->terms_of_column, V->cols));
    PW_TRY(pw_workspace_fit(workspace, products));
done:
    return code;
}

void pw_products_destroy(pw_products *products)
{
    if (!products)
        return;
    free(products->share);
    free(products->H_single);
    free(products->H_room);
    free(products->W_single);
    free(products->P_single);
    free(products->terms_of_column);
    *products = (pw_products){.K = 0};
}

void pw_products_narrow(pw_products *products, int K)
{
    products->K = K;
    products->width = products->part[0].width = K;
}

/* Rows of H as the products take them, some at a time. */
static void take_h(pw_products *p, int64_t from, int64_t to)
{
    enum { SOME = 4096 };
    float room[SOME];
    const int64_t n = p->V->cols, K = p->K, most = SOME / K > 0 ? SOME / K : to - from;
    const double inverse = 1 / p->scale;
    for (int64_t j = from, rows; j < to; j += rows) {
        rows = pw_smaller(to - j, most);
        float *narrow = p->H_single ? p->H_single + j * K : room;
        for (int64_t i = 0; p->single && i < rows * K; i++)
            narrow[i] = (float)(p->H[j * K + i] * inverse);
        if (p->H_packed && p->single)
            pw_skinny_pack_float(K, n, j, rows, narrow, K, p->H_packed);
        else if (p->H_packed)
            pw_skinny_pack_double(K, n, j, rows, p->H + j * K, K, p->H_packed);
    }
}

/* A thread's columns: H as the products take it, and P is 0. */
static void begin_share(pw_products *products, int thread)
{
    const int64_t n = products->V->cols;
    const int64_t from = products->workspace->share[thread].column_from;
    const int64_t to = products->workspace->share[thread].column_to;
    pw_products_share *share = &products->share[thread];
    share->loss = share->zeros = share->held_out = 0;
    if (products->H)
        take_h(products, from, to);
    for (int q = 0; products->P && q < products->parts; q++) {
        const pw_part *part = &products->part[q];
        memset(products->P + n * part->offset + from * part->width, 0,
               (size_t)((to - from) * part->width) * sizeof *products->P);
    }
}

void pw_products_begin(pw_products *products, const double *H, double *P, pw_measure measure)
{
    const int threads = products->threads;
    products->H = H;
    products->P = P;
    products->measure = measure;
#pragma omp parallel for num_threads(threads)                                                      \
    schedule(static, 1) if (products->V->cols * products->width > LARGE)
    for (int t = 0; t < threads; t++)
        begin_share(products, t);
}

void pw_products_times_h(pw_products *products, const pw_tile *tile, int thread, int64_t from,
                         int64_t to, const double *W, double *R)
{
    if (from >= to)
        return;
    memset(R, 0, (size_t)((to - from) * products->width) * sizeof *R);
    (tile->sparse ? pw_sparse_times_h : pw_dense_times_h)(products, tile, thread, from, to, W, R);
}

/* Two tiles have room: threads may begin with one while others still sum the one before. */
static float *W_single_of(const pw_products *products, const pw_tile *tile)
{
    const int64_t tile_rows = products->workspace->source->tile_rows;
    return products->W_single + (tile->first / tile_rows & 1) * tile_rows * products->K;
}

void pw_products_take_w(pw_products *products, const pw_tile *tile, int64_t from, int64_t to,
                        const double *W)
{
    if (products->single)
        pw_products_narrow_w(products, to - from, W,
                             W_single_of(products, tile) + from * products->K);
}

const void *pw_products_w(const pw_products *products, const pw_tile *tile, const double *W)
{
    return products->single ? (const void *)W_single_of(products, tile) : W;
}

void pw_products_times_w(pw_products *products, const pw_tile *tile, int thread, const double *W)
{
    (tile->sparse ? pw_sparse_times_w : pw_dense_times_w)(products, tile, thread, W);
}

void pw_products_fold(pw_products *products, int64_t column_from, int64_t column_to)
{
    for (int q = 0; q < products->parts; q++) {
        const pw_part *part = &products->part[q];
        const int64_t first = products->V->cols * part->offset;
        const double scale = pw_part_scale(products, part);
        for (int64_t i = first + column_from * part->width; i < first + column_to * part->width;
             i++) {
            products->P[i] += scale * (double)products->P_single[i];
            products->P_single[i] = 0;
        }
    }
}

void pw_products_end(pw_products *products, int thread)
{
    if (products->P_single)
        (products->V->sparse ? pw_sparse_fold : pw_dense_fold)(products, thread);
}
