/* The survey and its suggestions in files: what is written is read again. */
#include "dist/collective.h"
#include "select/suggest.h"
#include "store/reader.h"
#include "support/on_ranks.h"
#include "support/small_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { ROWS = 3 };

static pw_team team;

/* Rows of rank 0; others have none of the figures. */
static void make(pw_survey_row *row)
{
    for (int i = 0; i < ROWS; i++) {
        row[i] = pw_survey_row_of(2 + i, 7);
        if (team.rank == 0) {
            row[i].relative_error = 1.0 / (3 + i);
            row[i].cophenetic = i == 1 ? NAN : 1 - 0.1 * i;
            row[i].bic = 1e10 - i;
        }
    }
}

static void csv(void **state)
{
    (void)state;
    pw_survey_row row[ROWS];
    char text[2048] = "";
    make(row);
    const char *path = folder_file("scan.csv");
    ALL(&team, pw_survey_write_csv(&team, &(pw_survey){row, ROWS}, path) == PW_OK);
    FILE *file = fopen(path, "r");
    bool good = file && fread(text, 1, sizeof text - 1, file) > 0;
    good =
        good && strncmp(text, "k,restarts,best_objective,mean_objective,relative_error,", 56) == 0;
    good = good && strstr(text, "\n2,7,,,0.33333333333333331,,,,,,,1,,,,,,10000000000,,\n");
    good = good && strstr(text, "\n3,7,,,0.25,,,,,,,,,,,,,9999999999,,\n4,7,,,");
    if (file)
        fclose(file);
    ALL(&team, good);
    ALL(&team, pw_survey_write_csv(&team, &(pw_survey){row, ROWS}, "/nowhere/scan.csv") ==
                   PW_ERROR_OUTPUT);
}

static bool same(pw_reader *reader, const pw_survey_column *column, const pw_survey_row *right)
{
    double value[ROWS];
    pw_dataset about;
    char name[64];
    snprintf(name, sizeof name, "/survey/%s", column->name);
    if (pw_reader_describe(reader, name, &about) != PW_OK || about.dimensions != 1 ||
        about.extent[0] != ROWS || about.type != (column->whole ? PW_I64 : PW_F64) ||
        pw_reader_range(reader, name, 0, ROWS, PW_F64, value) != PW_OK)
        return false;
    for (int i = 0; i < ROWS; i++) {
        const double x = pw_survey_value(column, &right[i]);
        if (value[i] != x && !(isnan(value[i]) && isnan(x)))
            return false;
    }
    return true;
}

typedef struct compared {
    const pw_suggestions *right;
    int count;
    bool good;
} compared;

static pw_code compare_reason(void *context, const char *text, int64_t length)
{
    compared *c = context;
    const char *right = c->right->of[c->count++].reason;
    c->good = c->good && strlen(right) == (size_t)length && memcmp(text, right, length) == 0;
    return PW_OK;
}

static pw_code write_all(const char *path, const pw_survey_row *row, const pw_suggestions *found)
{
    pw_writer *writer = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_writer_create(&team, path, 1 << 16, &writer));
    PW_TRY(pw_survey_write(&team, writer, &(pw_survey){row, ROWS}));
    PW_TRY(pw_suggestions_write(&team, writer, found));
    code = pw_writer_commit(&writer, false);
done:
    pw_writer_discard(&writer);
    return code;
}

static void hdf5(void **state)
{
    (void)state;
    pw_survey_row row[ROWS];
    pw_suggestions found;
    pw_reader *reader;
    int64_t k[PW_CRITERIA];
    make(row);
    pw_suggest(&(pw_survey){row, ROWS}, &found);
    const char *path = folder_file("scan.h5");
    ALL(&team, write_all(path, row, &found) == PW_OK);
    pw_broadcast(&team, row, sizeof row, 0);
    pw_suggest(&(pw_survey){row, ROWS}, &found);
    ALL(&team, pw_reader_open(path, &reader) == PW_OK);
    bool good = true;
    for (int c = 0; c < PW_SURVEY_WIDTH; c++)
        good = good && same(reader, &pw_survey_columns[c], row);
    ALL(&team, good);
    compared c = {&found, 0, true};
    ALL(&team, pw_reader_text(reader, "/suggestions/reason", 0, PW_CRITERIA, compare_reason, &c) ==
                       PW_OK &&
                   c.good && c.count == PW_CRITERIA);
    ALL(&team, pw_reader_range(reader, "/suggestions/k", 0, PW_CRITERIA, PW_I64, k) == PW_OK);
    for (int s = 0; s < PW_CRITERIA; s++)
        good = good && k[s] == found.of[s].k;
    ALL(&team, good && k[0] == 2 && k[4] == 4);
    char *warning = pw_reader_attribute_text(reader, "/suggestions", "warning");
    ALL(&team, warning && strcmp(warning, found.warning) == 0 && strlen(warning) > 0);
    free(warning);
    pw_reader_close(&reader);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv),
        cmocka_unit_test(hdf5),
    };
    ranks_begin(&argc, &argv, &team);
    folder_make(&team);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    folder_remove(&team);
    ranks_end(&team);
    return failed;
}
