/* V as a linear map: its products are those of V and of its resamples as they are read, for any storage, type and number of threads. */
#include "base/random.h"
#include "decompose/operator.h"
#include "dist/collective.h"
#include "matrix/perturb.h"
#include "support/on_ranks.h"
#include "support/plain.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

enum { M = 2600, N = 19, K = 3, SEED = 4 }; /* several tiles on a rank */

static pw_team team;

static double uniform(uint64_t seed, int64_t i, int64_t j)
{
    return pw_random_uniform((pw_random_key){.seed = seed}, i, (uint32_t)j);
}

static double entry(int64_t i, int64_t j)
{
    const double u = uniform(3, i, j);
    return u < 0.5 ? 0 : floor(1 + 80 * (u - 0.5));
}

/* This rank's rows of V as they are read. */
static double *rows_of(const pw_matrix *V)
{
    const pw_tile all = pw_matrix_tile(V, 0, V->count);
    double *A = calloc((size_t)(V->count * N) + 1, sizeof *A), v[N];
    for (int64_t i = 0; i < V->count; i++) {
        const int64_t first = V->sparse ? V->row_pointer[i] : 0;
        const int64_t count = V->sparse ? V->row_pointer[i + 1] - first : N;
        pw_tile_read(&all, i, first, count, v);
        for (int64_t e = 0; e < count; e++)
            A[i * N + (V->sparse ? V->column[first + e] : e)] = v[e];
    }
    return A;
}

static double *random_factor(uint64_t seed, int64_t first, int64_t rows)
{
    double *X = calloc((size_t)(rows * K) + 1, sizeof *X);
    for (int64_t i = 0; i < rows * K; i++)
        X[i] = uniform(seed, first + i / K, i % K);
    return X;
}

static void assert_same(int64_t count, const double *found, const double *right)
{
    for (int64_t i = 0; i < count; i++)
        if (!(fabs(found[i] - right[i]) <= 1e-11 * fabs(right[i])))
            fail_msg("element %lld is %.17g instead of %.17g", (long long)i, found[i], right[i]);
}

static void check_products(const pw_matrix *V)
{
    double *A = rows_of(V), *H = random_factor(1, 0, N), *W = random_factor(2, V->first, V->count);
    double *R = calloc((size_t)(V->count * K) + 1, sizeof *R), P[N * K];
    double *R_right = calloc((size_t)(V->count * K) + 1, sizeof *R), P_right[N * K] = {0};
    pw_operator op;
    for (int64_t i = 0; i < V->count; i++)
        for (int64_t j = 0; j < N; j++)
            for (int c = 0; c < K; c++) {
                R_right[i * K + c] += A[i * N + j] * H[j * K + c];
                P_right[j * K + c] += A[i * N + j] * W[i * K + c];
            }
    pw_reduce_sum(&team, P_right, N * K);
    assert_int_equal(pw_operator_create(&team, V, K, &op), PW_OK);
    for (int times = 0; times < 2; times++) {
        pw_operator_apply(&op, H, R, NULL);
        assert_same(V->count * K, R, R_right);
        pw_operator_apply_transposed(&op, W, P);
        assert_same(N * K, P, P_right);
    }
    double Z[N * K], *dense = calloc((size_t)(V->count * N) + 1, sizeof *dense);
    pw_operator_apply(&op, H, R, Z);
    assert_same(V->count * K, R, R_right);
    pw_operator_apply_transposed(&op, R_right, P);
    assert_same(N * K, Z, P);
    assert_int_equal(pw_operator_dense(&op, dense), PW_OK);
    assert_same(V->count * N, dense, A);
    free(dense);
    pw_operator_destroy(&op);
    free(A);
    free(H);
    free(W);
    free(R);
    free(R_right);
}

static void products_are_those_of_what_is_read(void **state)
{
    static const pw_type TYPES[] = {PW_F64, PW_F32, PW_U8};
    const int before = team.threads;
    (void)state;
    for (int kind = 0; kind < 2 * 3 * 2; kind++) {
        pw_matrix V = plain_make(&team, &(plain){M, N, entry}, kind & 1, false, TYPES[kind / 4]);
        const pw_matrix resample = pw_matrix_resample(&V, PW_PERTURB_UNIFORM, 0.25, SEED);
        pw_team_use_threads(kind & 2 ? 3 : 1, &team);
        check_products(&V);
        check_products(&resample);
        pw_matrix_destroy(&V);
    }
    pw_team_use_threads(before, &team);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_are_those_of_what_is_read),
    };
    ranks_begin(&argc, &argv, &team);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ranks_end(&team);
    return failed;
}
