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

static pw_code create_dense_blocks(pw_products *p, int64_t tile_rows)
{
    enum { WIDE_ELEMENTS = 1 << 16 }; /* of V widened at a time: stays in the second-level cache */
    const size_t real = p->single ? sizeof(float) : sizeof(double);
    pw_code code = PW_OK;
    p->widen = p->V->type != (p->single ? PW_F32 : PW_F64) ||
               p->V->cols > INT_MAX; /* BLAS' leading dimensions are int */
    p->block = PW_MOST_TERMS;
    if (p->widen && tile_rows > WIDE_ELEMENTS / PW_MOST_TERMS)
        p->block = WIDE_ELEMENTS / tile_rows;
    if (p->single)
        PW_TRY(PW_NEW(p->P_single, p->V->cols * p->K));
    for (int t = 0; t < p->threads; t++) {
        pw_products_share *share = &p->share[t];
        if (p->widen)
            PW_TRY((share->V_block = pw_new(tile_rows * p->block, real)) ? PW_OK : PW_ERROR_MEMORY);
        if (p->single) {
            PW_TRY(PW_NEW(share->R_block, tile_rows * p->K));
            PW_TRY(PW_NEW(share->W_block, tile_rows * p->K));
        }
    }
done:
    return code;
}

pw_code pw_products_create(const pw_source *source, int K, pw_precision precision, double typical,
                           int threads, pw_products *products)
{
    const pw_matrix *V = source->V;
    pw_code code = PW_OK;
    *products = (pw_products){.V = V, .K = K, .threads = threads};
    if (precision == PW_PRECISION_AUTO)
        precision = pw_precision_for(V->type);
    products->single = precision == PW_PRECISION_SINGLE;
    products->scale = typical > 0 ? exp2(round(log2(typical))) : 1;
    PW_TRY(PW_NEW(products->share, threads));
    PW_TRY(share_columns(products));
    if (products->single)
        PW_TRY(PW_NEW(products->H_single, V->cols * K));
    for (int t = 0; V->sparse && products->single && t < threads; t++)
        PW_TRY(PW_NEW(products->share[t].R_block, K));
    if (!V->sparse)
        PW_TRY(create_dense_blocks(products, source->tile_rows));
done:
    return code;
}

void pw_products_destroy(pw_products *products)
{
    if (!products)
        return;
    for (int t = 0; products->share && t < products->threads; t++) {
        free(products->share[t].V_block);
        free(products->share[t].R_block);
        free(products->share[t].W_block);
    }
    free(products->share);
    free(products->H_single);
    free(products->P_single);
    *products = (pw_products){.K = 0};
}

void pw_products_begin(pw_products *products, const double *H, double *P)
{
    const int64_t elements = products->V->cols * products->K;
    const double inverse = 1 / products->scale;
    products->H = H;
    products->P = P;
    if (products->single)
        for (int64_t i = 0; i < elements; i++)
            products->H_single[i] = (float)(H[i] * inverse);
    if (P)
        memset(P, 0, (size_t)elements * sizeof *P);
}

void pw_products_times_h(pw_products *products, const pw_tile *tile, int thread, int64_t from,
                         int64_t to, double *R)
{
    if (from < to)
        (tile->sparse ? pw_sparse_times_h : pw_dense_times_h)(products, tile, thread, from, to, R);
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
