#include "linalg/skinny.h"

#include "base/fetch.h"
#include "base/vectors.h"
#include "linalg/blas.h"

#include <string.h>

enum {
    TERMS = 256,    /* of a sum, before it is added to C */
    MOST_ROWS = 14, /* of C at a time */
    MOST_K = 256    /* beyond, BLAS has caught up */
};

#define LOW_1(x) __builtin_shufflevector(x, x, 0)
#define LOW_2(x) __builtin_shufflevector(x, x, 0, 1)
#define LOW_4(x) __builtin_shufflevector(x, x, 0, 1, 2, 3)
#define LOW_8(x) __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7)

#if defined __x86_64__

/* 32 registers of 64 bytes */
#define TARGET __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,fma")))
#define VECTOR_BYTES 64
#define PANEL 4
#define ROWS(halves) ((halves) <= 2 ? 14 : (halves) <= 4 ? 10 : (halves) <= 6 ? 7 : 6)
#define CASES CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8)
#define REAL double
#define LOW LOW_4
#define KERNEL(name) double_avx512_##name
#include "linalg/skinny_kernel.h"
#define REAL float
#define LOW LOW_8
#define KERNEL(name) float_avx512_##name
#include "linalg/skinny_kernel.h"
#undef TARGET
#undef VECTOR_BYTES
#undef PANEL
#undef ROWS
#undef CASES

/* 16 registers of 32 bytes */
#define TARGET __attribute__((target("avx2,fma")))
#define VECTOR_BYTES 32
#define PANEL 3
#define ROWS(halves) ((halves) <= 2 ? 6 : (halves) <= 4 ? 4 : 3)
#define CASES CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#define REAL double
#define LOW LOW_2
#define KERNEL(name) double_avx2_##name
#include "linalg/skinny_kernel.h"
#define REAL float
#define LOW LOW_4
#define KERNEL(name) float_avx2_##name
#include "linalg/skinny_kernel.h"

#elif defined __aarch64__

/* 32 registers of 16 bytes */
#define TARGET
#define VECTOR_BYTES 16
#define PANEL 4
#define ROWS(halves) ((halves) <= 2 ? 14 : (halves) <= 4 ? 10 : (halves) <= 6 ? 7 : 6)
#define CASES CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8)
#define REAL double
#define LOW LOW_1
#define KERNEL(name) double_neon_##name
#include "linalg/skinny_kernel.h"
#define REAL float
#define LOW LOW_2
#define KERNEL(name) float_neon_##name
#include "linalg/skinny_kernel.h"

#endif

/* ---- which of them ---- */

/* For one type of numbers; `packed` (NULL: none) takes the place of B. */
#define KERNELS_OF(real)                                                                           \
    struct {                                                                                       \
        void (*product)(int64_t m, int64_t k, int64_t p, const real *A, int64_t step,              \
                        int64_t stride, const real *B, int64_t ldb,                                \
                        const pw_skinny_packed *packed, real *C, int64_t ldc);                     \
        void (*pack)(int64_t k, int64_t rows, int64_t first, int64_t p, const real *B,             \
                     int64_t ldb, real *packed);                                                   \
    }

typedef struct kernels {
    bool (*runs)(void); /* on this processor */
    const char *name;
    int64_t bytes; /* of a vector */
    KERNELS_OF(double) of_double;
    KERNELS_OF(float) of_float;
} kernels;

#if defined __x86_64__
static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif

static bool always(void)
{
    return true;
}

static const kernels KERNELS[] = {
#if defined __x86_64__
    [PW_SKINNY_AVX512] = {pw_has_avx512,
                          "AVX-512",
                          64,
                          {double_avx512_product, double_avx512_pack_all},
                          {float_avx512_product, float_avx512_pack_all}},
    [PW_SKINNY_AVX2] = {has_avx2,
                        "AVX2",
                        32,
                        {double_avx2_product, double_avx2_pack_all},
                        {float_avx2_product, float_avx2_pack_all}},
#elif defined __aarch64__
    [PW_SKINNY_NEON] = {always,
                        "NEON",
                        16,
                        {double_neon_product, double_neon_pack_all},
                        {float_neon_product, float_neon_pack_all}},
#endif
    [PW_SKINNY_BLAS] = {.runs = always, .name = "BLAS"},
};

static const kernels *chosen;

static const kernels *choose(void)
{
    if (chosen)
        return chosen;
    const kernels *best = KERNELS;
    while (!best->runs || !best->runs())
        best++;
    return best;
}

pw_skinny pw_skinny_kind(void)
{
    return (pw_skinny)(choose() - KERNELS);
}

const char *pw_skinny_name(pw_skinny kind)
{
    return KERNELS[kind].name;
}

bool pw_skinny_choose(pw_skinny kind)
{
    const bool runs = KERNELS[kind].runs && KERNELS[kind].runs();
    chosen = runs ? &KERNELS[kind] : chosen;
    return runs;
}

int64_t pw_skinny_packed_width(int64_t k, size_t size)
{
    const int64_t lanes = choose()->bytes / (int64_t)size;
    return lanes > 0 && k <= MOST_K ? (k + lanes - 1) / lanes * lanes : 0;
}

#define DEFINE_PRODUCTS(real)                                                                      \
    void pw_skinny_##real(bool transpose, int64_t m, int64_t k, int64_t p, const real *A,          \
                          int64_t lda, const real *B, int64_t ldb, real *C, int64_t ldc)           \
    {                                                                                              \
        const kernels *kernel = choose();                                                          \
        if (kernel->of_##real.product && k <= MOST_K)                                              \
            kernel->of_##real.product(m, k, p, A, transpose ? 1 : lda, transpose ? lda : 1, B,     \
                                      ldb, NULL, C, ldc);                                          \
        else                                                                                       \
            pw_gemm_##real(transpose, false, m, k, p, A, lda, B, ldb, 1, C, ldc);                  \
    }                                                                                              \
                                                                                                   \
    void pw_skinny_pack_##real(int64_t k, int64_t rows, int64_t first, int64_t count,              \
                               const real *B, int64_t ldb, real *packed)                           \
    {                                                                                              \
        choose()->of_##real.pack(k, rows, first, count, B, ldb, packed);                           \
    }                                                                                              \
                                                                                                   \
    void pw_skinny_packed_##real(int64_t m, int64_t k, int64_t p, const real *A, int64_t lda,      \
                                 pw_skinny_packed B, real *C, int64_t ldc)                         \
    {                                                                                              \
        choose()->of_##real.product(m, k, p, A, lda, 1, NULL, 0, &B, C, ldc);                      \
    }

DEFINE_PRODUCTS(double)
DEFINE_PRODUCTS(float)
