/* The products of a sweep, K-wide, tile by tile:
 *
 *     R_b = A_b Hᵀ              (tile rows × K)
 *     P  += A_bᵀ W_b            (n × K: Pᵀ of the papers, as H is held transposed)
 *
 * A is V itself, or what a loss makes of V and WH entry by entry. There may be several such matrices A, each with
 * its R and P, one part behind the other. A part that has to tell of curvature has products h_a h_b or squares h_a² in
 * the place of H, likewise of W. Dense V gives A in blocks that stay in cache, sparse V at its stored entries only.
 *
 * Products run in float or double; R and P are double. A float sum runs over at most MOST_TERMS terms
 * before it is added to a double one; larger tiles of dense V are summed in slabs of rows. All threads of a parallel region
 * call together; a thread computes its share of R's rows and its share of P's columns of V, so P exists once and its sums do
 * not depend on the number of threads.
 */
#ifndef PW_MATRIX_PRODUCTS_H
#define PW_MATRIX_PRODUCTS_H

#include "base/precision.h"
#include "matrix/source.h"
#include "matrix/split.h"
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

/* What takes the place of a row h of Hᵀ or of W. */
typedef enum pw_operand {
    PW_OPERAND_NONE,
    PW_OPERAND_ROWS,    /* h */
    PW_OPERAND_SQUARES, /* h_a² */
    PW_OPERAND_PAIRS    /* h_a h_b for a ≤ b, row by row of the upper triangle */
} pw_operand;

/* One matrix A and its products. */
typedef struct pw_part {
    pw_operand operand;
    int64_t width;  /* of its operand, R and P */
    int64_t offset; /* widths of the parts before it */
} pw_part;

enum { PW_MOST_PARTS = 3 };

/* Where the loss is summed up on the way. */
typedef enum pw_measure {
    PW_MEASURE_NOT,
    PW_MEASURE_ROWS,   /* by pw_products_times_h, for the factors that it is given */
    PW_MEASURE_COLUMNS /* by pw_products_times_w */
} pw_measure;

/* What a thread works in. */
enum {
    PW_ROOM_A, /* PW_MOST_PARTS blocks of a dense tile, as the products take them */
    PW_ROOM_OPERAND =
        PW_MOST_PARTS, /* rows of products or squares: for a block or tile of dense V, some
                          entries or one row of sparse V */
    PW_ROOM_R,         /* R of a thread's rows of a dense tile, in float */
    PW_ROOM_W,         /* W likewise */
    PW_ROOMS
};

typedef struct pw_workspace_share {
    int64_t column_from, column_to; /* its rows of P */
    void *room[PW_ROOMS];
    int64_t bytes[PW_ROOMS]; /* how large each is */
} pw_workspace_share;

/* What threads need beside V, one sweep at a time: products of several models take turns in it. */
typedef struct pw_workspace {
    const pw_source *source;
    int threads;
    pw_workspace_share *share; /* threads */
    pw_split split;            /* where V is sparse and there are several */
} pw_workspace;

/* What one thread sums up in a sweep. */
typedef struct pw_products_share {
    int64_t terms;   /* rows of V summed in its part of P_single */
    double loss;     /* Σ d(v | x) over its entries of the sweep */
    double held_out; /* Σ d(v | x) over its held-out entries */
    double zeros;    /* Σ d(0 | x) over its stored entries of sparse V with absent zeros */
} pw_products_share;

typedef struct pw_products {
    const pw_matrix *V;
    const pw_workspace *workspace;
    int K, threads;
    pw_terms terms;
    pw_part part[PW_MOST_PARTS];
    int parts;     /* matrices A */
    int64_t width; /* of all parts together */
    pw_loss loss;
    pw_measure measure; /* in this sweep */
    bool single;        /* products in float */
    bool widen;   /* dense: A is not V as it stands in memory, or its rows are too long for BLAS */
    double scale; /* a power of two, by which factors in products and squares are divided: V's unit
                     does not matter */
    double unit;  /* by which factors that stand alone are divided: scale in float, else 1 */
    int64_t rows; /* dense: of a tile whose R a thread computes, at the most */
    int64_t slab; /* dense: rows of a tile whose part of P is summed at a time */
    const double *H; /* n × K, borrowed from begin to end of a sweep */
    double *P;       /* n × width, part behind part, likewise */
    float *H_single; /* single: n × K copy of H, but where products take it packed */
    void *H_packed;  /* dense: H packed as skinny.h has it; NULL: products take it as it is */
    void *H_room;    /* which it lies in */
    float *W_single; /* single: copies of W of two tiles, × K */
    float *P_single; /* single: sums since the last fold into P */
    uint16_t *terms_of_column; /* sparse and single: n, of the sums in P_single */
    pw_products_share *share;  /* threads */
} pw_products;

