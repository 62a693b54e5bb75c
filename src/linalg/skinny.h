/* The products of a sweep: long and thin matrices, which a BLAS does at a fraction of what the processor could. */
#ifndef PW_LINALG_SKINNY_H
#define PW_LINALG_SKINNY_H

#include <stdbool.h>
#include <stddef.h>
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

/* Factors B that many products take, packed once for all of them. */
typedef struct pw_skinny_packed {
    const void *values; /* begin at a multiple of PW_SKINNY_ALIGNED bytes */
    int64_t rows;       /* in all */
    int64_t first;      /* of those that a product takes */
} pw_skinny_packed;

enum { PW_SKINNY_ALIGNED = 64 };

/* Local. The elements, of `size` bytes each, that a row of k takes when it is packed; 0 where products with k columns do
 * not take packed rows. */
int64_t pw_skinny_packed_width(int64_t k, size_t size);

/* Local. Packs rows first … first + count - 1 of `rows` rows of B, which begin at B (count × k, ldb), to their place in `packed`
 * (rows × packed width). */
void pw_skinny_pack_double(int64_t k, int64_t rows, int64_t first, int64_t count, const double *B,
                           int64_t ldb, double *packed);
void pw_skinny_pack_float(int64_t k, int64_t rows, int64_t first, int64_t count, const float *B,
                          int64_t ldb, float *packed);

/* Local. C (m × k, ldc) += A · B for A m × p (lda) and the p rows of B that `packed` tells of. */
void pw_skinny_packed_double(int64_t m, int64_t k, int64_t p, const double *A, int64_t lda,
                             pw_skinny_packed B, double *C, int64_t ldc);
void pw_skinny_packed_float(int64_t m, int64_t k, int64_t p, const float *A, int64_t lda,
                            pw_skinny_packed B, float *C, int64_t ldc);

/* Local. What computes them on this processor. */
pw_skinny pw_skinny_kind(void);
const char *pw_skinny_name(pw_skinny kind);

/* Local, one thread, while no product runs. From now on `kind` computes them; false, and nothing changes, where this
 * processor cannot. */
bool pw_skinny_choose(pw_skinny kind);

#endif
