/* Orthonormal columns of tall matrices, by both ways, for rows that lie anyhow. */
#include "base/random.h"
#include "decompose/orthonormal.h"
#include "dist/collective.h"
#include "linalg/gram.h"
#include "plinalg/qr.h"
#include "support/on_ranks.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static pw_team team;

typedef pw_code way(pw_team *team, int64_t count, int k, double *X, double *R);
static way *const WAYS[] = {pw_qr_rows, pw_orthonormalise};

/* Entry (i, j) of a matrix of m rows and k columns. */
typedef double entry(int64_t i, int j, int k);

static double noise(int64_t i, int j, int k)
{
    (void)k;
    return pw_random_normal((pw_random_key){.seed = 5}, i, (uint32_t)j);
}

static double graded(int64_t i, int j, int k)
{
    return noise(i, j, k) * pow(10, 30.0 * j / k - 15);
}

/* Mixtures of the same k columns, each of which weighs less than the one before: a condition of about 10 ^ digits. */
static double digits;

static double mixed(int64_t i, int j, int k)
{
    double sum = 0;
    for (int c = 0; c < k; c++)
        sum += noise(i, c, k) * pow(10, -digits * c / k) * noise(1000 + c, j, k);
    return sum;
}

/* Every other column is the one before. */
static double twins(int64_t i, int j, int k)
{
    return noise(i, j / 2, k);
}

static double with_zeros(int64_t i, int j, int k)
{
    return j % 3 == 1 ? 0 : noise(i, j, k);
}

static double zero(int64_t i, int j, int k)
{
    (void)i, (void)j, (void)k;
    return 0;
}

static double one_row(int64_t i, int j, int k)
{
    return i == 0 ? 1 + noise(i, j, k) : 0;
}

static double huge(int64_t i, int j, int k)
{
    return 1e180 * noise(i, j, k);
}

static double tiny(int64_t i, int j, int k)
{
    return 1e-180 * noise(i, j, k);
}

/* How the rows lie: evenly; all on the last rank; more on the higher ranks and none on the first; all on every other. */
enum { DEALS = 4 };

static int64_t first_row(int deal, int64_t m, int rank, int size)
{
    switch (deal) {
    case 0:
        return pw_share(m, size, rank);
    case 1:
        return rank == size ? m : 0;
    case 2:
        return size == 1 ? rank * m : rank * (rank - 1) * m / (size * (size - 1));
    default:
        return pw_share(m, (size + 1) / 2, (rank + 1) / 2);
    }
}

static double largest_in(const double *values, int64_t count)
{
    double largest = 0;
    for (int64_t i = 0; i < count; i++) {
        assert_true(isfinite(values[i]));
        largest = fmax(largest, fabs(values[i]));
    }
    return largest;
}

static void check_orthonormal(pw_team *own, int64_t count, int k, const double *Q)
{
    double *G = calloc((size_t)k * k, sizeof *G);
    pw_gram_add(count, k, Q, k, G);
    pw_reduce_sum(own, G, (int64_t)k * k);
    for (int j = 0; j < k; j++)
        G[j * k + j] -= 1;
    assert_true(largest_in(G, (int64_t)k * k) < 1e-13);
    free(G);
}

static void check_triangle(pw_team *own, int k, const double *R)
{
    double *copy = malloc((size_t)k * k * sizeof *copy);
    memcpy(copy, R, (size_t)k * k * sizeof *copy);
    pw_broadcast(own, copy, (int64_t)k * k * (int64_t)sizeof *copy, 0);
    assert_memory_equal(copy, R, (size_t)k * k * sizeof *copy);
    for (int i = 0; i < k; i++) {
        assert_true(R[i * k + i] >= 0);
        for (int j = 0; j < i; j++)
            assert_true(R[i * k + j] == 0);
    }
    free(copy);
}

/* Q R is X to working precision of each column's largest entry. */
static void check_product(pw_team *own, int64_t count, int k, const double *Q, const double *R,
                          const double *X)
{
    double *miss = calloc((size_t)(2 * k), sizeof *miss), *largest = miss + k;
    for (int64_t i = 0; i < count; i++)
        for (int j = 0; j < k; j++) {
            double sum = -X[i * k + j];
            for (int c = 0; c < k; c++)
                sum += Q[i * k + c] * R[c * k + j];
            assert_true(isfinite(sum));
            miss[j] = fmax(miss[j], fabs(sum));
            largest[j] = fmax(largest[j], fabs(X[i * k + j]));
        }
    pw_reduce_max(own, miss, 2 * k);
    for (int j = 0; j < k; j++)
        assert_true(miss[j] <= 1e-13 * largest[j]);
    free(miss);
}

