/* Models and matrices: written on all ranks and read back, and refused where nothing can be written. */
#include "initialise/initialise.h"
#include "read/read.h"
#include "store/reader.h"
#include "store/writer.h"
#include "support/on_ranks.h"
#include "support/scratch.h"
#include "support/small_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static pw_team team;

/* ---- models ---- */

static bool text_is(pw_reader *reader, const char *name, const char *attribute, const char *wanted)
{
    char *text = pw_reader_attribute_text(reader, name, attribute);
    const bool same = text && strcmp(text, wanted) == 0;
    free(text);
    return same;
}

static bool starts_with(pw_reader *reader, const char *name, const char *attribute,
                        const char *wanted)
{
    char *text = pw_reader_attribute_text(reader, name, attribute);
    const bool starts = text && strncmp(text, wanted, strlen(wanted)) == 0;
    free(text);
    return starts;
}

static bool model_is_right(const char *path, bool named, int64_t iterations)
{
    pw_reader *reader = NULL;
    pw_dataset W, H, seconds;
    double w[SMALL_M * SMALL_K], h[SMALL_K * SMALL_N], error = 0;
    int64_t done[8] = {0}, count = 0;
    bool good =
        pw_reader_open(path, &reader) == PW_OK && pw_reader_describe(reader, "/W", &W) == PW_OK &&
        W.extent[0] == SMALL_M && W.extent[1] == SMALL_K &&
        pw_reader_describe(reader, "/H", &H) == PW_OK && H.extent[0] == SMALL_K &&
        H.extent[1] == SMALL_N && pw_reader_rows(reader, "/W", 0, SMALL_M, PW_F64, w) == PW_OK &&
        pw_reader_rows(reader, "/H", 0, SMALL_K, PW_F64, h) == PW_OK &&
        pw_reader_describe(reader, "/history/seconds", &seconds) == PW_OK &&
        seconds.extent[0] == iterations &&
        pw_reader_range(reader, "/history/iteration", 0, iterations, PW_I64, done) == PW_OK &&
        (iterations == 0 || done[iterations - 1] == iterations);
    for (int c = 0; good && c < SMALL_K; c++) {
        for (int i = 0; i < SMALL_M; i++)
            good = good && w[i * SMALL_K + c] == small_W(i, c);
        for (int j = 0; j < SMALL_N; j++)
            good = good && h[c * SMALL_N + j] == small_H(j, c);
    }
    good = good && pw_reader_attribute_doubles(reader, "/", "relative_error", 1, &error) == 1 &&
           error == 0.125 && pw_reader_attribute_ints(reader, "/", "iterations", 1, &count) == 1 &&
           count == iterations && text_is(reader, "/options", "k", "3") &&
           text_is(reader, "/options", "method", "hals") &&
           text_is(reader, "/provenance", "start", "2001-09-09T01:46:40Z") &&
           text_is(reader, "/provenance", "input_fingerprint", "fedcba9876543210") &&
           starts_with(reader, "/provenance", "command_line", "partwise fit V.h5 -k 3 ") &&
           pw_reader_kind(reader, "/timings/phase") == PW_OBJECT_DATASET &&
           (pw_reader_kind(reader, "/row_names") == PW_OBJECT_DATASET) == named;
    pw_reader_close(&reader);
    return good;
}

static void models_are_read_back(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way++) {
        const bool transposed = way & 1, named = way & 2;
        const int64_t iterations = way == 0 ? 0 : 4;
        const char *path = folder_file("model.h5");
        assert_int_equal(small_write(&team, pw_write_model, path, transposed, named, iterations),
                         PW_OK);
        ALL(&team, model_is_right(path, named, iterations));
        ALL(&team, access(folder_file("model.h5.tmp"), F_OK) != 0 &&
                       access(folder_file("model.h5.prev"), F_OK) != 0);
    }
}

static void same_bytes_either_way(void **state)
{
    (void)state;
    pw_options rows = small_options("5", folder_file("c"));
    pw_matrix V = small_V(&team, false, false);
    const char *path = folder_file("model.h5");
    assert_int_equal(small_write(&team, pw_write_model, path, true, true, 2), PW_OK);
    pw_model model;
    pw_model_create(&team, &V, SMALL_K, &model);
    const pw_code code = pw_initialise_file(&team, &V, path, &model);
    const bool same = small_factors(&team, &V, &model);
    pw_model_destroy(&model);
    pw_matrix_destroy(&V);
    pw_options_destroy(&rows);
    assert_int_equal(code, PW_OK);
    ALL(&team, same);
}

/* ---- where nothing can be written ---- */

static void unwritable_places(void **state)
{
    (void)state;
    static const char *const PLACES[] = {"missing/model.h5", "", "missing/"};
    for (size_t p = 0; p < sizeof PLACES / sizeof *PLACES; p++) {
        assert_int_equal(pw_write_check(&team, folder_file(PLACES[p])), PW_ERROR_OUTPUT);
        ALL(&team, strstr(pw_failure(), folder_file("")) != NULL);
    }
    assert_int_equal(pw_write_check(&team, "/dev/null"), PW_ERROR_OUTPUT);
    pw_writer *writer = NULL;
    assert_int_equal(pw_writer_create(&team, folder_file("missing/model.h5"), 1000, &writer),
                     PW_ERROR_OUTPUT);
    assert_int_equal(pw_writer_create(&team, folder_file("huge.h5"), INT64_C(1) << 60, &writer),
                     PW_ERROR_OUTPUT);
    ALL(&team, writer == NULL && access(folder_file("huge.h5.tmp"), F_OK) != 0);
}

