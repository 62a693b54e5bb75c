#include "linalg/blas.h"

#include "base/memory.h"

#include <cblas.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Present in OpenBLAS and MKL respectively; NULL elsewhere. */
extern char *openblas_get_corename(void) __attribute__((weak));
extern void openblas_set_num_threads(int) __attribute__((weak));
extern void MKL_Set_Num_Threads(int) __attribute__((weak));

void pw_gemm_double(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t p,
                    const double *A, int64_t lda, const double *B, int64_t ldb, double beta,
                    double *C, int64_t ldc)
{
    cblas_dgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans,
                transpose_b ? CblasTrans : CblasNoTrans, (int)m, (int)n, (int)p, 1, A, (int)lda, B,
                (int)ldb, beta, C, (int)ldc);
}

void pw_gemm_float(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t p,
                   const float *A, int64_t lda, const float *B, int64_t ldb, float beta, float *C,
                   int64_t ldc)
{
    cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans,
                transpose_b ? CblasTrans : CblasNoTrans, (int)m, (int)n, (int)p, 1, A, (int)lda, B,
                (int)ldb, beta, C, (int)ldc);
}

enum { PIECE = 1 << 20 }; /* rows of one BLAS call: its counts are int */

pw_code pw_times_right(int64_t rows, int q, int p, double *X, int64_t ldx, const double *S,
                       int64_t lds)
{
    enum { FEW = 256 };
    double *Y;
    const pw_code code = PW_NEW(Y, (int64_t)FEW * p);
    for (int64_t i = 0; code == PW_OK && i < rows; i += FEW) {
        const int64_t few = rows - i < FEW ? rows - i : FEW;
        pw_gemm_double(false, false, few, p, q, X + i * ldx, ldx, S, lds, 0, Y, p);
        for (int64_t r = 0; r < few; r++)
            memcpy(X + (i + r) * ldx, Y + r * p, (size_t)p * sizeof *Y);
    }
    free(Y);
    return code;
}

bool pw_blas_single_thread(void)
{
    if (openblas_set_num_threads)
        openblas_set_num_threads(1);
    else if (MKL_Set_Num_Threads)
        MKL_Set_Num_Threads(1);
    else
        return false;
    return true;
}

const char *pw_blas_kernel(void)
{
    return openblas_get_corename ? openblas_get_corename() : "unknown";
}

/* Kernels of OpenBLAS for x86 by the vectors they use: 1 for SSE, 2 for AVX, 3 for AVX2, 4 for AVX-512. */
static int kernel_generation(const char *kernel)
{
    static const struct {
        const char *name;
        int generation;
    } KERNELS[] = {{"SkylakeX", 4},   {"Cooperlake", 4}, {"SapphireRapids", 4}, {"Haswell", 3},
                   {"Zen", 3},        {"Excavator", 3},  {"Sandybridge", 2},    {"Bulldozer", 2},
                   {"Piledriver", 2}, {"Steamroller", 2}};
    for (size_t i = 0; i < sizeof KERNELS / sizeof *KERNELS; i++)
        if (strcasecmp(kernel, KERNELS[i].name) == 0)
            return KERNELS[i].generation;
    return 1;
}

const char *pw_blas_better_kernel(void)
{
    const char *kernel = pw_blas_kernel();
    if (strcmp(kernel, "unknown") == 0)
        return NULL;
#ifdef __x86_64__
    const int generation = kernel_generation(kernel);
    if (generation < 4 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
        return "SkylakeX";
    if (generation < 3 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return "Haswell";
#endif
    return NULL;
}
