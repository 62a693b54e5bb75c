/* The products by storage; products.h has the contracts, these are its two halves and what they share. */
#ifndef PW_MATRIX_PRODUCTS_KERNELS_H
#define PW_MATRIX_PRODUCTS_KERNELS_H

#include "matrix/products.h"

enum {
    PW_SEGMENT = PW_LOSS_ENTRIES, /* entries of V taken at a time */
    PW_GATHERED = 32              /* rows of H whose operands sparse products make at a time */
};

/* Local. Makes room in the workspace for what these products need. */
pw_code pw_workspace_fit(pw_workspace *workspace, const pw_products *products);

/* Local. Columns of dense V whose products with so many rows are taken at a time. */
int64_t pw_dense_columns(const pw_products *p, int64_t rows);

/* Local, all threads together. As pw_products_times_h and _w, for one storage; R is cleared. */
void pw_dense_times_h(pw_products *p, const pw_tile *tile, int thread, int64_t from, int64_t to,
                      const double *W, double *R);
void pw_dense_times_w(pw_products *p, const pw_tile *tile, int thread, const double *W);
void pw_sparse_times_h(pw_products *p, const pw_tile *tile, int thread, int64_t from, int64_t to,
                       const double *W, double *R);
void pw_sparse_times_w(pw_products *p, const pw_tile *tile, int thread, const double *W);

/* Local, all threads together. Adds the thread's part of P_single to P and clears it. */
void pw_dense_fold(pw_products *p, int thread);
void pw_sparse_fold(pw_products *p, int thread);

/* Local. The same for some columns of V. */
void pw_products_fold(pw_products *products, int64_t column_from, int64_t column_to);

/* Local. `count` entries of the matrices A of all parts, from those of V and WH. */
void pw_terms_derive(const pw_products *p, int64_t count, const double *v, const double *x,
                     double a[][PW_SEGMENT]);

/* Local. The same for PW_TERMS_NUMERATOR of dense V, in the type of the products: entries `first` … of the matrices A, of which
 * the first holds WH, scaled as the products have it. Returns the loss where `measure`. */
double pw_terms_numerator(const pw_products *p, int64_t count, const void *v, void *const A[],
                          int64_t first, bool measure);

/* Local. Adds what is measured of `count` entries of the tile (as pw_tile_read has them), v and x = WH there, to the
 * thread's sums. */
void pw_terms_measure(const pw_products *p, const pw_tile *tile, int64_t row, int64_t first,
                      int64_t count, const double *v, const double *x, pw_products_share *share);

/* Local. The operands of a part for `count` rows of X, a factor in double as it is, or where `single` in float and scaled:
 * rows which[0] …, or the first ones where `which` is NULL. */
void pw_part_operands(const pw_products *p, bool single, const pw_part *part, int64_t count,
                      const uint32_t *which, const void *X, void *operand);

/* Local. What a thread works in. */
static inline const pw_workspace_share *pw_workspace_of(const pw_products *p, int thread)
{
    return &p->workspace->share[thread];
}

/* Local. H as the products take it, and what they add to instead of P: from element `first` on. */
static inline const void *pw_products_factor(const pw_products *p, int64_t first)
{
    return p->single ? (const void *)(p->H_single + first) : p->H + first;
}

/* Local. Rows of W in float, as the products take them. */
void pw_products_narrow_w(const pw_products *p, int64_t rows, const double *W, float *narrow);

/* Local. W, the rows of a tile, as the products take it: what pw_products_take_w was given. */
const void *pw_products_w(const pw_products *p, const pw_tile *tile, const double *W);

static inline void *pw_products_sums(const pw_products *p, int64_t first)
{
    return p->single ? (void *)(p->P_single + first) : p->P + first;
}

/* Local. What sums of this part in the products have to be multiplied by. */
static inline double pw_part_scale(const pw_products *p, const pw_part *part)
{
    return part->operand == PW_OPERAND_ROWS ? p->unit : 1;
}

#endif
