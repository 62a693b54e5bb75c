#include "matrix/products.h"

#include "base/memory.h"
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

static int64_t divide_up(int64_t count, int64_t by)
{
    return (count + by - 1) / by;
}

int64_t pw_products_bytes(const pw_source *source, const pw_products_request *request)
{
    const pw_matrix *V = source->V;
    const int64_t width = request->K + pw_products_width(request);
    const int64_t terms = V->sparse ? sizeof(uint16_t) : 0;
    const int64_t W = 2 * source->tile_rows * request->K * (int64_t)sizeof(float);
    return pw_is_single(request->precision, V->type)
               ? V->cols * (width * (int64_t)sizeof(float) + terms) + W
               : 0;
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
    products->rows = divide_up(source->tile_rows, products->threads);
    products->slab =
        divide_up(source->tile_rows, divide_up(source->tile_rows, PW_MOST_TERMS)); /* all alike */
    PW_TRY(PW_NEW(products->share, products->threads));
    if (single)
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

/* A thread's columns: H in float, and P is 0. */
static void begin_share(pw_products *products, int thread)
{
    const int64_t n = products->V->cols;
    const int64_t from = products->workspace->share[thread].column_from;
    const int64_t to = products->workspace->share[thread].column_to;
    const double inverse = 1 / products->scale;
    pw_products_share *share = &products->share[thread];
    share->loss = share->zeros = share->held_out = 0;
    if (products->single)
        for (int64_t i = from * products->K; i < to * products->K; i++)
            products->H_single[i] = (float)(products->H[i] * inverse);
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
