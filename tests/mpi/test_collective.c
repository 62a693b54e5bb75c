/* Sums over ranks of which each gets its rows, and rows that all get: any shares, also empty ones. */
#include "dist/collective.h"
#include "support/on_ranks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

typedef void reduction(pw_team *team, const pw_layout *layout, int64_t width, double *values);

static pw_team team;

/* Rank r has r + 1 times the place. */
static void check(reduction *reduce, int64_t rows, int64_t width)
{
    const int64_t ranks = (int64_t)team.size * (team.size + 1) / 2;
    double *values = calloc((size_t)(rows * width + 1), sizeof *values);
    pw_layout layout;
    assert_int_equal(pw_layout_even(rows, team.size, &layout), PW_OK);
    for (int64_t i = 0; i < rows * width; i++)
        values[i] = (double)((team.rank + 1) * (i + 1));
    values[rows * width] = -1;
    reduce(&team, &layout, width, values);
    for (int64_t i = layout.offset[team.rank] * width; i < layout.offset[team.rank + 1] * width;
         i++)
        assert_true(values[i] == (double)(ranks * (i + 1)));
    for (int64_t i = 0; i < rows * width; i++) /* nothing of it may be left over from here */
        if (pw_layout_owner(&layout, i / width) != team.rank)
            values[i] = -1;
    pw_share_rows(&team, &layout, width * (int64_t)sizeof *values, values);
    for (int64_t i = 0; i < rows * width; i++)
        assert_true(values[i] == (double)(ranks * (i + 1)));
    assert_true(values[rows * width] == -1);
    pw_layout_destroy(&layout);
    free(values);
}

static void check_all(reduction *reduce)
{
    static const int64_t ROWS[] = {0, 1, 2, 7, 30, 12345}, WIDTHS[] = {1, 3};
    for (size_t r = 0; r < sizeof ROWS / sizeof *ROWS; r++)
        for (size_t w = 0; w < sizeof WIDTHS / sizeof *WIDTHS; w++)
            check(reduce, ROWS[r], WIDTHS[w]);
}

static void rows_at_once(void **state)
{
    (void)state;
    check_all(pw_reduce_rows);
}

static void rows_by_pairs(void **state)
{
    (void)state;
    check_all(pw_reduce_rows_by_pairs);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_at_once),
        cmocka_unit_test(rows_by_pairs),
    };
    ranks_begin(&argc, &argv, &team);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ranks_end(&team);
    return failed;
}
