/* A sample of items: as many as asked for, ascending, those with the smallest hashes, and all alike. */
#include "select/sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void draw(uint64_t seed, int64_t n, int64_t most, int64_t *item)
{
    const int64_t count = n < most ? n : most;
    assert_int_equal(pw_items_sample(seed, n, most, item), PW_OK);
    for (int64_t i = 0; i < count; i++)
        assert_true(item[i] >= (i > 0 ? item[i - 1] + 1 : 0) && item[i] < n);
}

static void as_many_as_asked_for(void **state)
{
    (void)state;
    static int64_t item[PW_CONSENSUS_ITEMS];
    static const int64_t SIZES[] = {1, 2, 9, 100, 10000, 20000, 20001, 39999, 40000, 40001, 300000};
    for (size_t s = 0; s < sizeof SIZES / sizeof *SIZES; s++) {
        draw(3, SIZES[s], PW_CONSENSUS_ITEMS, item);
        draw(3, SIZES[s], 1, item);
        draw(3, SIZES[s], 17, item);
    }
    draw(3, 500, 500, item);
    for (int64_t i = 0; i < 500; i++)
        assert_int_equal(item[i], i);
}

/* Then it is the items with the smallest of some number each, whatever the buffer did. */
static void larger_samples_hold_smaller_ones(void **state)
{
    (void)state;
    enum { N = 5000 };
    static int64_t small[N], large[N];
    for (int64_t most = 1; most < N; most = 2 * most + 1) {
        draw(11, N, most, small);
        draw(11, N, 2 * most + 1, large);
        const int64_t room = 2 * most + 1 < N ? 2 * most + 1 : N;
        int64_t at = 0;
        for (int64_t i = 0; i < most; i++) {
            while (at < room && large[at] < small[i])
                at++;
            assert_true(at < room && large[at] == small[i]);
        }
    }
}

/* Neither place nor seed counts: chosen as often as expected, within five standard deviations. */
static void all_alike(void **state)
{
    (void)state;
    enum { N = 60, MOST = 15, SEEDS = 4000 };
    int64_t item[MOST], chosen[N] = {0}, both = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        draw(seed, N, MOST, item);
        for (int i = 0; i < MOST; i++)
            chosen[item[i]]++;
        for (int i = 1; i < MOST; i++)
            both += item[i] == item[i - 1] + 1;
    }
    const double share = (double)MOST / N;
    for (int i = 0; i < N; i++)
        assert_true(fabs(chosen[i] - SEEDS * share) < 5 * sqrt(SEEDS * share * (1 - share)));
    const double pairs = (N - 1) * share * (MOST - 1) / (N - 1);
    assert_true(fabs((double)both / SEEDS - pairs) < 0.15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_as_asked_for),
        cmocka_unit_test(larger_samples_hold_smaller_ones),
        cmocka_unit_test(all_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
