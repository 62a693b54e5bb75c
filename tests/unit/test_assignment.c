/* Assignments against trying out everything. */
#include "base/random.h"
#include "linalg/assignment.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <cmocka.h>

enum { MOST = 7 };

/* The largest sum over all ways to give rows i, i + 1, … one of the free columns each; `spare` rows may go without. */
static double best_ref(const double *gain, int rows, int columns, int i, unsigned taken, int spare)
{
    if (i == rows)
        return 0;
    double best = spare > 0 ? best_ref(gain, rows, columns, i + 1, taken, spare - 1) : -HUGE_VAL;
    for (int j = 0; j < columns; j++)
        if (!(taken & 1u << j))
            best = fmax(best, gain[i * columns + j] +
                                  best_ref(gain, rows, columns, i + 1, taken | 1u << j, spare));
    return best;
}

/* Solves, and checks that the pairs are one-to-one, as many as there can be, and the best. */
static void check(const double *gain, int rows, int columns)
{
    int64_t column[MOST];
    unsigned taken = 0;
    int pairs = 0;
    double total = 0;
    assert_int_equal(pw_assignment(rows, columns, gain, column), PW_OK);
    for (int i = 0; i < rows; i++) {
        assert_true(column[i] >= -1 && column[i] < columns);
        if (column[i] < 0)
            continue;
        assert_false(taken & 1u << column[i]);
        taken |= 1u << column[i];
        total += gain[i * columns + column[i]];
        pairs++;
    }
    assert_int_equal(pairs, rows < columns ? rows : columns);
    const int spare = rows > columns ? rows - columns : 0;
    assert_true(fabs(total - best_ref(gain, rows, columns, 0, 0, spare)) < 1e-12);
}

static void check_random(int rows, int columns, uint64_t seed, bool coarse)
{
    double gain[MOST * MOST];
    const pw_random_key key = {.seed = seed};
    for (int e = 0; e < rows * columns; e++) {
        const double x = 2 * pw_random_uniform(key, e, 0) - 1;
        gain[e] = coarse ? round(2 * x) : x;
    }
    check(gain, rows, columns);
}

static void best_of_all(void **state)
{
    (void)state;
    for (int rows = 1; rows <= 6; rows++)
        for (int columns = 1; columns <= 6; columns++)
            for (uint64_t seed = 0; seed < 12; seed++)
                check_random(rows, columns, seed, false);
}

static void best_of_all_with_ties(void **state)
{
    (void)state;
    for (int rows = 1; rows <= 6; rows++)
        for (int columns = 1; columns <= 6; columns++)
            for (uint64_t seed = 0; seed < 12; seed++)
                check_random(rows, columns, seed, true);
}

static void best_of_larger_ones(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 4; seed++) {
        check_random(7, 7, seed, false);
        check_random(3, 7, seed, false);
        check_random(7, 4, seed, false);
    }
}

/* Where each row's best column is taken by another row, the greedy choice is not the best. */
static void greed_is_not_best(void **state)
{
    (void)state;
    const double gain[] = {0.9, 0.8, 0.89, 0.1};
    int64_t column[2];
    assert_int_equal(pw_assignment(2, 2, gain, column), PW_OK);
    assert_int_equal(column[0], 1);
    assert_int_equal(column[1], 0);
}

static void equal_gains(void **state)
{
    (void)state;
    const double zero[MOST * MOST] = {0};
    check(zero, 5, 5);
    check(zero, 2, 6);
    check(zero, 6, 2);
}

/* A planted permutation of 300 columns for 200 rows. */
static void planted(void **state)
{
    enum { ROWS = 200, COLUMNS = 300 };
    static double gain[ROWS * COLUMNS];
    static int64_t column[ROWS];
    const pw_random_key key = {.seed = 5};
    (void)state;
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++)
            gain[i * COLUMNS + j] = pw_random_uniform(key, i, j) + (j == (i * 7 + 3) % COLUMNS);
    assert_int_equal(pw_assignment(ROWS, COLUMNS, gain, column), PW_OK);
    for (int i = 0; i < ROWS; i++)
        assert_int_equal(column[i], (i * 7 + 3) % COLUMNS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(best_of_all),         cmocka_unit_test(best_of_all_with_ties),
        cmocka_unit_test(best_of_larger_ones), cmocka_unit_test(greed_is_not_best),
        cmocka_unit_test(equal_gains),         cmocka_unit_test(planted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
