/* The products by storage; products.h has the contracts, these are its two halves and what they share. */
#ifndef PW_MATRIX_PRODUCTS_KERNELS_H
#define PW_MATRIX_PRODUCTS_KERNELS_H

#include "matrix/products.h"

enum { PW_SEGMENT = PW_LOSS_ENTRIES }; /* entries of V taken at a time */

/* Local, all threads together. As pw_products_times_h and _w, for one storage; R is cleared. */
void pw_dense_times_h(pw_products *p, const pw_tile *tile, int thread, int64_t from, int64_t to,
                      const double *W, double *R, int64_t part);
void pw_dense_times_w(pw_products *p, const pw_tile *tile, int thread, const double *W);
void pw_sparse_times_h(pw_products *p, const pw_tile *tile, int thread, int64_t from, int64_t to,
                       const double *W, double *R, int64_t part);
void pw_sparse_times_w(pw_products *p, const pw_tile *tile, int thread, const double *W);

/* Local, all threads together. Adds the thread's part of P_single to P and clears it. */
void pw_dense_fold(pw_products *p, int thread);

/* Local. `count` entries of A, and of the second matrix A where there is one, from those of V and WH. */
void pw_terms_derive(const pw_products *p, int64_t count, const double *v, const double *x,
                     double *a, double *b);

/* Local. Adds what is measured of `count` entries of the tile (as pw_tile_read has them), v and x = WH there, to the
 * thread's sums. */
void pw_terms_measure(const pw_products *p, const pw_tile *tile, int64_t row, int64_t first,
                      int64_t count, const double *v, const double *x, pw_products_share *share);

#endif