static void write_words(const char *path)
{
    FILE *f = fopen(path, "w");
    fputs("something else\n", f);
    fclose(f);
}

static void checking_leaves_nothing(void **state)
{
    (void)state;
    struct stat status;
    pw_agree(&team, PW_OK);
    assert_int_equal(pw_write_check(&team, folder_file("new.h5")), PW_OK);
    pw_agree(&team, PW_OK);
    ALL(&team,
        access(folder_file("new.h5"), F_OK) != 0 && access(folder_file("new.h5.tmp"), F_OK) != 0);
    if (team.rank == 0)
        write_words(folder_file("old.h5"));
    pw_agree(&team, PW_OK);
    assert_int_equal(pw_write_check(&team, folder_file("old.h5")), PW_OK);
    ALL(&team, stat(folder_file("old.h5"), &status) == 0 && status.st_size == 15);
}

/* ---- V ---- */

static pw_matrix read_V(const char *path)
{
    char *arguments[] = {"info", (char *)path};
    pw_options options;
    pw_matrix V = {.rows = 0};
    bool help;
    pw_options_default(PW_COMMAND_INFO, &options);
    if (pw_options_parse(PW_COMMAND_INFO, 2, arguments, &options, &help) != PW_OK ||
        pw_matrix_read(&team, &options, &V) != PW_OK)
        fprintf(stderr, "%s\n", pw_failure());
    pw_options_destroy(&options);
    return V;
}

static bool same_texts(char *a, char *b)
{
    const bool same = strcmp(a, b) == 0;
    free(a);
    free(b);
    return same;
}

/* Writes and reads V; type and storage stay. */
static bool survives(const pw_matrix *V)
{
    if (pw_write_matrix(&team, folder_file("V.h5"), V) != PW_OK) {
        fprintf(stderr, "%s\n", pw_failure());
        return false;
    }
    pw_matrix back = read_V(folder_file("V.h5"));
    bool same = back.rows == V->rows && back.cols == V->cols && back.sparse == V->sparse &&
                back.entries == V->entries && back.type == V->type;
    if (everywhere(&team, same)) {
        double *a = scratch_gather(&team, V), *b = scratch_gather(&team, &back);
        same = memcmp(a, b, (size_t)(V->rows * V->cols) * sizeof *a) == 0;
        free(a);
        free(b);
        same = same_texts(scratch_gather_names(&team, &V->row_names),
                          scratch_gather_names(&team, &back.row_names)) &&
               same_texts(scratch_gather_names(&team, &V->column_names),
                          scratch_gather_names(&team, &back.column_names)) &&
               back.row_names.total == V->row_names.total && same;
    }
    pw_matrix_destroy(&back);
    return same;
}

/* Entry (i, j) is i + j, and stored where that is odd or V is dense. */
static pw_matrix make_entries(bool sparse, pw_type type, bool named)
{
    pw_matrix V = small_V(&team, false, named);
    V.sparse = sparse;
    V.type = type;
    V.values = calloc(SMALL_M * SMALL_N + 1, 8);
    V.column = calloc(SMALL_M * SMALL_N + 1, sizeof *V.column);
    V.row_pointer = calloc(SMALL_M + 1, sizeof *V.row_pointer);
    for (int64_t i = 0; i < V.count; i++) {
        V.row_pointer[i + 1] = V.row_pointer[i];
        for (int64_t j = 0; j < SMALL_N; j++) {
            const double value = (double)(V.first + i + j);
            if (sparse && (V.first + i + j) % 2 == 0)
                continue;
            V.column[V.row_pointer[i + 1]] = (uint32_t)j;
            pw_narrow(type, &value, 1, V.values, V.row_pointer[i + 1]++);
        }
    }
    V.entries = sparse ? SMALL_M * SMALL_N / 2 : SMALL_M * SMALL_N;
    return V;
}

static void matrices_are_read_back(void **state)
{
    (void)state;
    for (int type = PW_U8; type <= PW_ONE; type++)
        for (int way = 0; way < 4; way++) {
            const bool sparse = way & 1, named = way & 2;
            if (type == PW_ONE && !sparse)
                continue;
            pw_matrix V = make_entries(sparse, (pw_type)type, named);
            const bool good = survives(&V);
            pw_matrix_destroy(&V);
            ALL(&team, good);
        }
}

/* ---- all ---- */

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_are_read_back),   cmocka_unit_test(same_bytes_either_way),
        cmocka_unit_test(unwritable_places),      cmocka_unit_test(checking_leaves_nothing),
        cmocka_unit_test(matrices_are_read_back),
    };
    ranks_begin(&argc, &argv, &team);
    folder_make(&team);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    folder_remove(&team);
    ranks_end(&team);
    return failed;
}
