/* The summary of V against plain loops: the same for dense and sparse, rows and columns, any type,
 * ranks and threads. */
#include "base/random.h"
#include "dist/collective.h"
#include "matrix/summary.h"
#include "support/on_ranks.h"
#include "support/plain.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static pw_team team;

static double draw(uint32_t what, int64_t i, int64_t j)
{
    return pw_random_uniform((pw_random_key){.seed = 3, .model = what}, i, (uint32_t)j);
}

/* Whole numbers 0 … 100 that every type holds; row 4 and columns 2 and 9 are empty. */
static double counts(int64_t i, int64_t j)
{
    if (i == 4 || j == 2 || j == 9)
        return 0;
    return draw(1, i, j) < 0.3 ? floor(1 + 100 * draw(2, i, j)) : 0;
}

static double all_positive(int64_t i, int64_t j)
{
    return 2 + draw(1, i, j);
}

static double with_bad(int64_t i, int64_t j)
{
    if (i == 5 && j == 7)
        return -0.25;
    if (i == 5 && j == 11)
        return NAN;
    if (i == 9 && j == 0)
        return INFINITY;
    return counts(i, j);
}

static double ill_conditioned(int64_t i, int64_t j)
{
    return (i + j) % 2 ? 1e-9 * (1 + draw(1, i, j)) : 1e9 * draw(2, i, j);
}

static double nothing(int64_t i, int64_t j)
{
    return 0 * (double)(i + j);
}

static pw_summary summarise(const plain *p, bool sparse, bool transposed, pw_type type)
{
    pw_matrix V = plain_make(&team, p, sparse, transposed, type);
    pw_summary summary;
    assert_int_equal(pw_matrix_summarise(&team, &V, &summary), PW_OK);
    pw_matrix_destroy(&V);
    return summary;
}

static void check_counts(const plain *p, const pw_summary *s)
{
    long double sum = 0, squares = 0;
    double least = INFINITY, largest = -INFINITY, least_positive = INFINITY;
    int64_t nonzeros = 0, zero_rows = 0, zero_columns = 0;
    for (int64_t i = 0; i < p->m; i++) {
        bool empty = true;
        for (int64_t j = 0; j < p->n; j++) {
            const double x = p->entry(i, j);
            sum += x;
            squares += (long double)x * x;
            least = fmin(least, x);
            largest = fmax(largest, x);
            least_positive = x > 0 ? fmin(least_positive, x) : least_positive;
            nonzeros += x != 0;
            empty = empty && x == 0;
        }
        zero_rows += empty;
    }
    for (int64_t j = 0; j < p->n; j++) {
        int64_t i = 0;
        while (i < p->m && p->entry(i, j) == 0)
            i++;
        zero_columns += i == p->m;
    }
    assert_int_equal(s->nonzeros, nonzeros);
    assert_int_equal(s->zero_rows, zero_rows);
    assert_int_equal(s->zero_columns, zero_columns);
    assert_true(s->least == least && s->largest == largest);
    assert_true(s->least_positive == (largest > 0 ? least_positive : 0));
    assert_true(fabsl(s->sum - sum) <= 1e-15L * sum);
    assert_true(fabsl(s->sum_squares - squares) <= 1e-15L * squares);
}

static void every_storage_says_the_same(void **state)
{
    (void)state;
    const plain p = {13, 2100, counts};
    const uint64_t fingerprint = summarise(&p, false, false, PW_F64).fingerprint;
    for (int way = 0; way < 8; way++)
        for (pw_type type = PW_U8; type <= PW_F64; type++) {
            team.threads = way < 4 ? 1 : 3;
            const pw_summary s = summarise(&p, way & 1, way & 2, type);
            check_counts(&p, &s);
            assert_true(s.fingerprint == fingerprint);
            assert_int_equal(s.bad, 0);
        }
    team.threads = 1;
}

static void all_ones_need_no_values(void **state)
{
    (void)state;
    const plain p = {13, 30, counts};
    pw_matrix V = plain_make(&team, &p, true, false, PW_U8);
    memset(V.values, 1, (size_t)V.row_pointer[V.count]);
    pw_summary stored, implied;
    assert_int_equal(pw_matrix_summarise(&team, &V, &stored), PW_OK);
    V.type = PW_ONE;
    free(V.values);
    V.values = NULL;
    assert_int_equal(pw_matrix_summarise(&team, &V, &implied), PW_OK);
    pw_matrix_destroy(&V);
    assert_true(implied.fingerprint == stored.fingerprint);
    assert_true(implied.sum == stored.sum && implied.largest == 1 && implied.least == 0);
}

