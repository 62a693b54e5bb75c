/* Leading eigenvectors and singular vectors of matrices whose values are known beforehand: many alike, none, all. */
#include "base/random.h"
#include "decompose/eigen.h"
#include "decompose/krylov.h"
#include "decompose/svd.h"
#include "dist/collective.h"
#include "matrix/assemble.h"
#include "support/on_ranks.h"
#include "support/scratch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static pw_team team;

static const double TOLERANCE = 1e-9;

/* ---- values, descending in j ---- */

typedef double spectrum(int64_t j, int64_t n);

static double falling(int64_t j, int64_t n)
{
    return 2 - 3 * (double)j / (double)n; /* some are below 0 */
}

static double alike(int64_t j, int64_t n)
{
    return j < 12 ? 1 : j < 24 ? 0.98 : -0.5 * (double)j / (double)n;
}

static double few(int64_t j, int64_t n)
{
    (void)n;
    return j < 3 ? 5 - (double)j : 0;
}

static double identity(int64_t j, int64_t n)
{
    (void)j, (void)n;
    return 1;
}

static double zero(int64_t j, int64_t n)
{
    (void)j, (void)n;
    return 0;
}

static double tiny(int64_t j, int64_t n)
{
    return 1e-100 * falling(j, n);
}

static spectrum *const SPECTRA[] = {falling, alike, few, identity, zero, tiny};
enum { SPECTRUM_COUNT = sizeof SPECTRA / sizeof *SPECTRA };

/* ---- matrices: values on the diagonal, turned by reflections I − 2 u uᵀ ---- */

/* u of length 1 */
static double *draw_mirror(int64_t n, uint32_t which)
{
    double *u = malloc((size_t)n * sizeof *u), square = 0;
    for (int64_t i = 0; i < n; i++) {
        u[i] = pw_random_normal((pw_random_key){.seed = 4}, i, which);
        square += u[i] * u[i];
    }
    for (int64_t i = 0; i < n; i++)
        u[i] /= sqrt(square);
    return u;
}

/* m × n: (I − 2 u uᵀ) D (I − 2 v vᵀ), row-major; u is v where m = n and `symmetric`. To be freed. */
static double *make(int64_t m, int64_t n, bool symmetric, spectrum *value)
{
    const int64_t least = m < n ? m : n;
    double *A = calloc((size_t)(m * n), sizeof *A);
    double *u = draw_mirror(m, 0), *v = draw_mirror(n, symmetric ? 0 : 1), middle = 0;
    for (int64_t j = 0; j < least; j++)
        middle += u[j] * value(j, least) * v[j];
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            const double of_i = i < least ? value(i, least) : 0;
            const double of_j = j < least ? value(j, least) : 0;
            const double of_u = j < least ? u[j] : 0, of_v = i < least ? v[i] : 0;
            A[i * n + j] = (i == j ? of_i : 0) - 2 * u[i] * of_u * of_j - 2 * of_i * of_v * v[j] +
                           4 * u[i] * middle * v[j];
        }
    free(u);
    free(v);
    return A;
}

/* This rank's rows of it: of its columns where `transposed`. */
static pw_matrix deal(int64_t m, int64_t n, const double *A, bool transposed)
{
    pw_matrix V = {.rows = 0};
    assert_int_equal(
        pw_matrix_new_dense(&team, transposed ? n : m, transposed ? m : n, transposed, PW_F64, &V),
        PW_OK);
    V.any_sign = true;
    double *values = V.values;
    for (int64_t i = 0; i < V.count; i++)
        for (int64_t j = 0; j < V.cols; j++)
            values[i * V.cols + j] = transposed ? A[j * n + V.first + i] : A[(V.first + i) * n + j];
    return V;
}

/* ---- what must hold ---- */

static void check_orthonormal(int64_t n, int k, const double *Q, int ld)
{
    for (int a = 0; a < k; a++)
        for (int b = 0; b <= a; b++) {
            double dot = a == b ? -1 : 0;
            for (int64_t i = 0; i < n; i++)
                dot += Q[i * ld + a] * Q[i * ld + b];
            assert_true(fabs(dot) < 1e-11);
        }
}

/* Values, and ‖A x − θ x‖. */
static void check_pairs(int64_t n, int k, const double *A, spectrum *value, const double *theta,
                        const double *Q, int ld)
{
    const double largest = fmax(fabs(value(0, n)), fabs(value(n - 1, n)));
    check_orthonormal(n, k, Q, ld);
    for (int c = 0; c < k; c++) {
        double square = 0;
        assert_true(fabs(theta[c] - value(c, n)) <= 1e-12 * largest);
        for (int64_t i = 0; i < n; i++) {
            double sum = -theta[c] * Q[i * ld + c];
            for (int64_t j = 0; j < n; j++)
                sum += A[i * n + j] * Q[j * ld + c];
            square += sum / largest * sum;
        }
        assert_true(largest == 0 || sqrt(square / largest) <= 2 * TOLERANCE);
    }
}

