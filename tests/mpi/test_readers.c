/* Small Matrix Market, docword and CSV files, right and wrong ones, in blocks of a few bytes so
 * that all ranks read. */
#include "dist/collective.h"
#include "read/read.h"
#include "support/on_ranks.h"
#include "support/scratch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

typedef pw_code reader(pw_team *team, const pw_read_request *request, pw_matrix *V);

static pw_team team;
static pw_options options;

static pw_code read_text(reader *read, const char *text, int64_t block_size, bool packed,
                         pw_matrix *V)
{
    const pw_read_request request = {.path = scratch_file(&team, text, -1, packed),
                                     .options = &options,
                                     .block_size = block_size};
    *V = (pw_matrix){.rows = 0};
    return read(&team, &request, V);
}

/* The shape and the m·n entries wanted, however the file is cut, packed and distributed. */
static void check_read(reader *read, const char *text, int64_t m, int64_t n, const double *wanted,
                       pw_type type, const char *row_names, const char *column_names)
{
    static const int64_t SIZE[] = {5, 16, 0};
    for (int way = 0; way < 12; way++) {
        pw_matrix V;
        options.distribute = way / 6 ? PW_DISTRIBUTE_COLUMNS : PW_DISTRIBUTE_ROWS;
        const pw_code code = read_text(read, text, SIZE[way % 3], way / 3 % 2, &V);
        if (code != PW_OK)
            fail_msg("%s", pw_failure());
        assert_int_equal(V.transposed, way / 6);
        assert_int_equal(V.transposed ? V.cols : V.rows, m);
        assert_int_equal(V.transposed ? V.rows : V.cols, n);
        assert_string_equal(pw_type_text(V.type), pw_type_text(type));
        double *all = scratch_gather(&team, &V);
        assert_memory_equal(all, wanted, m * n * sizeof *all);
        char *rows = scratch_gather_names(&team, &V.row_names);
        char *columns = scratch_gather_names(&team, &V.column_names);
        assert_string_equal(rows, row_names);
        assert_string_equal(columns, column_names);
        free(all);
        free(rows);
        free(columns);
        pw_matrix_destroy(&V);
    }
}

/* Refused on every rank, in words that have `why` in them. */
static void check_refused(reader *read, const char *text, const char *why)
{
    for (int way = 0; way < 4; way++) {
        pw_matrix V;
        const pw_code code = read_text(read, text, way % 2 ? 7 : 0, way / 2, &V);
        pw_matrix_destroy(&V);
        assert_int_equal(code, PW_ERROR_INPUT);
        if (!strstr(pw_failure(), why))
            fail_msg("\"%s\" does not say \"%s\"", pw_failure(), why);
    }
}

static const double SQUARE[] = {1.5, 0, 2, 0, 0, 3, 2, 3, 40}; /* symmetric */
static const double WIDE[] = {1, 0, 0, 7, 0, 0, 300, 2};       /* 2 × 4 */

static void coordinates_are_read(void **state)
{
    (void)state;
    check_read(
        pw_read_matrix_market,
        "%%MatrixMarket matrix coordinate real general\n% about\n\n%\n3 3 6\n1 1 1.5\n3 3 40.\n"
        "1 3 2\n3 1 2e0\n\n2 3 +3\n  3\t2  3  \n",
        3, 3, SQUARE, PW_F64, "", "");
    check_read(
        pw_read_matrix_market,
        "%%matrixmarket MATRIX Coordinate Real SYMMETRIC\r\n%\r\n3 3 4\r\n1 1 1.5\r\n3 1 2\r\n"
        "2 3 3\r\n3 3 40",
        3, 3, SQUARE, PW_F64, "", "");
    check_read(
        pw_read_matrix_market,
        "%%MatrixMarket matrix coordinate integer general\n2 4 5\n1 1 1\n2 3 100\n1 4 7\n2 4 "
        "2\n2 3 200\n",
        2, 4, WIDE, PW_U16, "", "");
    const double ones[] = {0, 1, 1, 0};
    check_read(pw_read_matrix_market,
               "%%MatrixMarket matrix coordinate pattern general\n2 2 2\n1 2\n2 1\n", 2, 2, ones,
               PW_ONE, "", "");
    const double none[] = {0, 0};
    check_read(pw_read_matrix_market, "%%MatrixMarket matrix coordinate real general\n2 1 0\n", 2,
               1, none, PW_ONE, "", "");
}

static void arrays_are_read(void **state)
{
    (void)state;
    check_read(pw_read_matrix_market,
               "%%MatrixMarket matrix array integer general\n%\n2 4\n1\n0\n0\n0\n0\n300\n7\n2\n", 2,
               4, WIDE, PW_U16, "", "");
    check_read(pw_read_matrix_market,
               "%%MatrixMarket matrix array real symmetric\n3 3\n1.5\n0\n2\n\n0\n3\n40", 3, 3,
               SQUARE, PW_F64, "", "");
    const double one[] = {255};
    check_read(pw_read_matrix_market, "%%MatrixMarket matrix array real symmetric\n1 1\n255\n", 1,
               1, one, PW_U8, "", "");
}