static void fingerprint_sees_what_changes(void **state)
{
    (void)state;
    const plain p = {13, 30, counts}, taller = {14, 30, nothing}, wider = {13, 31, nothing},
                empty = {13, 30, nothing}, other = {13, 30, all_positive};
    const uint64_t print[] = {summarise(&p, false, false, PW_F64).fingerprint,
                              summarise(&taller, true, false, PW_F64).fingerprint,
                              summarise(&wider, true, false, PW_F64).fingerprint,
                              summarise(&empty, true, false, PW_F64).fingerprint,
                              summarise(&other, false, false, PW_F64).fingerprint};
    for (int a = 0; a < 5; a++)
        for (int b = 0; b < a; b++)
            assert_true(print[a] != print[b]);
}

static void range_without_zeros(void **state)
{
    (void)state;
    const plain p = {5, 8, all_positive}, empty = {5, 8, nothing};
    for (int way = 0; way < 4; way++) {
        const pw_summary s = summarise(&p, way & 1, way & 2, PW_F64);
        check_counts(&p, &s);
        assert_true(s.least >= 2);
        const pw_summary none = summarise(&empty, way & 1, way & 2, PW_F64);
        check_counts(&empty, &none);
        assert_int_equal(none.zero_columns, 8);
    }
}

static void sums_are_compensated(void **state)
{
    (void)state;
    const plain p = {40, 700, ill_conditioned};
    const pw_summary s = summarise(&p, false, false, PW_F64);
    check_counts(&p, &s);
}

static void first_bad_entry_is_named(void **state)
{
    (void)state;
    const plain p = {13, 30, with_bad};
    for (int way = 0; way < 4; way++) {
        pw_matrix V = plain_make(&team, &p, way & 1, way & 2, PW_F64);
        pw_summary s;
        assert_int_equal(pw_matrix_summarise(&team, &V, &s), PW_OK);
        const pw_code code = pw_summary_check(&V, &s);
        pw_matrix_destroy(&V);
        assert_int_equal(s.bad, 3);
        assert_int_equal(s.bad_row, 5);
        assert_int_equal(s.bad_column, 7);
        assert_true(s.bad_value == -0.25 && s.least == -0.25);
        assert_true(isfinite(s.sum) && isfinite(s.largest));
        assert_int_equal(code, PW_ERROR_INPUT);
        assert_non_null(strstr(pw_failure(), "row 5, column 7 (counted from 0) is -0.25"));
        assert_non_null(strstr(pw_failure(), "3 such entries"));
    }
}

static void one_row_or_no_entries(void **state)
{
    (void)state;
    const plain row = {1, 30, counts}, column = {30, 1, counts};
    for (int way = 0; way < 4; way++) {
        const pw_summary r = summarise(&row, way & 1, way & 2, PW_U16);
        check_counts(&row, &r);
        const pw_summary c = summarise(&column, way & 1, way & 2, PW_U16);
        check_counts(&column, &c);
    }
}

/* Zeros that are missing: counts and sums are those of the other entries, less those held out. */
static void only_observed_entries_count(void **state)
{
    (void)state;
    const plain p = {13, 210, counts};
    const pw_summary all = summarise(&p, false, false, PW_U16);
    int64_t held_out = -1;
    for (int way = 0; way < 8; way++) {
        pw_options options = {.missing = PW_MISSING_ZERO, .holdout = way < 4 ? 0 : 0.2};
        pw_matrix V = plain_make(&team, &p, way & 1, way & 2, PW_U16);
        pw_summary s;
        assert_int_equal(pw_matrix_set_missing(&options, &V), PW_OK);
        assert_int_equal(pw_matrix_summarise(&team, &V, &s), PW_OK);
        pw_matrix_destroy(&V);
        assert_true(s.observed + (double)s.held_out == (double)all.nonzeros);
        assert_true(s.fingerprint == all.fingerprint && s.least >= 1 && s.largest == all.largest);
        assert_true(s.nonzeros == all.nonzeros - s.held_out);
        if (way < 4)
            assert_true(s.held_out == 0 && s.sum == all.sum);
        else if (held_out >= 0)
            assert_int_equal(s.held_out, held_out);
        held_out = way < 4 ? -1 : s.held_out;
    }
    assert_true(held_out > 0.1 * (double)all.nonzeros && held_out < 0.3 * (double)all.nonzeros);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_storage_says_the_same),
        cmocka_unit_test(all_ones_need_no_values),
        cmocka_unit_test(fingerprint_sees_what_changes),
        cmocka_unit_test(range_without_zeros),
        cmocka_unit_test(sums_are_compensated),
        cmocka_unit_test(first_bad_entry_is_named),
        cmocka_unit_test(one_row_or_no_entries),
        cmocka_unit_test(only_observed_entries_count),
    };
    ranks_begin(&argc, &argv, &team);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ranks_end(&team);
    return failed;
}