static void check_the_same_everywhere(const double *values, int64_t count)
{
    double *copy = malloc((size_t)count * sizeof *copy);
    memcpy(copy, values, (size_t)count * sizeof *copy);
    pw_broadcast(&team, copy, count * (int64_t)sizeof *copy, 0);
    assert_memory_equal(copy, values, (size_t)count * sizeof *copy);
    free(copy);
}

/* ---- the Krylov space itself ---- */

typedef struct square {
    int64_t n;
    int block;
    const double *A;
} square;

static void apply(void *context, int first, int count, const double *X, double *Z)
{
    const square *s = context;
    (void)first;
    memset(Z, 0, (size_t)(s->n * s->block) * sizeof *Z);
    for (int64_t i = 0; i < s->n; i++)
        for (int64_t j = 0; j < s->n; j++)
            for (int c = 0; c < count; c++)
                Z[i * s->block + c] += s->A[i * s->n + j] * X[j * s->block + c];
}

static void check_krylov(int64_t n, int k, int block, int most, spectrum *value)
{
    double *A = make(n, n, true, value);
    square s = {n, block, A};
    const pw_krylov_map map = {.context = &s, .apply = apply};
    const pw_krylov_request request = {.n = n,
                                       .k = k,
                                       .block = block,
                                       .most = most,
                                       .tolerance = TOLERANCE,
                                       .most_steps = 2000,
                                       .seed = 8};
    pw_krylov found;
    assert_int_equal(pw_krylov_solve(&team, &request, &map, &found), PW_OK);
    assert_int_equal(found.q, k);
    check_pairs(n, k, A, value, found.values, found.Q, found.ld);
    check_the_same_everywhere(found.values, k);
    pw_krylov_destroy(&found);
    free(A);
}

static void the_space_has_the_leading_vectors(void **state)
{
    (void)state;
    for (int s = 0; s < SPECTRUM_COUNT; s++) {
        check_krylov(90, 12, 12, 60, SPECTRA[s]);
        check_krylov(90, 4, 12, 36, SPECTRA[s]);  /* no room but for restarts */
        check_krylov(60, 12, 16, 60, SPECTRA[s]); /* most = n */
    }
    check_krylov(90, 7, 3, 20, falling);
    check_krylov(90, 1, 1, 5, falling);
}

static void all_vectors_of_a_space(void **state)
{
    (void)state;
    for (int s = 0; s < SPECTRUM_COUNT; s++) {
        check_krylov(40, 40, 8, 40, SPECTRA[s]);
        check_krylov(25, 25, 25, 25, SPECTRA[s]);
        check_krylov(1, 1, 1, 1, SPECTRA[s]);
    }
}

static void few_steps_are_no_error(void **state)
{
    (void)state;
    double *A = make(90, 90, true, falling);
    square s = {90, 4, A};
    const pw_krylov_map map = {.context = &s, .apply = apply};
    pw_krylov found;
    const pw_krylov_request request = {
        .n = 90, .k = 6, .block = 4, .most = 30, .tolerance = TOLERANCE, .most_steps = 3};
    assert_int_equal(pw_krylov_solve(&team, &request, &map, &found), PW_OK);
    assert_int_equal(found.steps, 3);
    assert_true(found.good < 6);
    check_orthonormal(90, found.q, found.Q, found.ld);
    pw_krylov_destroy(&found);
    free(A);
}

/* ---- eigenvectors of V ---- */

static void check_eigen(const pw_matrix *V, const double *A, int k, bool dense, spectrum *value)
{
    const pw_eigen_request request = {
        .k = k, .dense = dense, .tolerance = TOLERANCE, .most_sweeps = 2000, .seed = 1};
    pw_eigen found;
    assert_true(pw_eigen_bytes(V, &request) >= 8 * V->cols * k);
    assert_int_equal(pw_eigen_find(&team, V, &request, &found), PW_OK);
    assert_int_equal(found.k, k);
    assert_true(found.good);
    check_pairs(V->cols, k, A, value, found.values, found.vectors, k);
    check_the_same_everywhere(found.values, k);
    check_the_same_everywhere(found.vectors, V->cols * k);
    pw_eigen_destroy(&found);
}

static void eigenvectors_by_both_ways(void **state)
{
    (void)state;
    for (int s = 0; s < SPECTRUM_COUNT; s++)
        for (int64_t n = 1; n <= 101; n += 50) {
            double *A = make(n, n, true, SPECTRA[s]);
            pw_matrix V = deal(n, n, A, false);
            for (int dense = 0; dense <= 1; dense++) {
                check_eigen(&V, A, 1, dense, SPECTRA[s]);
                check_eigen(&V, A, n < 12 ? (int)n : 12, dense, SPECTRA[s]);
                check_eigen(&V, A, (int)n, dense, SPECTRA[s]);
            }
            pw_matrix_destroy(&V);
            free(A);
        }
}

/* 30 pairs of cliques, each row adds up to 1, with a weak edge between the two of a pair: 1 is an eigenvalue 30 times over, and
 * the next 30 are near. */
