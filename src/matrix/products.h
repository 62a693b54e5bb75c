/* The two products of a sweep, K-wide, tile by tile:
 *
 *     R_b = V_b Hᵀ              (tile rows × K)
 *     P  += V_bᵀ W_b            (n × K: Pᵀ of the papers, as H is held transposed)
 *
 * Products run in float or double; R and P are double. A float sum runs over at most MOST_TERMS terms
 * before it is added to a double one. All threads of a parallel region call together; a thread computes
 * its share of R's rows and its share of P's columns of V, so P exists once and its sums do not depend on
 * the number of threads.
 */
#ifndef PW_MATRIX_PRODUCTS_H
#define PW_MATRIX_PRODUCTS_H

#include "base/options.h"
#include "matrix/source.h"

enum { PW_MOST_TERMS = 1024 };

/* What one thread owns of a sweep. */
typedef struct pw_products_share {
    int64_t column_from, column_to; /* its rows of P */
    int64_t terms;                  /* rows of V summed in its part of P_single */
    void *V_block;                  /* a block of a dense tile, widened */
    float *R_block, *W_block; /* R and W of a dense tile, a row of R of a sparse one, in float */
} pw_products_share;

typedef struct pw_products {
    const pw_matrix *V;
    int K, threads;
    bool single;   /* products in float */
    bool widen;    /* dense: V's type is not that of the products, or its rows too long for BLAS */
    double scale;  /* single: factors are divided by this power of two: V's unit does not matter */
    int64_t block; /* dense: columns of one BLAS call */
    const double *H;          /* n × K, borrowed from begin to end of a sweep */
    double *P;                /* n × K, likewise */
    float *H_single;          /* n × K copy of H */
    float *P_single;          /* dense: n × K sums since the last fold into P */
    pw_products_share *share; /* threads */
} pw_products;

/* Local. The precision that V's own type can resolve: double for f64 and whole numbers of 32 bits and
 * more, else single. */
pw_precision pw_precision_for(pw_type type);

/* Local. Workspace for products with V (borrowed) over tiles of `source`. `typical` is about the size of the
 * factors' entries: only its order of magnitude counts. Destroy it. */
pw_code pw_products_create(const pw_source *source, int K, pw_precision precision, double typical,
                           int threads, pw_products *products);
void pw_products_destroy(pw_products *products);

/* Local, one thread. Starts a sweep with H and P (n × K, borrowed until the end); clears P. P may be NULL
 * in a sweep that only asks for R. */
void pw_products_begin(pw_products *products, const double *H, double *P);

/* Local, all threads together; each computes rows `from` … `to` - 1 of the tile into R (tile rows × K). */
void pw_products_times_h(pw_products *products, const pw_tile *tile, int thread, int64_t from,
                         int64_t to, double *R);

/* Local, all threads together, after a barrier. W: the tile's rows of W, K wide. */
void pw_products_times_w(pw_products *products, const pw_tile *tile, int thread, const double *W);

/* Local, all threads together, after a barrier. Completes P. */
void pw_products_end(pw_products *products, int thread);

/* Local. Naive twins for tests: R (rows × K) of a tile, and P (n × K) += V_bᵀ W_b, in double. */
void pw_products_times_h_ref(const pw_tile *tile, int K, const double *H, double *R);
void pw_products_times_w_ref(const pw_tile *tile, int K, const double *W, double *P);

#endif
