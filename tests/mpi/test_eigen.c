/* Eigenvalues and eigenvectors on all ranks, against those known beforehand. */
#include "base/random.h"
#include "dist/collective.h"
#include "plinalg/eigen.h"
#include "support/on_ranks.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static pw_team team;

/* A symmetric matrix with eigenvalues that are known, ascending in j. */
typedef struct known {
    double (*entry)(int64_t i, int64_t j, int64_t n);
    double (*value)(int64_t j, int64_t n);
} known;

static double path_entry(int64_t i, int64_t j, int64_t n)
{
    if (i == j)
        return (i > 0) + (i < n - 1);
    return i == j - 1 || i == j + 1 ? -1 : 0;
}

static double path_value(int64_t j, int64_t n)
{
    return 2 - 2 * cos(acos(-1) * (double)j / (double)n);
}

/* Three values, many times each, turned by the reflection I - 2 u uᵀ / uᵀu. */
static double planted_value(int64_t j, int64_t n)
{
    return j < n / 3 ? -2 : j < n - 1 ? 1 : 7;
}

static double u(int64_t i)
{
    return pw_random_normal((pw_random_key){.seed = 3}, i, 0);
}

static double planted_entry(int64_t i, int64_t j, int64_t n)
{
    double length = 0, middle = 0; /* uᵀu, uᵀDu */
    for (int64_t p = 0; p < n; p++) {
        length += u(p) * u(p);
        middle += u(p) * planted_value(p, n) * u(p);
    }
    const double di = planted_value(i, n), dj = planted_value(j, n);
    return (i == j ? di : 0) + u(i) * u(j) * (4 * middle / length - 2 * di - 2 * dj) / length;
}

static double zero_entry(int64_t i, int64_t j, int64_t n)
{
    (void)i, (void)j, (void)n;
    return 0;
}

static double zero_value(int64_t j, int64_t n)
{
    (void)j, (void)n;
    return 0;
}

static double tiny_entry(int64_t i, int64_t j, int64_t n)
{
    return 1e-180 * path_entry(i, j, n);
}

static double tiny_value(int64_t j, int64_t n)
{
    return 1e-180 * path_value(j, n);
}

static double large_entry(int64_t i, int64_t j, int64_t n)
{
    return 1e180 * path_entry(i, j, n);
}

static double large_value(int64_t j, int64_t n)
{
    return 1e180 * path_value(j, n);
}

static const known PATH = {path_entry, path_value}, PLANTED = {planted_entry, planted_value},
                   ZERO = {zero_entry, zero_value}, TINY = {tiny_entry, tiny_value},
                   LARGE = {large_entry, large_value};

/* How the rows lie: evenly; all on the last rank; more on the higher ranks and none on the first. */
enum { DEALS = 3 };

static void deal_rows(pw_team *own, int deal, int64_t n, pw_layout *layout)
{
    assert_int_equal(pw_layout_even(n, own->size, layout), PW_OK);
    const int64_t size = own->size;
    for (int64_t r = 1; r < size; r++)
        if (deal > 0)
            layout->offset[r] = deal == 1 ? 0 : r * (r - 1) * n / (size * (size - 1));
}

static double *fill(const known *matrix, pw_team *own, const pw_layout *layout)
{
    const int64_t n = layout->total, first = pw_layout_first(layout, own->rank);
    const int64_t count = pw_layout_count(layout, own->rank);
    double *all = malloc((size_t)(n * n) * sizeof *all);
    for (int64_t e = 0; e < n * n; e++)
        all[e] = own->rank == 0 ? matrix->entry(e / n, e % n, n) : 0;
    pw_broadcast(own, all, n * n * (int64_t)sizeof *all, 0);
    memmove(all, all + first * n, (size_t)(count * n) * sizeof *all);
    return all;
}

/* V from all ranks: A V = V w and VᵀV = I, for all of them. */
static void check_vectors(const known *matrix, int64_t n, double unit, const double *values,
                          const double *V)
{
    for (int64_t a = 0; a < n; a++)
        for (int64_t b = 0; b <= a; b++) {
            double product = 0;
            for (int64_t i = 0; i < n; i++)
                product += V[i * n + a] * V[i * n + b];
            assert_true(fabs(product - (a == b)) < 1e-12);
        }
    for (int64_t i = 0; i < n; i++) {
        double *row = calloc((size_t)n, sizeof *row);
        for (int64_t j = 0; j < n; j++) {
            const double entry = matrix->entry(i, j, n);
            for (int64_t a = 0; a < n && entry != 0; a++)
                row[a] += entry * V[j * n + a];
        }
        for (int64_t a = 0; a < n; a++)
            assert_true(fabs(row[a] - values[a] * V[i * n + a]) <= 1e-12 * unit);
        free(row);
    }
}

