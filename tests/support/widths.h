/* Tests of what has loops in vectors of two lengths. */
#ifndef PW_TESTS_WIDTHS_H
#define PW_TESTS_WIDTHS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* Local. Runs tests without setup of their own with long vectors, then with short ones; returns how many failed. */
int run_in_both_widths(size_t count, const struct CMUnitTest *tests);

#define RUN_IN_BOTH_WIDTHS(tests) run_in_both_widths(sizeof(tests) / sizeof *(tests), tests)

#endif