enum { PAIRS = 30, CLIQUE = 4, NODES = 2 * PAIRS * CLIQUE };

static double pair_entry(int64_t i, int64_t j)
{
    const double bridge = i % CLIQUE == 0 && j % CLIQUE == 0 ? 0.05 : 0;
    if (i / CLIQUE == j / CLIQUE)
        return 1.0 / CLIQUE - (i == j ? bridge : 0);
    return i / (2 * CLIQUE) == j / (2 * CLIQUE) ? bridge : 0;
}

static void as_many_copies_as_are_wanted(void **state)
{
    (void)state;
    pw_entries entries = {.count = 0};
    pw_matrix V = {.rows = 0};
    const pw_eigen_request request = {
        .k = PAIRS, .tolerance = TOLERANCE, .most_sweeps = 2000, .seed = 1};
    pw_eigen found;
    for (int64_t i = team.rank; i < NODES; i += team.size)
        for (int64_t j = 0; j < NODES; j++)
            if (pair_entry(i, j) > 0)
                assert_int_equal(pw_entries_add(&entries, i, j, pair_entry(i, j)), PW_OK);
    assert_int_equal(pw_matrix_from_entries(&team, &entries, NODES, NODES, false, PW_F64, &V),
                     PW_OK);
    assert_int_equal(pw_eigen_find(&team, &V, &request, &found), PW_OK);
    for (int c = 0; c < PAIRS; c++)
        assert_true(fabs(found.values[c] - 1) < 1e-12);
    check_orthonormal(NODES, PAIRS, found.vectors, PAIRS);
    pw_eigen_destroy(&found);
    pw_matrix_destroy(&V);
}

static void a_dense_copy_that_is_too_large_is_seen(void **state)
{
    (void)state;
    const pw_matrix V = {.rows = 1 << 30, .cols = 1 << 30, .count = 1 << 30, .layout = {.size = 1}};
    const pw_eigen_request request = {.k = 2, .dense = true};
    assert_true(pw_eigen_bytes(&V, &request) >= (int64_t)1e14);
}

/* ---- singular vectors ---- */

static double size_of(int64_t j, int64_t n)
{
    return 1 + falling(j, n);
}

static double copies(int64_t j, int64_t n)
{
    return fabs(alike(j, n) > 0 ? alike(j, n) : 0.5 * (1 - (double)j / (double)n));
}

static void check_svd(int64_t m, int64_t n, int k, bool transposed, spectrum *value)
{
    const int64_t least = m < n ? m : n;
    double *A = make(m, n, false, value), norm = 0;
    for (int64_t j = 0; j < least; j++)
        norm += value(j, least) * value(j, least);
    pw_matrix V = deal(m, n, A, transposed);
    const pw_svd_request request = {.k = k, .tolerance = TOLERANCE, .most_sweeps = 2000, .seed = 1};
    pw_svd found;
    assert_int_equal(pw_svd_find(&team, &V, norm, &request, &found), PW_OK);
    assert_true(found.good);
    double *U = malloc((size_t)(V.rows * k) * sizeof *U);
    pw_gather_rows(&team, &V.layout, k * (int64_t)sizeof *U, found.U, U);
    check_orthonormal(V.rows, k, U, k);
    check_orthonormal(V.cols, k, found.Vt, k);
    check_the_same_everywhere(found.S, k);
    for (int c = 0; c < k; c++) {
        assert_true(fabs(found.S[c] - value(c, least)) <= 1e-11 * value(0, least));
        for (int64_t i = 0; i < V.count; i++) {
            double sum = -found.S[c] * found.U[i * k + c];
            for (int64_t j = 0; j < V.cols; j++)
                sum += ((double *)V.values)[i * V.cols + j] * found.Vt[j * k + c];
            assert_true(fabs(sum) <= TOLERANCE * value(0, least));
        }
    }
    free(U);
    free(A);
    pw_svd_destroy(&found);
    pw_matrix_destroy(&V);
}

static void singular_vectors(void **state)
{
    (void)state;
    spectrum *const VALUES[] = {size_of, copies, few, identity, zero};
    for (size_t s = 0; s < sizeof VALUES / sizeof *VALUES; s++)
        for (int transposed = 0; transposed <= 1; transposed++) {
            check_svd(130, 120, 12, transposed, VALUES[s]);
            check_svd(100, 140, 12, transposed, VALUES[s]);
            check_svd(60, 20, 20, transposed, VALUES[s]);
            check_svd(20, 60, 20, transposed, VALUES[s]);
            check_svd(5, 2, 1, transposed, VALUES[s]);
        }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_space_has_the_leading_vectors),
        cmocka_unit_test(all_vectors_of_a_space),
        cmocka_unit_test(few_steps_are_no_error),
        cmocka_unit_test(eigenvectors_by_both_ways),
        cmocka_unit_test(as_many_copies_as_are_wanted),
        cmocka_unit_test(a_dense_copy_that_is_too_large_is_seen),
        cmocka_unit_test(singular_vectors),
    };
    ranks_begin(&argc, &argv, &team);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ranks_end(&team);
    return failed;
}
