/* The products of a sweep: long and thin matrices, which a BLAS does at a fraction of what the processor could. */
#ifndef PW_LINALG_SKINNY_H
#define PW_LINALG_SKINNY_H

#include <stdbool.h>
#include <stdint.h>

/* What computes them: vectors of 64 and 32 bytes on x86, of 16 bytes on Arm, or BLAS, which is always there. */
typedef enum pw_skinny {
    PW_SKINNY_AVX512,
    PW_SKINNY_AVX2,
    PW_SKINNY_NEON,
    PW_SKINNY_BLAS
} pw_skinny;

/* Local. C (m × k, ldc) += A · B for A m × p (lda), or with `transpose` its transpose p × m, and B p × k (ldb), row-major.
 * A few rows of C stay in vector registers while p runs; B is packed, some rows at a time, into whole vectors. Where k is
 * beyond some hundred, BLAS does it. Counts as in pw_gemm_double. */
void pw_skinny_double(bool transpose, int64_t m, int64_t k, int64_t p, const double *A, int64_t lda,
                      const double *B, int64_t ldb, double *C, int64_t ldc);
void pw_skinny_float(bool transpose, int64_t m, int64_t k, int64_t p, const float *A, int64_t lda,
                     const float *B, int64_t ldb, float *C, int64_t ldc);

/* Local. What computes them on this processor. */
pw_skinny pw_skinny_kind(void);
const char *pw_skinny_name(pw_skinny kind);

/* Local, one thread, while no product runs. From now on `kind` computes them; false, and nothing changes, where this
 * processor cannot. */
bool pw_skinny_choose(pw_skinny kind);

#endif