static void check(pw_team *own, entry *value, int64_t m, int k, int deal, way *orthonormalise)
{
    const int64_t first = first_row(deal, m, own->rank, own->size);
    const int64_t count = first_row(deal, m, own->rank + 1, own->size) - first;
    double *X = count > 0 ? malloc((size_t)m * k * sizeof *X) : NULL;
    double *Q = count > 0 ? malloc((size_t)m * k * sizeof *Q) : NULL;
    double *R = malloc((size_t)k * k * sizeof *R);
    for (int64_t i = 0; i < count * k; i++)
        X[i] = Q[i] = value(first + i / k, (int)(i % k), k);
    assert_int_equal(orthonormalise(own, count, k, Q, R), PW_OK);
    check_orthonormal(own, count, k, Q);
    check_triangle(own, k, R);
    check_product(own, count, k, Q, R, X);
    for (int64_t i = 0; i < count * k; i++)
        Q[i] = X[i];
    assert_int_equal(orthonormalise(own, count, k, Q, NULL), PW_OK);
    check_orthonormal(own, count, k, Q);
    free(X);
    free(Q);
    free(R);
}

static void check_all_deals(entry *value, int64_t m, int k)
{
    for (int deal = 0; deal < DEALS; deal++)
        for (size_t w = 0; w < sizeof WAYS / sizeof *WAYS; w++)
            check(&team, value, m, k, deal, WAYS[w]);
}

static void full_rank(void **state)
{
    (void)state;
    check_all_deals(noise, 1000, 20);
    check_all_deals(noise, 333, 37);
    check_all_deals(graded, 200, 19);
    check_all_deals(huge, 100, 3);
    check_all_deals(tiny, 100, 3);
}

static void any_condition(void **state)
{
    (void)state;
    for (digits = 0; digits < 17; digits += 0.5)
        for (int k = 4; k <= 20; k += 8)
            check(&team, mixed, 60, k, 0, pw_orthonormalise);
}

static void lower_rank(void **state)
{
    (void)state;
    entry *const DEFICIENT[] = {twins, with_zeros, zero, one_row};
    for (size_t i = 0; i < sizeof DEFICIENT / sizeof *DEFICIENT; i++) {
        check_all_deals(DEFICIENT[i], 150, 21);
        check_all_deals(DEFICIENT[i], 21, 21);
        check_all_deals(DEFICIENT[i], 8, 2);
    }
}

static void few_rows(void **state)
{
    (void)state;
    check_all_deals(noise, 1, 1);
    check_all_deals(zero, 1, 1);
    check_all_deals(noise, 2, 1);
    check_all_deals(noise, 5, 5);
    check_all_deals(noise, 40, 40);
    check_all_deals(noise, 41, 40);
}

/* Neither rows nor ranks change the Q of a matrix of full rank. */
static void the_same_wherever_rows_lie(void **state)
{
    (void)state;
    const int64_t m = 90;
    const int k = 7;
    double first_R[7 * 7] = {0};
    for (int deal = 0; deal < DEALS; deal++)
        for (size_t w = 0; w < sizeof WAYS / sizeof *WAYS; w++) {
            const int64_t first = first_row(deal, m, team.rank, team.size);
            const int64_t count = first_row(deal, m, team.rank + 1, team.size) - first;
            double X[90 * 7], R[7 * 7];
            for (int64_t i = 0; i < count * k; i++)
                X[i] = noise(first + i / k, (int)(i % k), k);
            assert_int_equal(WAYS[w](&team, count, k, X, R), PW_OK);
            for (int i = 0; i < k * k; i++)
                assert_true(fabs(R[i] - (deal == 0 && w == 0 ? R[i] : first_R[i])) < 1e-12);
            if (deal == 0 && w == 0)
                memcpy(first_R, R, sizeof R);
        }
}

static void groups_work_alone(void **state)
{
    (void)state;
    const int groups = team.size < 3 ? team.size : 3;
    const int group = pw_team_group(team.size, groups, team.rank);
    pw_team own;
    pw_team_split(&team, groups, &own);
    for (int deal = 0; deal < DEALS; deal++)
        for (size_t w = 0; w < sizeof WAYS / sizeof *WAYS; w++) {
            check(&own, noise, 50 + 20 * group, 9 + group, deal, WAYS[w]);
            if (group != 1)
                check(&own, twins, 40, 10, deal, WAYS[w]);
        }
    pw_team_destroy(&own);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    double X[3 * 4] = {1, 2, 3};
    for (size_t w = 0; w < sizeof WAYS / sizeof *WAYS; w++)
        assert_int_equal(WAYS[w](&team, team.rank == 0 ? 3 : 0, 4, X, NULL), PW_ERROR_INTERNAL);
    assert_non_null(strstr(pw_failure(), "3 rows"));
    assert_int_equal(pw_qr_rows(&team, (int64_t)1 << 31, 1, X, NULL), PW_ERROR_MEMORY);
    assert_int_equal(pw_qr_rows(&team, 30000000, 100, X, NULL), PW_ERROR_MEMORY);
    assert_non_null(strstr(pw_failure(), "ScaLAPACK"));
    for (int i = 0; i < 12; i++)
        X[i] = NAN;
    for (size_t w = 0; w < sizeof WAYS / sizeof *WAYS; w++)
        assert_int_equal(WAYS[w](&team, 3, 2, X, NULL), PW_ERROR_INTERNAL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_rank),
        cmocka_unit_test(any_condition),
        cmocka_unit_test(lower_rank),
        cmocka_unit_test(few_rows),
        cmocka_unit_test(the_same_wherever_rows_lie),
        cmocka_unit_test(groups_work_alone),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    ranks_begin(&argc, &argv, &team);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ranks_end(&team);
    return failed;
}
