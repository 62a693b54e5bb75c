/* Known classes: the forms of text that they may have, what is refused, their numbers, and how clusters agree with them. */
#include "base/memory.h"
#include "cluster/classes.h"
#include "cluster/measures.h"
#include "read/truth.h"
#include "support/on_ranks.h"
#include "support/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static pw_team team;

/* Names and labels of a text, as "a|b|c|" each. */
static void expect(const char *text, bool packed, int64_t m, const char *names, const char *labels)
{
    pw_truth truth;
    const char *path = scratch_file(&team, text, packed ? (int64_t)strlen(text) : -1, packed);
    if (pw_truth_read(&team, path, m, &truth) != PW_OK)
        fail_msg("%s", pw_failure());
    char *found = scratch_gather_names(&team, &truth.labels);
    assert_string_equal(found, labels);
    free(found);
    assert_int_equal(truth.names.total, names ? m : 0);
    if (names) {
        found = scratch_gather_names(&team, &truth.names);
        assert_string_equal(found, names);
        free(found);
    }
    pw_truth_destroy(&truth);
}

static void forms(void **state)
{
    (void)state;
    expect("1\n2\n1\n", false, 3, NULL, "1|2|1|");
    expect("\r\n  b cell \r\n\"t, cell\"\n\nb cell", false, 3, NULL, "b cell|t, cell|b cell|");
    expect("kind\n1\n2\n1\n", false, 3, NULL, "1|2|1|");
    expect("r1,x\nr2,y\n", false, 2, "r1|r2|", "x|y|");
    expect("name,kind\nr1,x\n\"r,2\",y z\n", false, 2, "r1|r,2|", "x|y z|");
    expect("r1\tx,y\nr2\t\"z\"\n", true, 2, "r1|r2|", "x,y|z|");
    expect("0\n", false, 1, NULL, "0|");
    scratch_remove(&team);
}

static void refuses(const char *text, int64_t m, const char *says)
{
    pw_truth truth;
    const char *path = scratch_file(&team, text, -1, false);
    assert_int_equal(pw_truth_read(&team, path, m, &truth), PW_ERROR_INPUT);
    if (!strstr(pw_failure(), says) || !strstr(pw_failure(), path))
        fail_msg("%s\n  but not %s", pw_failure(), says);
    pw_truth_destroy(&truth);
}

static void refusals(void **state)
{
    (void)state;
    refuses("1\n2\n", 3, "has 2 labels for 3 rows of V");
    refuses("1\n2\n1\n2\n", 3, "has 4 labels for 3 rows of V"); /* the first is no title */
    refuses("kind\n2\n1\n2\n1\n", 3, "has 5 labels for 3 rows of V");
    refuses("1,2,3\n", 1, "line 1 has 3 fields. Give a label");
    refuses("1\n\n1,2\n", 2, "line 3 has 2 fields, the first line has 1");
    refuses("\n\n", 2, "has no labels");
    refuses("1,2\n1,\"2\n", 2, "line 2: ");
    scratch_remove(&team);
}

/* Labels of all ranks, dealt in turn, so that ranks have different ones. */
static void numbers(void **state)
{
    (void)state;
    static const char *const WORDS[] = {"b", "", "ab", "b", "a", "ab", "b", "zz", "a"};
    static const int32_t EXPECTED[] = {3, 0, 2, 3, 1, 2, 3, 4, 1};
    pw_names text = {.total = 9};
    int32_t class[9];
    int classes;
    for (int i = team.rank; i < 9; i += team.size)
        assert_int_equal(pw_names_add(&text, WORDS[i], (int64_t)strlen(WORDS[i])), PW_OK);
    assert_int_equal(pw_classes_number(&team, &text, class, &classes), PW_OK);
    assert_int_equal(classes, 5);
    for (int i = team.rank, own = 0; i < 9; i += team.size)
        assert_int_equal(class[own++], EXPECTED[i]);
    pw_names_destroy(&text);
}

/* By hand: 3 clusters and 4 classes, 2 items of no cluster. */
static void measures(void **state)
{
    (void)state;
    static const int32_t LABEL[] = {0, 0, 0, 1, 1, 2, 2, -1, -1, 0},
                         CLASS[] = {1, 1, 0, 2, 2, 1, 3, 0, 3, 1};
    const int64_t first = pw_share(10, team.size, team.rank);
    const int64_t count = pw_share(10, team.size, team.rank + 1) - first;
    pw_measures found;
    assert_int_equal(pw_measures_find(&team, 3, 4, count, LABEL + first, CLASS + first, &found),
                     PW_OK);
    assert_float_equal(found.accuracy, 0.6, 1e-12);
    /* scikit-learn 1.2.1 of these two lists */
    assert_float_equal(found.nmi, 0.6230289511293531, 1e-12);
    assert_float_equal(found.ari, 0.3055555555555556, 1e-12);
}

static void extremes(void **state)
{
    (void)state;
    static const int64_t SAME[] = {4, 0, 0, 3, 0, 0}, ONE[] = {7, 0}, APART[] = {2, 2, 2, 2, 0, 0};
    pw_measures found;
    assert_int_equal(pw_measures_of_table(2, 2, SAME, &found), PW_OK);
    assert_true(found.accuracy == 1 && found.ari == 1);
    assert_float_equal(found.nmi, 1, 1e-15);
    assert_int_equal(pw_measures_of_table(1, 1, ONE, &found), PW_OK);
    assert_true(found.accuracy == 1 && found.nmi == 1 && found.ari == 1);
    assert_int_equal(pw_measures_of_table(2, 2, APART, &found), PW_OK);
    assert_true(found.accuracy == 0.5 && found.nmi == 0);
    assert_float_equal(found.ari, -1.0 / 6, 1e-12);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),    cmocka_unit_test(refusals), cmocka_unit_test(numbers),
        cmocka_unit_test(measures), cmocka_unit_test(extremes),
    };
    ranks_begin(&argc, &argv, &team);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ranks_end(&team);
    return failed;
}
