/* k-means of a distributed array that is no matrix of a file, beside a naive twin, and its starts. */
#include "base/memory.h"
#include "base/random.h"
#include "cluster/kmeans.h"
#include "dist/collective.h"
#include "support/on_ranks.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static pw_team team;

enum { D = 3 };

/* Row i is near centre i mod `groups`; of any sign. */
static double entry(int64_t i, int j, int groups, double noise)
{
    const pw_random_key key = {.seed = 7, .stream = PW_RANDOM_W};
    return 10 * pw_random_normal(key, 1000000 + i % groups, (uint32_t)j) +
           noise * pw_random_normal(key, i, (uint32_t)j);
}

static pw_matrix make(int64_t m, int groups, double noise)
{
    pw_matrix X = {.rows = 0};
    assert_int_equal(pw_matrix_new_dense(&team, m, D, false, PW_F64, &X), PW_OK);
    for (int64_t i = 0; i < X.count; i++)
        for (int j = 0; j < D; j++)
            ((double *)X.values)[i * D + j] = entry(X.first + i, j, groups, noise);
    return X;
}

static double square(const double *a, const double *b)
{
    double sum = 0;
    for (int j = 0; j < D; j++)
        sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sum;
}

/* Lloyd's iteration, all rows on each rank. */
static double twin(int64_t m, int groups, double noise, int k, double *C, int32_t *label)
{
    double objective = 0;
    for (int64_t changed = 1; changed > 0;) {
        double sum[16][D] = {{0}}, count[16] = {0};
        changed = 0;
        objective = 0;
        for (int64_t i = 0; i < m; i++) {
            double x[D];
            int32_t best = 0;
            for (int j = 0; j < D; j++)
                x[j] = entry(i, j, groups, noise);
            for (int c = 1; c < k; c++)
                if (square(x, C + c * D) < square(x, C + best * D))
                    best = c;
            changed += label[i] != best;
            label[i] = best;
            objective += square(x, C + best * D);
            count[best]++;
            for (int j = 0; j < D; j++)
                sum[best][j] += x[j];
        }
        for (int c = 0; c < k && changed > 0; c++)
            for (int j = 0; j < D; j++)
                C[c * D + j] = sum[c][j] / count[c];
    }
    return objective;
}

static void naive_twin(void **state)
{
    (void)state;
    enum { M = 211, K = 4 };
    double start[K * D], C[K * D];
    int32_t label[M];
    for (int c = 0; c < K; c++)
        for (int j = 0; j < D; j++)
            start[c * D + j] = entry(3 * c, j, 5, 9);
    memcpy(C, start, sizeof C);
    memset(label, -1, sizeof label);
    const double objective = twin(M, 5, 9, K, C, label);
    pw_matrix X = make(M, 5, 9);
    pw_clustering found;
    const pw_kmeans_request request = {
        .k = K, .restarts = 1, .max_iterations = 1000, .start = start};
    assert_int_equal(pw_kmeans(&team, &X, &request, &found), PW_OK);
    assert_int_equal(found.reason, PW_REASON_CONVERGED);
    assert_float_equal(found.objective, objective, 1e-9 * objective);
    assert_memory_equal(found.rows.label, label + X.first, (size_t)X.count * sizeof *label);
    for (int i = 0; i < K * D; i++)
        assert_float_equal(found.centroid[i], C[i], 1e-9);
    assert_true(found.rows.total == M && found.rows.first == X.first && found.k == K);
    pw_clustering_destroy(&found);
    pw_matrix_destroy(&X);
}

/* One start alone finds all groups where they are far apart: by k-means++ among all rows, and among a sample. */
static void starts(void **state)
{
    (void)state;
    static const struct {
        int64_t m;
        int k;
    } CASES[] = {{300, 6}, {100, 20}, {1280, 20}, {4000, 16}};
    for (size_t t = 0; t < sizeof CASES / sizeof *CASES; t++) {
        const int k = CASES[t].k;
        pw_matrix X = make(CASES[t].m, k, 0.01);
        for (uint64_t seed = 0; seed < 5; seed++) {
            const pw_kmeans_request request = {
                .k = k, .restarts = 1, .max_iterations = 1000, .tolerance = 1e-4, .seed = seed};
            pw_clustering found;
            assert_int_equal(pw_kmeans(&team, &X, &request, &found), PW_OK);
            assert_true(found.objective < 1e-3 * (double)CASES[t].m);
            for (int c = 0; c < k; c++)
                assert_true(found.rows.size[c] >= CASES[t].m / k);
            pw_clustering_destroy(&found);
        }
        pw_matrix_destroy(&X);
    }
}

/* All rows the same, many more than clusters: a sample of them is one row. */
static void equal_rows(void **state)
{
    (void)state;
    for (int64_t m = 20; m <= 2000; m *= 100) {
        pw_matrix X = make(m, 1, 0);
        const pw_kmeans_request request = {.k = 16, .restarts = 2, .max_iterations = 10};
        pw_clustering found;
        assert_int_equal(pw_kmeans(&team, &X, &request, &found), PW_OK);
        assert_true(found.objective < 1e-20 && found.rows.size[0] == m); /* of rounding */
        pw_clustering_destroy(&found);
        pw_matrix_destroy(&X);
    }
}

static void too_many_clusters(void **state)
{
    (void)state;
    pw_matrix X = make(5, 2, 1);
    const pw_kmeans_request request = {.k = 6, .restarts = 1, .max_iterations = 10};
    pw_clustering found;
    assert_int_equal(pw_kmeans(&team, &X, &request, &found), PW_ERROR_INPUT);
    pw_clustering_destroy(&found);
    pw_matrix_destroy(&X);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(naive_twin),
        cmocka_unit_test(starts),
        cmocka_unit_test(equal_rows),
        cmocka_unit_test(too_many_clusters),
    };
    ranks_begin(&argc, &argv, &team);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ranks_end(&team);
    return failed;
}
