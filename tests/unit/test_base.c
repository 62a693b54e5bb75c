/* Layout arithmetic, random numbers, types and memory. */
#include "base/logarithm.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/type.h"
#include "dist/layout.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void shares_cover_everything_once(void **state)
{
    (void)state;
    for (int64_t total = 0; total < 40; total++)
        for (int64_t parts = 1; parts < 12; parts++) {
            assert_int_equal(pw_share(total, parts, 0), 0);
            assert_int_equal(pw_share(total, parts, parts), total);
            for (int64_t i = 0; i < total; i++) {
                const int64_t part = pw_share_of(total, parts, i);
                assert_true(pw_share(total, parts, part) <= i);
                assert_true(i < pw_share(total, parts, part + 1));
            }
        }
}

static void shares_of_huge_totals(void **state)
{
    (void)state;
    const int64_t total = INT64_MAX / 2;
    assert_int_equal(pw_share(total, 7, 7), total);
    assert_int_equal(pw_share_of(total, 7, total - 1), 6);
}

static void even_layout_has_owners(void **state)
{
    (void)state;
    pw_layout layout;
    assert_int_equal(pw_layout_even(10, 7, &layout), PW_OK);
    for (int64_t row = 0; row < 10; row++) {
        const int owner = pw_layout_owner(&layout, row);
        assert_true(pw_layout_first(&layout, owner) <= row);
        assert_true(row < pw_layout_first(&layout, owner) + pw_layout_count(&layout, owner));
    }
    pw_layout_destroy(&layout);
}

static void more_ranks_than_rows(void **state)
{
    (void)state;
    pw_layout layout;
    assert_int_equal(pw_layout_even(2, 5, &layout), PW_OK);
    assert_int_equal(pw_layout_count(&layout, 0), 1);
    assert_int_equal(pw_layout_count(&layout, 4), 0);
    assert_int_equal(pw_layout_owner(&layout, 1), 1);
    pw_layout_destroy(&layout);
}

static void weighted_layout_balances(void **state)
{
    (void)state;
    const int64_t before[] = {0, 90, 91, 92, 93, 94, 95, 96, 97, 98, 100};
    pw_layout layout;
    assert_int_equal(pw_layout_weighted(10, 2, 10, before, &layout), PW_OK);
    assert_int_equal(layout.offset[1], 1);
    pw_layout_destroy(&layout);
    assert_int_equal(pw_layout_weighted(10, 4, 10, before, &layout), PW_OK);
    for (int r = 0; r < 4; r++)
        assert_true(layout.offset[r] <= layout.offset[r + 1]);
    assert_int_equal(layout.offset[4], 10);
    pw_layout_destroy(&layout);
}

static void random_numbers_depend_on_their_key_alone(void **state)
{
    (void)state;
    const pw_random_key key = {.seed = 1, .stream = PW_RANDOM_W};
    const double first = pw_random_uniform(key, 12345678901, 3);
    pw_random_uniform(key, 1, 1);
    assert_true(pw_random_uniform(key, 12345678901, 3) == first);
    assert_true(pw_random_uniform(key, 12345678902, 3) != first);
    assert_true(pw_random_uniform(key, 12345678901, 4) != first);
    const pw_random_key other = {.seed = 1, .stream = PW_RANDOM_H};
    assert_true(pw_random_uniform(other, 12345678901, 3) != first);
}

static void random_numbers_have_their_moments(void **state)
{
    (void)state;
    enum { N = 200000 };
    const pw_random_key key = {.seed = 7};
    double mean = 0, square = 0, normal = 0, normal_square = 0;
    for (int64_t i = 0; i < N; i++) {
        const double u = pw_random_uniform(key, i, 0), z = pw_random_normal(key, i, 1);
        assert_true(u > 0 && u < 1);
        mean += u / N;
        square += u * u / N;
        normal += z / N;
        normal_square += z * z / N;
    }
    assert_true(fabs(mean - 0.5) < 0.005);
    assert_true(fabs(square - 1.0 / 3) < 0.005);
    assert_true(fabs(normal) < 0.02);
    assert_true(fabs(normal_square - 1) < 0.03);
}

static void types_widen_and_narrow(void **state)
{
    (void)state;
    const double numbers[] = {0, 1, 7, 100};
    for (int type = PW_U8; type <= PW_F64; type++) {
        char store[4 * 8];
        double wide[4];
        float single[4];
        pw_narrow((pw_type)type, numbers, 4, store, 0);
        pw_widen_to_double((pw_type)type, store, 0, 4, wide);
        pw_widen_to_float((pw_type)type, store, 0, 4, single);
        for (int i = 0; i < 4; i++) {
            assert_true(wide[i] == numbers[i]);
            assert_true((double)single[i] == numbers[i]);
        }
    }
}

static void narrowest_types(void **state)
{
    (void)state;
    assert_int_equal(pw_type_for_whole_numbers(255), PW_U8);
    assert_int_equal(pw_type_for_whole_numbers(256), PW_U16);
    assert_int_equal(pw_type_for_whole_numbers(65536), PW_U32);
    assert_int_equal(pw_type_for_whole_numbers(4294967296.0), PW_U64);
    assert_int_equal(pw_type_for_whole_numbers(1e17), PW_F64);
}

static void absurd_allocations_fail_in_words(void **state)
{
    (void)state;
    double *x;
    assert_int_equal(PW_NEW(x, INT64_MAX / 4), PW_ERROR_MEMORY);
    assert_non_null(strstr(pw_failure(), "out of memory"));
    assert_int_equal(PW_NEW(x, -1), PW_ERROR_MEMORY);
    assert_int_equal(PW_NEW(x, 0), PW_OK);
    free(x);
}

static void memory_is_there(void **state)
{
    (void)state;
    char text[24];
    assert_true(pw_memory_available() > 1 << 20);
    assert_string_equal(pw_memory_text(1536, text), "1.5 KiB");
    assert_string_equal(pw_memory_text(12, text), "12 bytes");
}

static void logarithms_are_those_of_libm(void **state)
{
    (void)state;
    for (double x = 1e-300; x < 1e300; x *= 1.37) {
        assert_true(fabs(pw_logarithm(x) - log(x)) <= 1e-15 * fmax(1, fabs(log(x))));
        const double plus_1 = pw_logarithm_plus_1(x);
        if (fabs(plus_1 - log1p(x)) > 1e-15 * log1p(x))
            fail_msg("ln(1 + %.17g) is %.17g, not %.17g", x, plus_1, log1p(x));
    }
    for (float x = 1.2e-38F; x < 1e38F; x *= 1.37F) {
        const double right = log((double)x);
        assert_true(fabs((double)pw_logarithm_float(x) - right) <= 1.5e-7 * fmax(1, fabs(right)));
    }
    assert_true(pw_logarithm_plus_1(0) == 0);
    assert_true(isnan(pw_logarithm_plus_1(NAN)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_cover_everything_once),
        cmocka_unit_test(shares_of_huge_totals),
        cmocka_unit_test(even_layout_has_owners),
        cmocka_unit_test(more_ranks_than_rows),
        cmocka_unit_test(weighted_layout_balances),
        cmocka_unit_test(random_numbers_depend_on_their_key_alone),
        cmocka_unit_test(random_numbers_have_their_moments),
        cmocka_unit_test(types_widen_and_narrow),
        cmocka_unit_test(narrowest_types),
        cmocka_unit_test(absurd_allocations_fail_in_words),
        cmocka_unit_test(memory_is_there),
        cmocka_unit_test(logarithms_are_those_of_libm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
