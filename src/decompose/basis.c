#include "decompose/basis.h"

#include "base/memory.h"
#include "base/random.h"
#include "dist/collective.h"
#include "linalg/blas.h"
#include "linalg/gram.h"
#include "linalg/eigen.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { MOST_ROUNDS = 6 };

pw_code pw_basis_create(pw_team *team, int64_t n, int most, int block, uint64_t seed, double *Q,
                        pw_basis *basis)
{
    pw_code code = PW_OK;
    *basis = (pw_basis){.team = team, .n = n, .most = most, .block = block, .seed = seed, .Q = Q};
    PW_TRY(PW_NEW(basis->X, n * block));
    PW_TRY(PW_NEW(basis->T, (int64_t)block * block));
    PW_TRY(PW_NEW(basis->work, (int64_t)most * block));
    PW_TRY(PW_NEW(basis->small, 3 * (int64_t)block * block));
    PW_TRY(PW_NEW(basis->scale, 2 * (int64_t)block));
done:
    return code;
}

void pw_basis_destroy(pw_basis *basis)
{
    if (!basis)
        return;
    free(basis->X);
    free(basis->T);
    free(basis->work);
    free(basis->small);
    free(basis->scale);
    *basis = (pw_basis){.q = 0};
}

void pw_basis_append(pw_basis *basis)
{
    for (int64_t i = 0; i < basis->n; i++)
        memcpy(basis->Q + i * basis->most + basis->q, basis->X + i * basis->block,
               (size_t)basis->width * sizeof(double));
    basis->q += basis->width;
}

void pw_basis_project(const pw_basis *basis, double *Z, double *C)
{
    const int64_t q = basis->q, b = basis->block;
    if (q == 0)
        return;
    pw_gemm_double(true, false, q, b, basis->n, basis->Q, basis->most, Z, b, 0, C, b);
    for (int64_t i = 0; i < q * b; i++)
        C[i] = -C[i];
    pw_gemm_double(false, false, basis->n, b, q, basis->Q, basis->most, C, b, 1, Z, b);
    for (int64_t i = 0; i < q * b; i++)
        C[i] = -C[i];
}

/* Columns `from` … `to` - 1 of Z, of length about 1. */
static void draw(pw_basis *basis, int from, int to, double *Z)
{
    const pw_random_key key = {.seed = basis->seed, .stream = PW_RANDOM_KRYLOV};
    const double scale = 1 / sqrt((double)basis->n);
    for (int c = from; c < to; c++, basis->drawn++)
        for (int64_t i = 0; i < basis->n; i++)
            Z[i * basis->block + c] = scale * pw_random_normal(key, i, (uint32_t)basis->drawn);
}

/* Directions of Z: the Gram matrix of its columns, scaled to length 1, is S diag(values) Sᵀ. Rank 0's, so that all go the same way.
 * The number of those that are more than rounding, which come first. */
static pw_code find_directions(pw_basis *basis, const double *Z, double *S, double *values,
                               double *length, int *count)
{
    const int b = basis->block;
    pw_code code = PW_OK;
    memset(S, 0, (size_t)b * (size_t)b * sizeof *S);
    pw_gram_add(basis->n, b, Z, b, S);
    for (int i = 0; i < b; i++)
        length[i] = sqrt(S[i * b + i]);
    for (int i = 0; i < b; i++)
        for (int j = 0; j < b; j++)
            S[i * b + j] =
                length[i] > 0 && length[j] > 0 ? S[i * b + j] / length[i] / length[j] : 0;
    if (basis->team->rank == 0)
        code = pw_eigen_small(b, S, values);
    code = pw_agree(basis->team, code);
    pw_broadcast(basis->team, S, (int64_t)b * b * (int64_t)sizeof *S, 0);
    pw_broadcast(basis->team, values, b * (int64_t)sizeof *values, 0);
    pw_broadcast(basis->team, length, b * (int64_t)sizeof *length, 0);
    *count = 0;
    while (*count < basis->width && values[*count] > 8 * b * DBL_EPSILON)
        ++*count;
    return code;
}

/* Z = Z D⁻¹ S Λ^-½ in its first `count` columns, T = Λ^½ Sᵀ D T */
static pw_code turn(pw_basis *basis, int count, double *Z, const double *S, const double *values,
                    const double *length)
{
    const int b = basis->block;
    double *by = basis->small + (int64_t)b * b, *T = basis->small + 2 * (int64_t)b * b;
    memset(by, 0, (size_t)b * (size_t)b * sizeof *by);
    for (int i = 0; i < b; i++)
        for (int j = 0; j < count && length[i] > 0; j++)
            by[i * b + j] = S[i * b + j] / sqrt(values[j]) / length[i];
    const pw_code code = pw_times_right(basis->n, b, b, Z, b, by, b);
    memset(by, 0, (size_t)b * (size_t)b * sizeof *by);
    for (int j = 0; j < count; j++)
        for (int i = 0; i < b; i++)
            by[j * b + i] = sqrt(values[j]) * S[i * b + j] * length[i];
    pw_gemm_double(false, false, b, b, b, by, b, basis->T, b, 0, T, b);
    memcpy(basis->T, T, (size_t)b * (size_t)b * sizeof *T);
    return code;
}

static bool is_orthonormal(const pw_basis *basis, const double *values, const double *length)
{
    const double tolerance = 16 * basis->block * DBL_EPSILON;
    for (int i = 0; i < basis->width; i++)
        if (fabs(values[i] - 1) > tolerance || fabs(length[i] - 1) > tolerance)
            return false;
    return true;
}

pw_code pw_basis_continue(pw_basis *basis, double *Z)
{
    const int b = basis->block;
    double *S = basis->small, *values = basis->scale, *length = basis->scale + b;
    pw_code code = PW_OK;
    basis->width = basis->n - basis->q < b ? (int)(basis->n - basis->q) : b;
    memset(basis->T, 0, (size_t)b * (size_t)b * sizeof *basis->T);
    for (int i = 0; i < b; i++)
        basis->T[i * b + i] = 1;
    for (int round = 0; round < MOST_ROUNDS && basis->width > 0; round++) {
        int count;
        pw_basis_project(basis, Z, basis->work);
        PW_TRY(find_directions(basis, Z, S, values, length, &count));
        if (round > 0 && is_orthonormal(basis, values, length))
            break;
        PW_TRY(pw_agree(basis->team, turn(basis, count, Z, S, values, length)));
        draw(basis, count, basis->width, Z);
    }
    memcpy(basis->X, Z, (size_t)basis->n * (size_t)b * sizeof *Z);
done:
    return code;
}

pw_code pw_basis_start(pw_basis *basis)
{
    double *Z;
    pw_code code = pw_agree(basis->team, PW_NEW(Z, basis->n * basis->block));
    if (code == PW_OK) {
        draw(basis, 0, basis->block, Z);
        code = pw_basis_continue(basis, Z);
    }
    free(Z);
    return code;
}
