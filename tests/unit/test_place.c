/* Which pages are touched: all of the array, and nothing behind it. */
#include "base/memory.h"
#include "matrix/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { ROWS = 5000, STEP = 4096, BEHIND = 64 };

static int64_t row_pointer[ROWS + 1];

/* Touching writes a 0: memory that was not 0 before shows where. */
static void check(int threads, int64_t bytes, size_t size, bool by_entries)
{
    const pw_matrix V = {.rows = ROWS,
                         .count = ROWS,
                         .cols = 1000,
                         .sparse = true,
                         .type = PW_F32,
                         .row_pointer = row_pointer};
    const pw_team team = {.threads = threads};
    char *memory = pw_new(bytes + BEHIND, 1);
    assert_non_null(memory);
    memset(memory, 1, (size_t)(bytes + BEHIND));
    (by_entries ? pw_place_entries : pw_place_rows)(&team, &V, size, memory);
    for (int64_t at = 0; threads > 1 && at < bytes; at += STEP) {
        const int64_t left = bytes - at;
        if (left >= STEP && !memchr(memory + at, 0, STEP))
            fail_msg("%d threads: nothing touched from byte %lld on", threads, (long long)at);
    }
    assert_true(threads > 1 ? memory[0] == 0 : !memchr(memory, 0, (size_t)bytes));
    assert_null(memchr(memory + bytes, 0, BEHIND));
    free(memory);
}

static void every_page_once(void **state)
{
    (void)state;
    for (int64_t i = 0; i < ROWS; i++) /* short, empty and very long rows */
        row_pointer[i + 1] = row_pointer[i] + (i % 700 == 0 ? 40000 : i % 5);
    for (int threads = 1; threads <= 4; threads++) {
        check(threads, row_pointer[ROWS] * 4, 4, true);
        check(threads, (int64_t)ROWS * 160, 160, false);
        check(threads, (int64_t)ROWS * 8000, 8000, false); /* rows larger than pages */
    }
}

static void no_memory_no_rows(void **state)
{
    (void)state;
    const pw_team team = {.threads = 3};
    const pw_matrix none = {.cols = 5, .type = PW_U8};
    char byte = 1;
    pw_place_rows(&team, &none, 5, &byte);
    assert_int_equal(byte, 1);
    pw_place_rows(&team, &none, 5, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_once),
        cmocka_unit_test(no_memory_no_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