static void check(pw_team *own, const known *matrix, int64_t n, int deal)
{
    pw_layout layout;
    deal_rows(own, deal, n, &layout);
    double *A = fill(matrix, own, &layout), *V = malloc((size_t)(n * n) * sizeof *V);
    double *values = calloc((size_t)(2 * n), sizeof *values), *alone = values + n;
    double *mine = malloc((size_t)(n * n) * sizeof *mine);
    const double unit = fmax(fabs(matrix->value(0, n)), fabs(matrix->value(n - 1, n)));
    assert_int_equal(pw_eigen_symmetric(own, &layout, A, values, mine), PW_OK);
    assert_int_equal(pw_eigen_symmetric(own, &layout, A, alone, NULL), PW_OK);
    for (int64_t j = 0; j < n; j++) {
        assert_true(fabs(values[j] - matrix->value(j, n)) <= 1e-12 * unit);
        assert_true(fabs(alone[j] - matrix->value(j, n)) <= 1e-12 * unit);
        assert_true(j == 0 || values[j] >= values[j - 1]);
    }
    pw_gather_rows(own, &layout, n * (int64_t)sizeof *V, mine, V);
    if (own->rank == 0)
        check_vectors(matrix, n, unit, values, V);
    pw_layout_destroy(&layout);
    free(A);
    free(V);
    free(values);
    free(mine);
}

static void paths(void **state)
{
    (void)state;
    const int64_t SIZES[] = {1, 2, 3, 7, 64, 65, 130, 200};
    for (size_t s = 0; s < sizeof SIZES / sizeof *SIZES; s++)
        for (int deal = 0; deal < DEALS; deal++)
            check(&team, &PATH, SIZES[s], deal);
}

static void values_that_come_many_times(void **state)
{
    (void)state;
    for (int deal = 0; deal < DEALS; deal++)
        check(&team, &PLANTED, 90, deal);
    check(&team, &ZERO, 70, 0);
    check(&team, &ZERO, 1, 0);
}

static void any_scale(void **state)
{
    (void)state;
    check(&team, &TINY, 70, 0);
    check(&team, &LARGE, 70, 0);
}

static void groups_work_alone(void **state)
{
    (void)state;
    const int groups = team.size < 3 ? team.size : 3;
    const int group = pw_team_group(team.size, groups, team.rank);
    pw_team own;
    pw_team_split(&team, groups, &own);
    for (int deal = 0; deal < DEALS; deal++)
        check(&own, group == 1 ? &PLANTED : &PATH, 40 + 30 * group, deal);
    pw_team_destroy(&own);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    pw_layout layout;
    double values[80], vectors[80 * 80];
    deal_rows(&team, 0, 80, &layout);
    double *A = fill(&PATH, &team, &layout);
    if (team.rank == team.size - 1)
        A[5] += 3; /* (i, 5), but not (5, i) */
    assert_int_equal(pw_eigen_symmetric(&team, &layout, A, values, vectors), PW_ERROR_INTERNAL);
    if (team.rank == team.size - 1)
        A[5] = NAN;
    assert_int_equal(pw_eigen_symmetric(&team, &layout, A, values, vectors), PW_ERROR_INTERNAL);
    assert_non_null(strstr(pw_failure(), "finite"));
    pw_layout_destroy(&layout);
    free(A);
    deal_rows(&team, 0, (int64_t)1 << 20, &layout);
    assert_int_equal(pw_eigen_symmetric(&team, &layout, NULL, NULL, NULL), PW_ERROR_MEMORY);
    assert_non_null(strstr(pw_failure(), "ScaLAPACK"));
    pw_layout_destroy(&layout);
    layout = (pw_layout){.total = 0};
    assert_int_equal(pw_eigen_symmetric(&team, &layout, NULL, NULL, NULL), PW_OK);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths),
        cmocka_unit_test(values_that_come_many_times),
        cmocka_unit_test(any_scale),
        cmocka_unit_test(groups_work_alone),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    ranks_begin(&argc, &argv, &team);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ranks_end(&team);
    return failed;
}