static void wrong_matrix_market_is_refused(void **state)
{
    (void)state;
#define COORDINATE "%%MatrixMarket matrix coordinate real general\n"
    static const char *const CASE[][2] = {
        {"%%MatrixMarket matrix coordinate complex general\n1 1 0\n", "\"complex\""},
        {"%%MatrixMarket matrix coordinate real hermitian\n1 1 0\n", "\"hermitian\""},
        {"%%MatrixMarket matrix coordinate real skew-symmetric\n1 1 0\n", "negative"},
        {"%%MatrixMarket vector coordinate real general\n1 1 0\n", "\"vector\""},
        {"%%MatrixMarket matrix array pattern general\n1 1\n", "\"pattern\""},
        {"%%MatrixMarket matrix\n1 1\n", "line 1 is not"},
        {COORDINATE "% and then nothing\n", "ends before"},
        {COORDINATE "2 2\n", "line 2 is \"2 2\""},
        {COORDINATE "0 2 0\n", "0 × 2"},
        {"%%MatrixMarket matrix coordinate real symmetric\n1 2 0\n", "square"},
        {COORDINATE "2 2 2\n1 1 1\n", "has 1 entries, but line 2 says 2"},
        {COORDINATE "2 2 1\n1 1 1\n1 2 1\n", "has 2 entries"},
        {COORDINATE "%\n2 2 2\n1 1 1\n\n3 1 1\n", "line 6: row 3 is outside 1 … 2"},
        {COORDINATE "2 2 2\n1 1 1\n1 0 1\n", "line 4: column 0"},
        {COORDINATE "2 2 2\n1 1 1\n1 2 x\n", "line 4 is \"1 2 x\""},
        {COORDINATE "2 2 2\n1 1 1\n1 2\n", "line 4 is \"1 2\""},
        {COORDINATE "2 2 2\n1 1 1 1\n1 2 1\n", "line 3 is"},
        {COORDINATE "2 2 2\n1.5 1 1\n1 2 1\n", "line 3 is"},
        {COORDINATE "2 2 2\n-1 1 1\n1 2 1\n", "line 3 is"},
        {"%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n", "has 3 values"},
        {"%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n4\n5\n", "has at least 5 values"},
        {"%%MatrixMarket matrix array real general\n2 2\n1\n2\nthree\n4\n", "line 5: \"three\""},
    };
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++)
        check_refused(pw_read_matrix_market, CASE[i][0], CASE[i][1]);
}

static void docword_is_read(void **state)
{
    (void)state;
    check_read(pw_read_docword, "2\n4\n4\n1 1 1\n1 4 7\n2 3 300\n2 4 2\n", 2, 4, WIDE, PW_U16, "",
               "");
    check_refused(pw_read_docword, "2\n4\n", "three lines");
    check_refused(pw_read_docword, "2\n4 4\n3\n", "three lines");
    check_refused(pw_read_docword, "2\n4\n4\n1 1 1\n", "has 1 entries, but line 3 says 4");
    check_refused(pw_read_docword, "2\n4\n1\n1 5 1\n", "line 4: column 5");
}

static pw_code read_any(pw_team *ranks, const pw_read_request *request, pw_matrix *V)
{
    pw_options own = *request->options;
    own.input = (char *)request->path;
    return pw_matrix_read(ranks, &own, V);
}

static void vocabulary_names_columns(void **state)
{
    (void)state;
    char words[600], path[700];
    pw_matrix V;
    snprintf(words, sizeof words, "%s.words", scratch_file(&team, "", -1, false));
    if (team.rank == 0) {
        FILE *file = fopen(words, "w");
        fputs("apple\npear tree\r\nfig\n\nplum", file);
        fclose(file);
    }
    options.vocabulary = words;
    pw_agree(&team, PW_OK);
    check_read(read_any, "2\n4\n4\n1 1 1\n1 4 7\n2 3 300\n2 4 2\n", 2, 4, WIDE, PW_U16, "",
               "apple|pear tree|fig|plum|");
    assert_int_equal(read_text(read_any, "2\n3\n1\n1 1 1\n", 0, false, &V), PW_ERROR_INPUT);
    assert_non_null(strstr(pw_failure(), "has 4 words for 3 columns"));
    pw_matrix_destroy(&V);
    options.vocabulary = path;
    snprintf(path, sizeof path, "%s.none", words);
    assert_int_equal(read_text(read_any, "2\n3\n1\n1 1 1\n", 0, false, &V), PW_ERROR_INPUT);
    pw_matrix_destroy(&V);
    options.vocabulary = NULL;
    pw_agree(&team, PW_OK);
    if (team.rank == 0)
        remove(words);
}

static void check_table(const char *text, const char *row_names, const char *column_names)
{
    check_read(pw_read_table, text, 2, 4, WIDE, PW_U16, row_names, column_names);
}

