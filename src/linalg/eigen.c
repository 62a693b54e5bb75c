#include "linalg/eigen.h"

#include "base/memory.h"

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* By their Fortran names (cholesky.c). A row-major matrix is the transpose of the one that LAPACK sees. */
extern void dsyevd_(const char *job, const char *triangle, const int *n, double *A, const int *lda,
                    double *values, double *work, const int *lwork, int *iwork, const int *liwork,
                    int *info, size_t job_length, size_t triangle_length);
extern void dgesdd_(const char *job, const int *m, const int *n, double *A, const int *lda,
                    double *values, double *U, const int *ldu, double *Vt, const int *ldvt,
                    double *work, const int *lwork, int *iwork, int *info, size_t job_length);

static pw_code failed(const char *routine, int info)
{
    return pw_fail(PW_ERROR_INTERNAL, "LAPACK's %s failed (info = %d).", routine, info);
}

static bool is_finite(int n, const double *A)
{
    for (int64_t i = 0; i < (int64_t)n * n; i++)
        if (!isfinite(A[i]))
            return false;
    return true;
}

/* The columns that LAPACK gives are rows here, in ascending order: S has them as columns, in descending order. */
static void turn(int n, const double *rows, double *S)
{
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++)
            S[(int64_t)i * n + n - 1 - j] = rows[(int64_t)j * n + i];
}

static void reverse(int n, double *values)
{
    for (int i = 0; i < n / 2; i++) {
        const double value = values[i];
        values[i] = values[n - 1 - i];
        values[n - 1 - i] = value;
    }
}

/* LAPACK counts its workspace in int. */
static pw_code check_size(int n, int64_t numbers)
{
    if (numbers <= INT_MAX)
        return PW_OK;
    return pw_fail(PW_ERROR_MEMORY,
                   "%d vectors at a time are more than LAPACK can take. Take a smaller -k.", n);
}

pw_code pw_eigen_small(int n, double *A, double *values)
{
    const int64_t size = 1 + 6 * (int64_t)n + 2 * (int64_t)n * n;
    const int lwork = (int)size, liwork = 3 + 5 * n;
    double *rows = NULL, *work = NULL;
    int *iwork = NULL;
    int info = 0;
    pw_code code = PW_OK;
    PW_TRY(check_size(n, size));
    if (!is_finite(n, A))
        return failed("dsyevd", -4);
    PW_TRY(PW_NEW(rows, (int64_t)n * n));
    PW_TRY(PW_NEW(work, lwork));
    PW_TRY(PW_NEW(iwork, liwork));
    for (int64_t i = 0; i < (int64_t)n * n; i++)
        rows[i] = A[i];
    dsyevd_("V", "U", &n, rows, &n, values, work, &lwork, iwork, &liwork, &info, 1, 1);
    if (info != 0)
        PW_TRY(failed("dsyevd", info));
    turn(n, rows, A);
    reverse(n, values);
done:
    free(iwork);
    free(work);
    free(rows);
    return code;
}

pw_code pw_svd_small(int n, double *A, double *values, double *U, double *Vt)
{
    const int64_t size = 4 * (int64_t)n * n + 10 * (int64_t)n + 64;
    const int lwork = (int)size;
    double *work = NULL;
    int *iwork = NULL;
    int info = 0;
    pw_code code = PW_OK;
    PW_TRY(check_size(n, size));
    if (!is_finite(n, A))
        return failed("dgesdd", -4);
    PW_TRY(PW_NEW(work, lwork));
    PW_TRY(PW_NEW(iwork, 8 * n));
    /* Aᵀ = V Σ Uᵀ: what LAPACK takes for U by columns is Vt by rows */
    dgesdd_("A", &n, &n, A, &n, values, Vt, &n, U, &n, work, &lwork, iwork, &info, 1);
    if (info != 0)
        PW_TRY(failed("dgesdd", info));
done:
    free(iwork);
    free(work);
    return code;
}
