#include "linalg/cholesky.h"

#include <cblas.h>
#include <stddef.h>

/* LAPACK by its Fortran names, which every vendor has; the last argument is the length of the text, which gfortran
 * passes out of sight. */
extern void dpotrf_(const char *triangle, const int *n, double *A, const int *lda, int *info,
                    size_t triangle_length);

bool pw_cholesky(int n, double *A)
{
    int info = 0;
    if (n > 0)
        dpotrf_("U", &n, A, &n, &info, 1); /* by columns, the lower triangle is the upper one */
    return info == 0;
}

enum { PIECE = 1 << 20 }; /* rows of one BLAS call: its counts are int */

void pw_cholesky_solve_rows(int64_t rows, int n, const double *L, double *X)
{
    for (int64_t i = 0; i < rows; i += PIECE)
        cblas_dtrsm(CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit,
                    (int)(rows - i < PIECE ? rows - i : PIECE), n, 1, L, n, X + i * n, n);
}
