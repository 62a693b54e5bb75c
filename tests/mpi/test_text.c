/* Numbers, blocks of lines from plain and packed files, fields: what readers of text stand on. */
#include "dist/collective.h"
#include "read/fields.h"
#include "read/number.h"
#include "read/text.h"
#include "support/on_ranks.h"
#include "support/scratch.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static pw_team team;

static void check_number(const char *text)
{
    double value = -77;
    const char *end = text + strlen(text);
    const char *stop = pw_number(text, end, &value);
    const double wanted = strtod(text, NULL);
    if (stop != end || memcmp(&value, &wanted, sizeof value) != 0)
        fail_msg("%s: %.17g instead of %.17g", text, value, wanted);
}

static void numbers_are_those_of_strtod(void **state)
{
    (void)state;
    static const char *const TEXT[] = {"0",
                                       "-0",
                                       "+7",
                                       "007",
                                       ".5",
                                       "5.",
                                       "-.25e1",
                                       "1e22",
                                       "1e23",
                                       "123456789012345678",
                                       "9007199254740993",
                                       "18446744073709551615",
                                       "18446744073709551616",
                                       "1e-22",
                                       "1e-23",
                                       "4.9e-324",
                                       "2.2250738585072011e-308",
                                       "1.7976931348623157e308",
                                       "1e400",
                                       "1e-400",
                                       "0.000000000000000000000000000001",
                                       "100000000000000000000000000000",
                                       "8.86E-04",
                                       "0e99999",
                                       "1e-999999999999",
                                       "0.1000000000000000055511151231257827",
                                       "inf",
                                       "-inf",
                                       "INFINITY",
                                       "9007199254740993e3",
                                       "0.30000000000000004",
                                       "123456789.0000000000000000000001"};
    for (size_t i = 0; i < sizeof TEXT / sizeof *TEXT; i++)
        check_number(TEXT[i]);
    static const char *const FORMAT[] = {"%.17g", "%.15g", "%.6g", "%.3f", "%.18e", "%.0f", "%g"};
    srand(5);
    for (int i = 0; i < 30000; i++) {
        char text[400];
        const double value = ldexp(rand() - RAND_MAX / 2.0 + rand() / (double)RAND_MAX,
                                   rand() % (i % 2 ? 60 : 1000) - (i % 2 ? 50 : 500));
        snprintf(text, sizeof text, FORMAT[i % 7], value);
        check_number(text);
    }
}

static void numbers_end_where_they_end(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int length; /* -1: no number */
    } CASE[] = {{"1,2", 1},  {"0x10", 1}, {"1e", 1},   {"1e+", 1},  {"2.5;", 3},
                {"nano", 3}, {"-", -1},   {".", -1},   {"", -1},    {"NA", -1},
                {"e5", -1},  {"--1", -1}, {"+nan", 4}, {"1.2.3", 3}};
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++) {
        double value;
        const char *text = CASE[i].text, *stop = pw_number(text, text + strlen(text), &value);
        assert_int_equal(stop ? stop - text : -1, CASE[i].length);
    }
    int64_t whole;
    const char *good = "1234567890123456 7", *negative = "-1", *large = "99999999999999999999";
    assert_ptr_equal(pw_number_whole(good, good + 18, &whole), good + 16);
    assert_int_equal(whole, 1234567890123456);
    assert_null(pw_number_whole(negative, negative + 2, &whole));
    assert_null(pw_number_whole(large, large + 20, &whole));
}

