/* The products that BLAS does, row-major, and what there is to know about the BLAS at hand. */
#ifndef PW_LINALG_BLAS_H
#define PW_LINALG_BLAS_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

/* Local. C (m × n, ldc) = A (m × p, lda) · B (p × n, ldb) + beta · C, with A or its transpose (then A is
 * p × m), likewise B. Leading dimensions count elements. Counts beyond int are a bug of the caller: callers pass
 * tiles. */
void pw_gemm_double(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t p,
                    const double *A, int64_t lda, const double *B, int64_t ldb, double beta,
                    double *C, int64_t ldc);
void pw_gemm_float(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t p,
                   const float *A, int64_t lda, const float *B, int64_t ldb, float beta, float *C,
                   int64_t ldc);

/* Local. X (rows × q, leading dimension ldx) becomes X S in its first p columns, for S q × p with leading dimension lds and
 * p ≤ ldx. Any number of rows. PW_ERROR_MEMORY. */
pw_code pw_times_right(int64_t rows, int q, int p, double *X, int64_t ldx, const double *S,
                       int64_t lds);

/* Local. Makes BLAS run on the calling thread alone; false where the library offers no such call and
 * its environment variable has to do it. */
bool pw_blas_single_thread(void);

/* Local. The kernel that BLAS runs ("Haswell", …), "unknown" where the library does not tell. */
const char *pw_blas_kernel(void);

/* Local. A kernel that suits this CPU better than the one BLAS chose, NULL if there is none to name. */
const char *pw_blas_better_kernel(void);

#endif
