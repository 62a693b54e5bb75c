/* The Cholesky factorisation, which LAPACK does, row-major. */
#ifndef PW_LINALG_CHOLESKY_H
#define PW_LINALG_CHOLESKY_H

#include <stdbool.h>
#include <stdint.h>

/* Local. A = L Lᵀ for A symmetric, n × n: the lower triangle of A becomes L, the upper one stays. False where A
 * is not positive definite, or not finite; the lower triangle is lost then. */
bool pw_cholesky(int n, double *A);

/* Local. X (rows × n, without gaps) = X L⁻ᵀ, with the lower triangle of L (n × n); the upper one is not read. Any number of
 * rows. For Xᵀ X = L Lᵀ the columns become orthonormal. */
void pw_cholesky_solve_rows(int64_t rows, int n, const double *L, double *X);

#endif