/* Every line of the text with the right number, in the order of rounds and ranks. */
static void check_text(const char *path, const char *bytes, int64_t block_size)
{
    pw_text *text = NULL;
    int64_t number = 1;
    const char *at = bytes;
    assert_int_equal(pw_text_open(&team, path, block_size, &text), PW_OK);
    for (;;) {
        pw_text_block block;
        bool more;
        assert_int_equal(pw_text_next(text, &block, &more), PW_OK);
        if (!more)
            break;
        for (int r = 0; r < team.size; r++) {
            int64_t length = block.end - block.begin;
            pw_broadcast(&team, &length, sizeof length, r);
            char *piece = calloc((size_t)length + 1, 1);
            if (r == team.rank && length > 0)
                memcpy(piece, block.begin, (size_t)length);
            pw_broadcast(&team, piece, length, r);
            assert_memory_equal(piece, at, length);
            at += length;
            free(piece);
            if (r == team.rank && length > 0)
                assert_int_equal(block.line, number);
            number = 1;
            for (const char *c = bytes; c < at; c++)
                number += *c == '\n';
            assert_true(at == bytes || at[-1] == '\n' || !*at);
        }
    }
    assert_int_equal(*at, 0);
    assert_true(pw_text_share(text) > 0.99);
    pw_text_close(&text);
}

static const char *const SAMPLES[] = {
    "one line",
    "a\nb\nc\n",
    "\n\n\nx\n\n\n",
    "a short line\r\nand a long one that reaches over many of the tiny blocks, to the right of "
    "all\r\n\r\nz",
    "1 2 3\n4 5 6\n7 8 9\n10 11 12\n13 14 15\n16 17 18\n19 20 21\n22 23 24\n25 26 27\n28 29 30\n",
};

static void blocks_are_the_file(void **state)
{
    (void)state;
    static const int64_t SIZE[] = {1, 2, 3, 7, 16, 1000, 0};
    for (size_t s = 0; s < sizeof SAMPLES / sizeof *SAMPLES; s++)
        for (int packed = 0; packed < 2; packed++) {
            const char *path = scratch_file(&team, SAMPLES[s], -1, packed);
            for (size_t i = 0; i < sizeof SIZE / sizeof *SIZE; i++)
                check_text(path, SAMPLES[s], SIZE[i]);
        }
}

static char *long_text(int64_t lines, int64_t *length)
{
    char *text = malloc((size_t)lines * 24 + 1);
    *length = 0;
    for (int64_t i = 0; i < lines; i++)
        *length += sprintf(text + *length, "%" PRId64 " %" PRId64 "\n", i, i * i % 1000003);
    return text;
}

static void long_files_take_many_rounds(void **state)
{
    (void)state;
    int64_t length;
    char *text = long_text(20000, &length);
    for (int packed = 0; packed < 2; packed++) {
        const char *path = scratch_file(&team, text, length, packed);
        check_text(path, text, 5000);
        check_text(path, text, 0);
    }
    free(text);
}

/* Reads to the end; the code must be the same everywhere. */
static pw_code read_through(const char *path)
{
    pw_text *text = NULL;
    pw_text_block block;
    bool more = true;
    pw_code code = pw_text_open(&team, path, 4096, &text);
    while (code == PW_OK && more)
        code = pw_text_next(text, &block, &more);
    pw_text_close(&text);
    int64_t codes[2] = {code, -(int64_t)code};
    pw_reduce_max_int(&team, codes, 2);
    assert_int_equal(codes[0], -codes[1]);
    return code;
}

static void check_refused(const char *path, const char *why)
{
    assert_int_equal(read_through(path), PW_ERROR_INPUT);
    if (!strstr(pw_failure(), why))
        fail_msg("\"%s\" does not say \"%s\"", pw_failure(), why);
}

static void damaged_files_are_refused(void **state)
{
    (void)state;
    check_refused("/nonexistent/file", "cannot be opened");
    check_refused("/", "is a directory");
    check_refused("/dev/null", "not a regular file");
    check_refused(scratch_file(&team, "", 0, false), "is empty");

    int64_t length, packed_length = 0;
    char *text = long_text(20000, &length), *packed = malloc((size_t)length);
    const char *path = scratch_file(&team, text, length, true);
    FILE *file = fopen(path, "rb");
    packed_length = (int64_t)fread(packed, 1, (size_t)length, file);
    fclose(file);
    check_refused(scratch_file(&team, packed, packed_length / 2, false), "cut off");
    check_refused(scratch_file(&team, packed, packed_length - 4, false), "cut off");
    memset(packed + packed_length / 2, 0x55, 64);
    check_refused(scratch_file(&team, packed, packed_length, false), "damaged");
    free(text);
    free(packed);
}

