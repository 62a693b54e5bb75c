/* The cost model of groups: which choice it makes where there is no doubt, and that memory and wishes come first. */
#include "base/methods.h"
#include "iterate/grouping.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { MODELS = 200 };

static pw_model models[MODELS];
static pw_options options;

static pw_grouping_facts facts_of(int ranks, int64_t rows, int64_t columns)
{
    options = (pw_options){.loss = PW_LOSS_FROBENIUS, .method = PW_METHOD_hals};
    for (int i = 0; i < MODELS; i++)
        models[i] = (pw_model){.k = 8 - i / 40};
    return (pw_grouping_facts){.ranks = ranks,
                               .threads = 1,
                               .rows = rows,
                               .columns = columns,
                               .entries = (double)rows * (double)columns,
                               .bytes = rows * columns * 4,
                               .options = &options,
                               .model = models,
                               .models = MODELS,
                               .together = 1,
                               .room = INT64_C(4) << 30};
}

static int choice(const pw_grouping_facts *facts, int forced)
{
    pw_grouping grouping;
    assert_int_equal(pw_grouping_find(facts, forced, &grouping), PW_OK);
    const int chosen = grouping.row[grouping.chosen].groups;
    pw_grouping_destroy(&grouping);
    return chosen;
}

static void test_one_rank_or_one_model_is_one_group(void **state)
{
    (void)state;
    pw_grouping_facts facts = facts_of(1, 5000, 40);
    assert_int_equal(choice(&facts, 0), 1);
    facts = facts_of(64, 5000, 40);
    facts.models = 1;
    assert_int_equal(choice(&facts, 0), 1);
}

static void test_small_V_on_many_ranks_takes_many_groups(void **state)
{
    (void)state;
    pw_grouping_facts facts = facts_of(128, 5000, 2000);
    assert_true(choice(&facts, 0) >= 8);
    facts = facts_of(2, 50000, 40);
    assert_int_equal(choice(&facts, 0), 1); /* there is little to gain */
}

static void test_memory_limits_the_copies(void **state)
{
    (void)state;
    pw_grouping_facts facts = facts_of(128, 5000, 2000);
    facts.bytes = INT64_C(2) << 30;
    pw_grouping grouping;
    assert_int_equal(pw_grouping_find(&facts, 0, &grouping), PW_OK);
    assert_true(grouping.row[grouping.chosen].groups > 2);
    assert_int_equal(grouping.row[1].groups, 2);
    facts.room = grouping.row[1].bytes;
    pw_grouping_destroy(&grouping);
    assert_int_equal(choice(&facts, 0), 2);
    facts.room = 1; /* what follows will say so */
    assert_int_equal(choice(&facts, 0), 1);
}

static void test_large_V_stays_in_one_piece(void **state)
{
    (void)state;
    pw_grouping_facts facts = facts_of(64, INT64_C(20000000), 2000);
    assert_int_equal(choice(&facts, 0), 1);
}

static void test_wishes_and_checkpoints(void **state)
{
    (void)state;
    pw_grouping_facts facts = facts_of(128, 5000, 2000);
    assert_int_equal(choice(&facts, 7), 7);
    assert_int_equal(choice(&facts, 1), 1);
    options.checkpoint = (char[]){"c.h5"};
    assert_int_equal(choice(&facts, 0), 1);
}

static void test_rows_of_the_table(void **state)
{
    (void)state;
    pw_grouping_facts facts = facts_of(12, 5000, 40);
    const int expected[] = {1, 2, 3, 4, 5, 6, 12}; /* 5: asked for */
    pw_grouping grouping;
    assert_int_equal(pw_grouping_find(&facts, 5, &grouping), PW_OK);
    assert_int_equal(grouping.count, sizeof expected / sizeof *expected);
    for (int i = 0; i < grouping.count; i++) {
        assert_int_equal(grouping.row[i].groups, expected[i]);
        assert_int_equal(grouping.row[i].ranks, 12 / expected[i]);
        assert_true(grouping.row[i].seconds > 0 && grouping.row[i].bytes > facts.bytes / 12);
    }
    pw_grouping_destroy(&grouping);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_rank_or_one_model_is_one_group),
        cmocka_unit_test(test_small_V_on_many_ranks_takes_many_groups),
        cmocka_unit_test(test_memory_limits_the_copies),
        cmocka_unit_test(test_large_V_stays_in_one_piece),
        cmocka_unit_test(test_wishes_and_checkpoints),
        cmocka_unit_test(test_rows_of_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
