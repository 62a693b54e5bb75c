#include "support/widths.h"

#include "base/vectors.h"

#include <stdio.h>
#include <stdlib.h>

enum { NAME = 100 };

static int choose_long(void **state)
{
    (void)state;
    pw_vector_choose(PW_LONG_VECTOR);
    return pw_vector_bytes() == PW_LONG_VECTOR ? 0 : -1;
}

static int choose_short(void **state)
{
    (void)state;
    pw_vector_choose(PW_SHORT_VECTOR);
    return pw_vector_bytes() == PW_SHORT_VECTOR ? 0 : -1;
}

int run_in_both_widths(size_t count, const struct CMUnitTest *tests)
{
    struct CMUnitTest *both = calloc(2 * count, sizeof *both);
    char(*name)[NAME] = calloc(count, sizeof *name);
    for (size_t i = 0; i < count; i++) {
        snprintf(name[i], NAME, "%s_in_short_vectors", tests[i].name);
        both[i] = both[count + i] = tests[i];
        both[i].setup_func = choose_long;
        both[count + i].setup_func = choose_short;
        both[count + i].name = name[i];
    }
    const int failed = _cmocka_run_group_tests("tests", both, 2 * count, NULL, NULL);
    free(both);
    free(name);
    return failed;
}