static void members_follow_each_other(void **state)
{
    (void)state;
    char packed[1000], whole[1000];
    int64_t length = 0;
    whole[0] = '\0';
    for (int s = 1; s < 4; s++) {
        const char *path = scratch_file(&team, SAMPLES[s], -1, true);
        FILE *file = fopen(path, "rb");
        length += (int64_t)fread(packed + length, 1, sizeof packed - length, file);
        fclose(file);
        strcat(whole, SAMPLES[s]);
    }
    check_text(scratch_file(&team, packed, length, false), whole, 16);
}

static void byte_order_mark_is_skipped(void **state)
{
    (void)state;
    for (int packed = 0; packed < 2; packed++)
        check_text(scratch_file(&team,
                                "\xEF\xBB\xBF"
                                "a,b\n1,2\n",
                                -1, packed),
                   "a,b\n1,2\n", 100);
}

/* The fields of a line with a bar behind each, or the number of the outcome that ends it. */
static void check_fields(const char *text, char delimiter, const char *wanted)
{
    const pw_line line = {text, text + strlen(text), 1};
    const char *at = pw_field_first(&line, delimiter);
    pw_names names = {.total = 0};
    pw_field field;
    pw_field_outcome outcome;
    char got[200] = "";
    while ((outcome = pw_field_next(&at, line.end, delimiter, &field)) == PW_FIELD_FOUND)
        pw_field_add_name(&field, &names);
    for (int64_t i = 0; i < names.count; i++)
        sprintf(got + strlen(got), "%.*s|", (int)(names.offset[i + 1] - names.offset[i]),
                names.text + names.offset[i]);
    if (outcome != PW_FIELD_NONE)
        sprintf(got + strlen(got), "%d", outcome);
    assert_string_equal(got, wanted);
    pw_names_destroy(&names);
}

static void fields_of_a_line(void **state)
{
    (void)state;
    check_fields("a,b,c", ',', "a|b|c|");
    check_fields(" a b , ,c,", ',', "a b||c||");
    check_fields("\"a,\"\"b\"\"\",\"\",3", ',', "a,\"b\"||3|");
    check_fields("\"a\"b,c", ',', "3");
    check_fields("x,\"a", ',', "x|2");
    check_fields("x,\"a\"\"", ',', "x|2");
    check_fields("a\t\tb c\t", '\t', "a||b c||");
    check_fields("  a \t b\t ", PW_WHITE_SPACE, "a|b|");
    check_fields("\"a b\" 1", PW_WHITE_SPACE, "a b|1|");
    check_fields("  ", ',', "");
}

static void excerpts_stay_readable(void **state)
{
    (void)state;
    char text[PW_EXCERPT_LENGTH];
    const char *plain = "1\t2";
    assert_string_equal(pw_text_excerpt(plain, plain + 3, text), "\"1 2\"");
    const char *umlauts = "ääääääääääääääääääääääääääääääää"; /* two bytes each */
    pw_text_excerpt(umlauts, umlauts + strlen(umlauts), text);
    assert_string_equal(text, "\"ääääääääääääääääääää…\"");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_strtod),
        cmocka_unit_test(numbers_end_where_they_end),
        cmocka_unit_test(blocks_are_the_file),
        cmocka_unit_test(long_files_take_many_rounds),
        cmocka_unit_test(damaged_files_are_refused),
        cmocka_unit_test(members_follow_each_other),
        cmocka_unit_test(byte_order_mark_is_skipped),
        cmocka_unit_test(fields_of_a_line),
        cmocka_unit_test(excerpts_stay_readable),
    };
    ranks_begin(&argc, &argv, &team);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_remove(&team);
    ranks_end(&team);
    return failed;
}
