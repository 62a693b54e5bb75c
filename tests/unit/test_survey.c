/* The survey of ranks: its columns and table, what criteria suggest, and information criteria. */
#include "select/information.h"
#include "select/suggest.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { MOST = 12, COPHENETIC = 0, DISPERSION, STABILITY, AIC, BIC, HOLDOUT, RESIDUAL };

static pw_survey_row row[MOST];
static pw_suggestions found;

/* A survey of k = from, from + 1, … without figures. */
static pw_survey begin(int from, int count)
{
    for (int i = 0; i < count; i++)
        row[i] = pw_survey_row_of(from + i, 50);
    return (pw_survey){row, count};
}

#define FILL(name, ...)                                                                            \
    do {                                                                                           \
        const double values[] = {__VA_ARGS__};                                                     \
        for (size_t i = 0; i < sizeof values / sizeof *values; i++)                                \
            row[i].name = values[i];                                                               \
    } while (0)

#define COUNT(...) ((int)(sizeof((const double[]){__VA_ARGS__}) / sizeof(double)))

/* What the figures of one column from k = `from` on suggest. */
#define SUGGESTS(criterion, expected, from, name, ...)                                             \
    do {                                                                                           \
        const pw_survey survey_ = begin(from, COUNT(__VA_ARGS__));                                 \
        FILL(name, __VA_ARGS__);                                                                   \
        pw_suggest(&survey_, &found);                                                              \
        assert_true(found.of[criterion].defined);                                                  \
        assert_int_equal(found.of[criterion].k, expected);                                         \
    } while (0)

static void assert_says(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' does not say '%s'", text, part);
}

/* ---- columns ---- */

static void columns_know_their_fields(void **state)
{
    (void)state;
    const pw_survey_row r = {.k = 3, .restarts = 50, .relative_error = 0.25, .mean_iterations = 7};
    const struct {
        const char *name;
        double value;
    } right[] = {{"k", 3}, {"restarts", 50}, {"relative_error", 0.25}, {"mean_iterations", 7}};
    size_t seen = 0;
    for (int c = 0; c < PW_SURVEY_WIDTH; c++)
        for (size_t i = 0; i < 4; i++)
            if (strcmp(pw_survey_columns[c].name, right[i].name) == 0) {
                assert_true(pw_survey_value(&pw_survey_columns[c], &r) == right[i].value);
                assert_int_equal(pw_survey_columns[c].whole, i < 2);
                seen++;
            }
    assert_int_equal(seen, 4);
    const pw_survey_row empty = pw_survey_row_of(4, 9);
    for (int c = 0; c < PW_SURVEY_WIDTH; c++)
        assert_int_equal(isnan(pw_survey_value(&pw_survey_columns[c], &empty)), c >= 2);
}

static char *print(const pw_survey *survey)
{
    char *text;
    size_t length;
    FILE *stream = open_memstream(&text, &length);
    pw_survey_print(survey, stream);
    fclose(stream);
    return text;
}

static void table_is_aligned(void **state)
{
    (void)state;
    const pw_survey survey = begin(9, 3);
    FILL(cophenetic, 0.99987, NAN, -0.5);
    FILL(best_objective, 16272400, 138066, 1);
    char *text = print(&survey);
    assert_string_equal(text, " k  restarts  objective  cophenetic\n"
                              " 9        50   16272400      0.9999\n"
                              "10        50     138066           -\n"
                              "11        50          1     -0.5000\n");
    free(text);
}

/* All columns are too wide for one line: they come below each other, each with k. */
static void wide_table_is_folded(void **state)
{
    (void)state;
    const pw_survey survey = begin(2, 2);
    for (int c = 2; c < PW_SURVEY_WIDTH; c++)
        for (int i = 0; i < 2; i++)
            memcpy((char *)&row[i] + pw_survey_columns[c].offset, &(double){c + 0.25},
                   sizeof(double));
    char *text = print(&survey);
    int lines = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        assert_true(strlen(line) <= 100);
        assert_true(line[0] == "k23"[lines++ % 3]);
    }
    free(text);
    assert_int_equal(lines, 9);
    text = print(&survey);
    for (int c = 0; c < PW_SURVEY_WIDTH; c++)
        assert_says(text, pw_survey_columns[c].heading);
    assert_says(text, "\n\nk");
    free(text);
}

/* ---- suggestions ---- */

/* golub, R package NMF, 50 runs. */
static void leukemia(void **state)
{
    (void)state;
    SUGGESTS(COPHENETIC, 3, 2, cophenetic, 0.9999, 0.9970, 0.9861, 0.9664);
    assert_string_equal(found.of[COPHENETIC].reason,
                        "the last before it falls (0.9970 at 3, 0.9861 at 4; Brunet et al. 2004)");
    SUGGESTS(DISPERSION, 3, 2, dispersion, 0.988, 0.969, 0.943, 0.883);
    assert_says(found.of[DISPERSION].reason, "0.9690 at 3, 0.9430 at 4; Kim & Park 2007");
}

