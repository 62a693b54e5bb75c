/* The products of a sweep, K-wide, tile by tile:
 *
 *     R_b = A_b Hᵀ              (tile rows × K)
 *     P  += A_bᵀ W_b            (n × K: Pᵀ of the papers, as H is held transposed)
 *
 * A is V itself, or what a loss makes of V and WH entry by entry; for two such matrices A there are two R and
 * two P, one behind the other. Dense V gives A in blocks that stay in cache, sparse V at its stored entries only.
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
#include "update/loss.h"

enum { PW_MOST_TERMS = 1024 };

/* What A is. Entries of V that are NaN are missing. */
typedef enum pw_terms {
    PW_TERMS_V,         /* V */
    PW_TERMS_IMPUTED,   /* V, and WH where V is missing */
    PW_TERMS_RESIDUAL,  /* V − WH, and 0 where V is missing */
    PW_TERMS_NUMERATOR, /* the weights a of the loss */
    PW_TERMS_RATIO,     /* two matrices: the weights a and b */
    PW_TERMS_EXCEPT     /* two matrices: the weights a, and −b where V is missing, 0 elsewhere */
} pw_terms;

/* Where the loss is summed up on the way. */
typedef enum pw_measure {
    PW_MEASURE_NOT,
    PW_MEASURE_ROWS,   /* by pw_products_times_h, for the factors that it is given */
    PW_MEASURE_COLUMNS /* by pw_products_times_w */
} pw_measure;

/* What one thread owns of a sweep. */
typedef struct pw_products_share {
    int64_t column_from, column_to; /* its rows of P */
    int64_t terms;                  /* rows of V summed in its part of P_single */
    void *A_block[2];               /* blocks of a dense tile, as the products take them */
    float *R_block,
        *W_block;    /* R and W of a dense tile, a row of R and W of a sparse one, in float */
    double loss;     /* Σ d(v | x) over its entries of the sweep */
    double held_out; /* Σ d(v | x) over its held-out entries */
    double zeros;    /* Σ d(0 | x) over its stored entries of sparse V with absent zeros */
} pw_products_share;

typedef struct pw_products {
    const pw_matrix *V;
    int K, threads;
    pw_terms terms;
    int parts; /* matrices A */
    pw_loss loss;
    pw_measure measure; /* in this sweep */
    bool single;        /* products in float */
    bool widen;    /* dense: A is not V as it stands in memory, or its rows are too long for BLAS */
    double scale;  /* single: factors are divided by this power of two: V's unit does not matter */
    int64_t block; /* dense: columns of one BLAS call */
    const double *H;          /* n × K, borrowed from begin to end of a sweep */
    double *P;                /* parts × n × K, likewise */
    float *H_single;          /* n × K copy of H */
    float *P_single;          /* dense: parts × n × K sums since the last fold into P */
    pw_products_share *share; /* threads */
} pw_products;

/* What products are asked for. */
typedef struct pw_products_request {
    int K, threads;
    pw_precision precision;
    double typical; /* about the size of the factors' entries: only its order of magnitude counts */
    pw_terms terms;
    pw_loss loss; /* that of the terms, where they are not V itself */
} pw_products_request;

/* Local. The precision that V's own type can resolve: double for f64 and whole numbers of 32 bits and
 * more, else single. */
pw_precision pw_precision_for(pw_type type);

/* Local. How many matrices A there are. */
int pw_terms_parts(pw_terms terms);

/* Local. Bytes that products of this kind take beside V and P. */
int64_t pw_products_bytes(const pw_source *source, const pw_products_request *request);

/* Local. Workspace for products with V (borrowed) over tiles of `source`. Destroy it. */
pw_code pw_products_create(const pw_source *source, const pw_products_request *request,
                           pw_products *products);
void pw_products_destroy(pw_products *products);

/* Local, one thread. Starts a sweep with H (n × K) and P (parts × n × K, both borrowed until the end); clears P. */
void pw_products_begin(pw_products *products, const double *H, double *P, pw_measure measure);

/* Local, all threads together; each computes rows `from` … `to` - 1 of the tile into R, whose part p begins at
 * R + p * part. W: the tile's rows of W, K wide. */
void pw_products_times_h(pw_products *products, const pw_tile *tile, int thread, int64_t from,
                         int64_t to, const double *W, double *R, int64_t part);

/* Local, all threads together, after a barrier. W: the tile's rows of W, K wide. */
void pw_products_times_w(pw_products *products, const pw_tile *tile, int thread, const double *W);

/* Local, all threads together, after a barrier. Completes P. */
void pw_products_end(pw_products *products, int thread);

/* Local. Naive twins for tests: R (rows × K) of part `which`, and P (n × K) += A_bᵀ W_b, in double. */
void pw_products_times_h_ref(const pw_products *products, const pw_tile *tile, int which,
                             const double *H, const double *W, double *R);
void pw_products_times_w_ref(const pw_products *products, const pw_tile *tile, int which,
                             const double *H, const double *W, double *P);

#endif