static void tables_are_recognised(void **state)
{
    (void)state;
    check_table("1,0,0,7\n0,0,300,2\n", "", "");
    check_table("a,b,c,d\n1,0,0,7\n0,0,300,2", "", "a|b|c|d|");
    check_table("gene,a,b,c,d\nx,1,0,0,7\ny,0,0,300,2\n", "x|y|", "a|b|c|d|");
    check_table(
        "\"\",\"a\",\"b, c\",\"\",\"d \"\"e\"\"\"\r\n\"x\",1,0,0,7\r\n\r\n\"y\",0,0,300,2\r\n",
        "x|y|", "a|b, c||d \"e\"|");
    check_table(",0,1,2,3\n10,1,0,0,7\n11,0,0,300,2\n", "10|11|", "0|1|2|3|");
    check_table("\"V1\" \"V2\" \"V3\" \"V4\"\n\"1\" 1 0 0 7\n\"2\" 0 0 300 2\n", "1|2|",
                "V1|V2|V3|V4|");
    check_table("\ta\tb b\tc\td\nx y\t1\t0\t0\t7\nz\t0\t0\t3e2\t2\n", "x y|z|", "a|b b|c|d|");
    check_table("x;1;0;0;7\ny;0;0;300;2\n", "x|y|", "");
    check_table(" 1.0  0 0 7 \n\n 0\t0 300 2\n\n", "", "");
    check_table("\"1\",\"0\",\"0\",\"7\"\n\"0\",\"0\",\" 300 \",\"2\"\n", "", "");
    const double column[] = {1, 2.5};
    check_read(pw_read_table, "size\n1\n2.5\n", 2, 1, column, PW_F64, "", "size|");
    check_read(pw_read_table, "1\n2.5\n", 2, 1, column, PW_F64, "", "");
    check_read(pw_read_table, "1,2.5", 1, 2, column, PW_F64, "", "");
    check_read(pw_read_table, "x,1,2.5", 1, 2, column, PW_F64, "x|", "");
}

static void options_beat_guesses(void **state)
{
    (void)state;
    options.header = PW_PRESENT_YES;
    check_table("1,2,3,4\n1,0,0,7\n0,0,300,2\n", "", "1|2|3|4|");
    options.row_names = PW_PRESENT_YES;
    check_table("0,1,2,3,4\n5,1,0,0,7\n6,0,0,300,2\n", "5|6|", "1|2|3|4|");
    check_refused(pw_read_table, "1,2,3\n", "no rows");
    options.header = PW_PRESENT_NO;
    check_table("5,1,0,0,7\n6,0,0,300,2\n", "5|6|", "");
    options.row_names = PW_PRESENT_NO;
    check_refused(pw_read_table, "a,b\n1,2\n", "line 1, field 1: \"a\"");
    options.row_names = options.header = PW_PRESENT_AUTO;
}

static void wrong_tables_are_refused(void **state)
{
    (void)state;
    static const char *const CASE[][2] = {
        {"1,2\n3,4\n5,x\n", "line 3, field 2: \"x\" stands where a number belongs"},
        {"a,b,c\nr,1,2\ns,NA,4\n", "line 3, field 2: \"NA\""},
        {"1,2\n3,\n", "line 2, field 2: \"\""},
        {"1,NA\n3,4\n", "line 1, field 2: \"NA\""},
        {"1,2\n3,4\n\n5\n", "line 4 has 1 fields, but line 1 has 2"},
        {"1,2\n3,4\n5,6,7,8\n", "line 3 has 4 fields, but line 1 has 2"},
        {"1,2\n3,4\n5,6,\n", "line 3 has 3 fields"},
        {"a,b,c\n1,2\n", "the header has 3 fields"},
        {"a,b\n", "holds no rows"},
        {"name,x\n\"a\nb\",1\n", "line 2: a field in quotes"},
        {"name,x\na,1\n\"b\n\",1\n", "line 3: a field in quotes"},
        {"name,x\na,1\n\"b\"b,1\n", "closing quote"},
        {"1,2\n3,4 5\n", "line 2, field 2: \"4 5\""},
        {"1,2\n0x10,4\n", "line 2, field 1: \"0x10\""},
        {"\n\n", "holds no rows"},
    };
    for (size_t i = 0; i < sizeof CASE / sizeof *CASE; i++)
        check_refused(pw_read_table, CASE[i][0], CASE[i][1]);
}

/* Checked later, by the summary, which names their places. */
static void bad_values_are_kept(void **state)
{
    (void)state;
    pw_matrix V;
    assert_int_equal(read_text(pw_read_table, "1,-2\nnan,Inf\n", 0, false, &V), PW_OK);
    double *all = scratch_gather(&team, &V);
    assert_true(all[0] == 1 && all[1] == -2 && isnan(all[2]) && isinf(all[3]));
    free(all);
    pw_matrix_destroy(&V);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coordinates_are_read),
        cmocka_unit_test(arrays_are_read),
        cmocka_unit_test(wrong_matrix_market_is_refused),
        cmocka_unit_test(docword_is_read),
        cmocka_unit_test(vocabulary_names_columns),
        cmocka_unit_test(tables_are_recognised),
        cmocka_unit_test(options_beat_guesses),
        cmocka_unit_test(wrong_tables_are_refused),
        cmocka_unit_test(bad_values_are_kept),
    };
    ranks_begin(&argc, &argv, &team);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scratch_remove(&team);
    ranks_end(&team);
    return failed;
}
