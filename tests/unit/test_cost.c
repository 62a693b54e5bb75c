/* The model of the cost: who updates H where there is no doubt, and that its parts follow from the sizes. */
#include "base/methods.h"
#include "iterate/cost.h"
#include "matrix/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static pw_options options;

static pw_cost_work work_of(int64_t rows, int64_t columns, double entries, int k)
{
    options = (pw_options){.loss = PW_LOSS_FROBENIUS, .method = PW_METHOD_hals};
    const pw_cost_work work = {.rows = rows,
                               .columns = columns,
                               .entries = entries,
                               .bytes = 5 * entries,
                               .sparse = entries < (double)rows * (double)columns,
                               .options = &options};
    return pw_cost_of_one(work, k);
}

static pw_cost_team team_of(int64_t ranks)
{
    return (pw_cost_team){
        .ranks = ranks, .threads = 1, .latency = PW_COST_LATENCY, .bandwidth = PW_COST_BANDWIDTH};
}

static bool prefers(const pw_cost_work *work, int64_t ranks)
{
    const pw_cost_team team = team_of(ranks);
    return pw_cost_prefers_shards(work, &team);
}

static void test_shards_where_H_is_large(void **state)
{
    (void)state;
    pw_cost_work work = work_of(100000, 100000, 1e7, 50);
    assert_true(prefers(&work, 2) && prefers(&work, 1024));
    work = work_of(100000, 10, 1e6, 2);
    assert_false(prefers(&work, 2) || prefers(&work, 1024));
}

static void test_wishes_come_first(void **state)
{
    (void)state;
    pw_cost_work work = work_of(100000, 100000, 1e7, 50);
    assert_false(prefers(&work, 1)); /* there is nothing to share out */
    options.h_update = PW_H_REPLICATED;
    assert_false(prefers(&work, 64));
    work = work_of(100000, 10, 1e6, 2);
    options.h_update = PW_H_SHARDED;
    assert_true(prefers(&work, 64));
    options.method = PW_METHOD_ccd;
    assert_false(prefers(&work, 64));
}

static void test_ranks_share_what_they_can(void **state)
{
    (void)state;
    const pw_cost_work work = work_of(1000000, 5000, 1e8, 20);
    const pw_cost_team one = team_of(1), many = team_of(8);
    const pw_cost alone = pw_cost_find(&work, &one, false),
                  whole = pw_cost_find(&work, &many, false);
    const pw_cost shards = pw_cost_find(&work, &many, true);
    assert_true(alone.messages == 0 && whole.messages > 0 && shards.messages > whole.messages);
    assert_float_equal(whole.products, alone.products / 8, 1e-12);
    assert_float_equal(whole.distributed, alone.distributed / 8, 1e-12);
    assert_float_equal(whole.replicated, alone.replicated, 1e-12);
    assert_float_equal(shards.replicated, alone.replicated / 8, 1e-12);
}

/* With so many entries in each row its update takes as long as one of its two products. */
static void test_a_row_in_entries(void **state)
{
    (void)state;
    static const int METHODS[] = {PW_METHOD_mu, PW_METHOD_hals, PW_METHOD_bpp};
    const pw_cost_team one = team_of(1);
    for (int m = 0; m < 3; m++) {
        pw_cost_work work = work_of(1000, 100000, 0, 40);
        work.sparse = true;
        options.method = METHODS[m];
        options.inner_iterations = 2;
        const int64_t cost = pw_cost_of_row(&work);
        assert_true(cost > 10);
        work.entries = 1000 * (double)cost;
        pw_cost found = pw_cost_find(&work, &one, false);
        assert_true(found.products / 2 >= found.distributed);
        work.entries -= 1000;
        found = pw_cost_find(&work, &one, false);
        assert_true(found.products / 2 < found.distributed);
    }
}

/* P and H, 40 MB each, go by rings within 32 groups of 32 and across them, two sums of 20 kB by a tree, and figures. */
static void test_messages_of_shards(void **state)
{
    (void)state;
    const pw_cost_work work = work_of(20000000, 100000, 2e9, 50);
    const pw_cost_team team = {.ranks = 1024, .threads = 1, .latency = 1e-6, .bandwidth = 12.5e9};
    const double rings = 62 * 1e-6 + 1023 / 1024. * 40e6 / 12.5e9,
                 tree = 10 * (1e-6 + 20e3 / 12.5e9);
    const pw_cost shards = pw_cost_find(&work, &team, true);
    assert_float_equal(shards.messages, 2 * rings + 2 * tree + 10e-6, 1e-9);
}

/* V, W and H with what each was before, P; and none of the former with --extrapolate no. */
static void test_memory(void **state)
{
    (void)state;
    const pw_cost_work work = work_of(1000, 30, 2000, 5);
    options.extrapolate = PW_PRESENT_YES;
    assert_float_equal(pw_cost_bytes(&work, 4),
                       10000 / 4.0 + 8 * (2 * 250 * 5 + 2 * 30 * 5 + 30 * 5), 1e-9);
    options.extrapolate = PW_PRESENT_NO;
    assert_float_equal(pw_cost_bytes(&work, 4), 10000 / 4.0 + 8 * (250 * 5 + 2 * 30 * 5), 1e-9);
}

static void test_sums(void **state)
{
    (void)state;
    pw_options o = {.loss = PW_LOSS_FROBENIUS, .method = PW_METHOD_hals};
    assert_float_equal(pw_sums_per_entry(&o, 8), 1, 0);
    o.missing = PW_MISSING_NAN;
    assert_float_equal(pw_sums_per_entry(&o, 8), 1, 0); /* imputed */
    o.method = PW_METHOD_mu;
    assert_float_equal(pw_sums_per_entry(&o, 8), 2, 0);
    o.loss = PW_LOSS_KL;
    assert_float_equal(pw_sums_per_entry(&o, 8), 2, 0);
    o.missing = PW_MISSING_NONE;
    assert_float_equal(pw_sums_per_entry(&o, 8), 1, 0);
    o.method = PW_METHOD_newton;
    assert_float_equal(pw_sums_per_entry(&o, 8), 1 + 4.5, 0); /* the upper triangle of 8 × 8 */
    assert_float_equal(pw_sums_per_entry(&o, 10), 1 + 5.5, 0);
    assert_float_equal(pw_sums_per_entry(&o, 11), 2, 0);
    assert_float_equal(pw_most_sums_per_entry(&o, (const int[]){4, 10, 12}, 3), 6.5, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_shards_where_H_is_large),
        cmocka_unit_test(test_wishes_come_first),
        cmocka_unit_test(test_ranks_share_what_they_can),
        cmocka_unit_test(test_a_row_in_entries),
        cmocka_unit_test(test_messages_of_shards),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