static void cophenetic_falls(void **state)
{
    (void)state;
    SUGGESTS(COPHENETIC, 2, 2, cophenetic, 1, 0.98, 0.96, 0.94);
    SUGGESTS(COPHENETIC, 5, 2, cophenetic, 1, 0.98, 0.985, 0.992, 0.96); /* 2 is always near 1 */
    SUGGESTS(COPHENETIC, 4, 2, cophenetic, 0.97, 0.98, 0.999, 0.95, 0.97, 0.94);
    SUGGESTS(COPHENETIC, 2, 2, cophenetic, 1, 0.90, 0.93, 0.91, 0.90);   /* a low top is none */
    SUGGESTS(COPHENETIC, 4, 2, cophenetic, 0.999, 0.9981, 0.9988, 0.97); /* a plateau */
    SUGGESTS(COPHENETIC, 3, 2, cophenetic, 0.999, 0.998, 0.97, 0.99, 0.9995);
    assert_says(found.of[COPHENETIC].reason, "and rises again up to 6, the largest k tried");
    SUGGESTS(COPHENETIC, 4, 1, cophenetic, 0.5, 0.999, NAN, 0.998, 0.97); /* k = 1 is no rise */
    SUGGESTS(COPHENETIC, 2, 1, cophenetic, 1.5, 0.99, 0.95);
}

static void cophenetic_does_not_fall(void **state)
{
    (void)state;
    SUGGESTS(COPHENETIC, 0, 2, cophenetic, 1, 0.998, 0.997);
    assert_says(found.of[COPHENETIC].reason, "does not fall clearly up to k = 4 (0.9970 there");
    SUGGESTS(COPHENETIC, 0, 2, cophenetic, 0.9, 0.95, 0.99);
    SUGGESTS(COPHENETIC, 0, 2, cophenetic, NAN, 0.95, NAN);
    assert_says(found.of[COPHENETIC].reason, "known at k = 3 only");
}

/* signatures_benchmark, SigProfilerExtractor. */
static void signatures(void **state)
{
    (void)state;
    const pw_survey survey = begin(1, 4);
    FILL(stability_mean, 1, 1, 0.94, -0.26);
    FILL(stability_min, 1, 1, 0.9, -0.8);
    pw_suggest(&survey, &found);
    assert_int_equal(found.of[STABILITY].k, 3);
    assert_says(found.of[STABILITY].reason, "mean 0.94 and least 0.90");
    assert_says(found.of[STABILITY].reason, "-0.26 and -0.80 at 4");
    assert_string_equal(found.warning, "");
    SUGGESTS(RESIDUAL, 3, 1, residual_sum_of_squares, 0.1072 * 0.1072, 0.0495 * 0.0495,
             0.0024 * 0.0024, 0.0050 * 0.0050);
    assert_says(found.of[RESIDUAL].reason, "2 % of that at 1");
}

static void stability_of_both(void **state)
{
    (void)state;
    const pw_survey survey = begin(1, 5);
    FILL(stability_mean, 1, 0.9, 0.79, 0.8, 0.95);
    FILL(stability_min, 1, 0.9, 0.70, 0.2, 0.19);
    pw_suggest(&survey, &found);
    assert_int_equal(found.of[STABILITY].k, 4);
    row[4].stability_min = 0.21;
    pw_suggest(&survey, &found);
    assert_int_equal(found.of[STABILITY].k, 5);
    assert_says(found.of[STABILITY].reason, "no larger k was tried");
    FILL(stability_mean, 1, 0.5, 0.5, 0.5, 0.5);
    pw_suggest(&survey, &found);
    assert_int_equal(found.of[STABILITY].k, 1);
    assert_says(found.of[STABILITY].reason, "by definition");
    row[0].stability_mean = NAN;
    pw_suggest(&survey, &found);
    assert_int_equal(found.of[STABILITY].k, 0);
    assert_says(found.of[STABILITY].reason, "stable at no k");
    FILL(stability_mean, 1, NAN, NAN, NAN, NAN);
    pw_suggest(&survey, &found);
    assert_int_equal(found.of[STABILITY].k, 0);
}

static void least_of_information(void **state)
{
    (void)state;
    SUGGESTS(AIC, 3, 2, aic, 110, 100, 104);
    assert_string_equal(found.of[AIC].reason,
                        "the least (10 below that at 2, 4 below that at 4; Akaike 1974)");
    SUGGESTS(BIC, 4, 2, bic, 110, 100, 95.5);
    assert_says(found.of[BIC].reason, "4.5 below that at 3; no larger k was tried; Schwarz 1978");
    SUGGESTS(BIC, 2, 2, bic, 90, 100, 95.5);
    assert_says(found.of[BIC].reason, "no smaller k was tried");
    SUGGESTS(BIC, 1, 1, bic, -110, -100);
    assert_null(strstr(found.of[BIC].reason, "tried"));
}

