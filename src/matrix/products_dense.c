/* Dense V: BLAS on blocks of a tile, V widened block by block where its type is not that of the product. */
#include "linalg/blas.h"
#include "matrix/products_kernels.h"

#include <string.h>

/* Rows `first` …, columns `column` … of the tile as float or double: V itself where it has that type,
 * else a widened copy. */
static const void *block_of(const pw_products *p, const pw_tile *tile, int thread, int64_t first,
                            int64_t rows, int64_t column, int64_t width, int64_t *ld)
{
    const int64_t start = first * tile->cols + column;
    if (!p->widen) {
        *ld = tile->cols;
        return (const char *)tile->values + start * (int64_t)pw_type_size(tile->type);
    }
    void *block = p->share[thread].V_block;
    *ld = width;
    for (int64_t r = 0; r < rows; r++)
        if (p->single)
            pw_widen_to_float(tile->type, tile->values, start + r * tile->cols, width,
                              (float *)block + r * width);
        else
            pw_widen_to_double(tile->type, tile->values, start + r * tile->cols, width,
                               (double *)block + r * width);
    return block;
}

void pw_dense_times_h(pw_products *p, const pw_tile *tile, int thread, int64_t from, int64_t to,
                      double *R)
{
    const int64_t rows = to - from, K = p->K;
    float *sum = p->share[thread].R_block;
    memset(R + from * K, 0, (size_t)(rows * K) * sizeof *R);
    for (int64_t j = 0; j < tile->cols; j += p->block) {
        const int64_t width = tile->cols - j < p->block ? tile->cols - j : p->block;
        int64_t ld;
        const void *V = block_of(p, tile, thread, from, rows, j, width, &ld);
        if (p->single) {
            pw_gemm_float(false, rows, K, width, V, ld, p->H_single + j * K, K, 0, sum, K);
            for (int64_t i = 0; i < rows * K; i++)
                R[from * K + i] += p->scale * (double)sum[i];
        } else {
            pw_gemm_double(false, rows, K, width, V, ld, p->H + j * K, K, 1, R + from * K, K);
        }
    }
}

void pw_dense_fold(pw_products *p, int thread)
{
    pw_products_share *share = &p->share[thread];
    for (int64_t i = share->column_from * p->K; i < share->column_to * p->K; i++) {
        p->P[i] += p->scale * (double)p->P_single[i];
        p->P_single[i] = 0;
    }
    share->terms = 0;
}

void pw_dense_times_w(pw_products *p, const pw_tile *tile, int thread, const double *W)
{
    pw_products_share *share = &p->share[thread];
    const int64_t rows = tile->rows, K = p->K, to = share->column_to;
    float *W_single = share->W_block;
    if (p->single) {
        if (share->terms + rows > PW_MOST_TERMS)
            pw_dense_fold(p, thread);
        share->terms += rows;
        for (int64_t i = 0; i < rows * K; i++)
            W_single[i] = (float)(W[i] / p->scale);
    }
    for (int64_t j = share->column_from; j < to; j += p->block) {
        const int64_t width = to - j < p->block ? to - j : p->block;
        int64_t ld;
        const void *V = block_of(p, tile, thread, 0, rows, j, width, &ld);
        if (p->single)
            pw_gemm_float(true, width, K, rows, V, ld, W_single, K, 1, p->P_single + j * K, K);
        else
            pw_gemm_double(true, width, K, rows, V, ld, W, K, 1, p->P + j * K, K);
    }
}
