/* The Cholesky factorisation, which LAPACK does, row-major. */
#ifndef PW_LINALG_CHOLESKY_H
#define PW_LINALG_CHOLESKY_H

#include <stdbool.h>

/* Local. A = L Lᵀ for A symmetric, n × n: the lower triangle of A becomes L, the upper one stays. False where A
 * is not positive definite, or not finite; the lower triangle is lost then. */
bool pw_cholesky(int n, double *A);

#endif