static void held_out(void **state)
{
    (void)state;
    SUGGESTS(HOLDOUT, 5, 2, holdout_error, 1, 0.92, 0.91, 0.905, 0.93);
    const pw_survey survey = {row, 5};
    row[3].holdout_spread = 0.006;
    pw_suggest(&survey, &found);
    assert_int_equal(found.of[HOLDOUT].k, 4);
    assert_says(found.of[HOLDOUT].reason, "0.91, within one standard error (0.006) of the least");
    row[3].holdout_spread = 0.001;
    pw_suggest(&survey, &found);
    assert_int_equal(found.of[HOLDOUT].k, 5);
}

static void elbows(void **state)
{
    (void)state;
    SUGGESTS(RESIDUAL, 4, 2, residual_sum_of_squares, 100, 49, 16, 15, 14, 13);
    SUGGESTS(RESIDUAL, 0, 2, residual_sum_of_squares, 100, 16, 15);
    assert_says(found.of[RESIDUAL].reason, "at least 4 values of k");
    SUGGESTS(RESIDUAL, 0, 2, residual_sum_of_squares, 100, 81, 64, 49);
    assert_says(found.of[RESIDUAL].reason, "falls almost evenly");
    SUGGESTS(RESIDUAL, 0, 2, residual_sum_of_squares, 1, 1, 1, 1);
    SUGGESTS(RESIDUAL, 0, 2, residual_sum_of_squares, 0, 0, 0, 0);
    begin(2, 4); /* k = 2, 4, 8, 16: far apart, and the straight line knows */
    for (int i = 0; i < 4; i++)
        row[i].k = 2 << i;
    FILL(residual_sum_of_squares, 1600, 900, 100, 81);
    pw_suggest(&(pw_survey){row, 4}, &found);
    assert_int_equal(found.of[RESIDUAL].k, 8);
}

static void nothing_is_known(void **state)
{
    (void)state;
    const pw_survey survey = begin(2, 3), none = {row, 0};
    pw_suggest(&survey, &found);
    for (int c = 0; c < PW_CRITERIA; c++) {
        assert_false(found.of[c].defined);
        assert_int_equal(found.of[c].k, 0);
        assert_says(found.of[c].reason, "not defined for this run, or not asked for");
    }
    assert_string_equal(found.warning, "");
    pw_suggest(&none, &found);
    assert_false(found.of[AIC].defined);
}

static void disagreement_is_told(void **state)
{
    (void)state;
    const pw_survey survey = begin(2, 4);
    FILL(cophenetic, 0.9999, 0.9970, 0.9861, 0.9664);
    FILL(dispersion, 0.988, 0.969, 0.943, 0.883);
    pw_suggest(&survey, &found);
    assert_string_equal(found.warning, "");
    FILL(bic, 9, 8, 7, 6);
    FILL(holdout_error, 0.1, 0.2, 0.3, 0.4);
    pw_suggest(&survey, &found);
    assert_string_equal(found.warning, "criteria disagree on k: k = 2 by holdout; k = 3 by "
                                       "cophenetic, dispersion; k = 5 by bic");
    char *text;
    size_t length;
    FILE *stream = open_memstream(&text, &length);
    pw_suggestions_print(&found, stream);
    fclose(stream);
    assert_says(text, "\ncophenetic     3  the last before it falls (0.9970 at 3");
    assert_null(strstr(text, "stability"));
    free(text);
}

/* ---- information ---- */

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-12 * fabs(b);
}

static void information(void **state)
{
    (void)state;
    /* 7 × 5 with 3 components: 3 (7 + 5 − 3) = 27 parameters */
    assert_true(near(pw_information_akaike(2, 3.5, 35, 7, 5, 3), 35 * log(0.2) + 54));
    assert_true(near(pw_information_schwarz(2, 3.5, 35, 7, 5, 3), 35 * log(0.2) + 27 * log(35)));
    assert_true(near(pw_information_akaike(1, 3.5, 30, 7, 5, 3), 7 + 54));
    assert_true(near(pw_information_schwarz(1, 3.5, 30, 7, 5, 3), 7 + 27 * log(30)));
    assert_true(near(pw_information_akaike(1, 0, 35, 7, 5, 9), 70)); /* no more than 7 × 5 */
    assert_true(isnan(pw_information_akaike(0, 3.5, 35, 7, 5, 3)));
    assert_true(isnan(pw_information_schwarz(1.5, 3.5, 35, 7, 5, 3)));
    assert_true(isnan(pw_information_schwarz(2, 0, 35, 7, 5, 3)));
    assert_true(isnan(pw_information_akaike(1, 3.5, 0, 7, 5, 3)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_know_their_fields),
        cmocka_unit_test(table_is_aligned),
        cmocka_unit_test(wide_table_is_folded),
        cmocka_unit_test(leukemia),
        cmocka_unit_test(cophenetic_falls),
        cmocka_unit_test(cophenetic_does_not_fall),
        cmocka_unit_test(signatures),
        cmocka_unit_test(stability_of_both),
        cmocka_unit_test(least_of_information),
        cmocka_unit_test(held_out),
        cmocka_unit_test(elbows),
        cmocka_unit_test(nothing_is_known),
        cmocka_unit_test(disagreement_is_told),
        cmocka_unit_test(information),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