/* What products are asked for. */
typedef struct pw_products_request {
    int K;
    bool drawn; /* the tiles are those of pw_tile_of_values */
    pw_precision precision;
    double typical; /* about the size of the factors' entries: only its order of magnitude counts */
    pw_terms terms;
    pw_operand
        curvature; /* of one more part with A = v / x², for the Kullback–Leibler loss; NONE: without it */
    pw_loss loss; /* that of the terms, where they are not V itself */
} pw_products_request;

/* Local. Fills in the parts of such products and returns their number. */
int pw_products_parts(const pw_products_request *request, pw_part part[PW_MOST_PARTS]);

/* Local. The width of all parts together. */
int64_t pw_products_width(const pw_products_request *request);

/* Local. Bytes that products of this kind take beside V and P. */
int64_t pw_products_bytes(const pw_source *source, const pw_products_request *request);

/* Local. Bytes that a workspace begins with. */
int64_t pw_workspace_bytes(const pw_source *source, int threads);

/* Local. A workspace without room yet, for tiles of `source` (borrowed). Destroy it. */
pw_code pw_workspace_create(const pw_source *source, int threads, pw_workspace *workspace);
void pw_workspace_destroy(pw_workspace *workspace);

/* Local, all threads together, before the barrier that pw_products_times_w comes after. Once for each tile: each thread makes rows
 * `from` … `to` - 1 of it, which are its share, known to all. */
void pw_workspace_take(const pw_workspace *workspace, const pw_tile *tile, int64_t from,
                       int64_t to);

/* Local. Products with V that work in `workspace` (borrowed), which gets room for them. Not while a sweep runs. Destroy
 * them. */
pw_code pw_products_create(pw_workspace *workspace, const pw_products_request *request,
                           pw_products *products);
void pw_products_destroy(pw_products *products);

/* Local. Narrows products with V itself to K components, at most as many as they were created with. */
void pw_products_narrow(pw_products *products, int K);

/* Local, one thread. Starts a sweep with H (n × K) and P (n × width, part behind part; both borrowed until the end);
 * clears P. H may be NULL in a sweep without pw_products_times_h, P in one without pw_products_times_w. */
void pw_products_begin(pw_products *products, const double *H, double *P, pw_measure measure);

/* Local, all threads together; each computes rows `from` … `to` - 1 of the tile into its R, part behind part, each of
 * those rows only: its share of them (share.h) where V is dense. W: the same rows of W, K wide. */
void pw_products_times_h(pw_products *products, const pw_tile *tile, int thread, int64_t from,
                         int64_t to, const double *W, double *R);

/* Local, all threads together, before a barrier: these are rows `from` … `to` - 1 of what W will be in pw_products_times_w. */
void pw_products_take_w(pw_products *products, const pw_tile *tile, int64_t from, int64_t to,
                        const double *W);

/* Local, all threads together, after that barrier. W: the tile's rows of W, K wide. */
void pw_products_times_w(pw_products *products, const pw_tile *tile, int thread, const double *W);

/* Local, all threads together, after a barrier. Completes P. */
void pw_products_end(pw_products *products, int thread);

/* Local. Naive twins for tests: R (rows × its width) of part `which`, and P (n × its width) += A_bᵀ W_b, in double. */
void pw_products_times_h_ref(const pw_products *products, const pw_tile *tile, int which,
                             const double *H, const double *W, double *R);
void pw_products_times_w_ref(const pw_products *products, const pw_tile *tile, int which,
                             const double *H, const double *W, double *P);

#endif
