/* Small matrices from long ones. */
#ifndef PW_LINALG_GRAM_H
#define PW_LINALG_GRAM_H

#include <stdint.h>

/* Local. G (k × k, dense, symmetric) += Xᵀ X for X rows × k with leading dimension ldx. Any number of rows. */
void pw_gram_add(int64_t rows, int k, const double *X, int64_t ldx, double *G);

/* Local. G (k × k) += Aᵀ B for A and B rows × k without gaps. Any number of rows. */
void pw_cross_add(int64_t rows, int k, const double *A, const double *B, double *G);

#endif
