/* The products by storage; products.h has the contracts, these are its two halves. */
#ifndef PW_MATRIX_PRODUCTS_KERNELS_H
#define PW_MATRIX_PRODUCTS_KERNELS_H

#include "matrix/products.h"

/* Local, all threads together. As pw_products_times_h and _w, for one storage. */
void pw_dense_times_h(pw_products *p, const pw_tile *tile, int thread, int64_t from, int64_t to,
                      double *R);
void pw_dense_times_w(pw_products *p, const pw_tile *tile, int thread, const double *W);
void pw_sparse_times_h(pw_products *p, const pw_tile *tile, int thread, int64_t from, int64_t to,
                       double *R);
void pw_sparse_times_w(pw_products *p, const pw_tile *tile, int thread, const double *W);

/* Local, all threads together. Adds the thread's part of P_single to P and clears it. */
void pw_dense_fold(pw_products *p, int thread);

#endif
