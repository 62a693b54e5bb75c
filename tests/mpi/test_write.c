/* Models, checkpoints and matrices: written on all ranks and read back, resumed on other numbers of ranks and the
 * other way round, and refused where they are damaged or of another run. */
#include "dist/collective.h"
#include "initialise/initialise.h"
#include "read/read.h"
#include "store/reader.h"
#include "store/writer.h"
#include "support/scratch.h"
#include "write/write.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

enum { M = 11, N = 6, K = 3 };

static pw_team team;
static char folder[256];
static const uint64_t FINGERPRINT = UINT64_C(0xfedcba9876543210);

/* ---- what is written ---- */

static double W_at(int64_t i, int c)
{
    return 1.0 / (double)(3 + 7 * i + c);
}

static double H_at(int64_t j, int c)
{
    return sqrt((double)(1 + 5 * j + 11 * c));
}

static const char *file(const char *name)
{
    static char path[4][512];
    static int next;
    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
    return path[next];
}

/* True where it is so on all ranks: what is asserted must not differ, or some ranks would wait for the others. */
static bool everywhere(bool good)
{
    int all = good;
    MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_INT, MPI_MIN, team.comm);
    return all;
}

#define ALL(condition) assert_true(everywhere(condition))

static pw_names make_names(pw_team *t, int64_t total, const char *prefix)
{
    pw_names names = {.total = total, .first = pw_share(total, t->size, t->rank)};
    char text[32];
    for (int64_t i = names.first; i < pw_share(total, t->size, t->rank + 1); i++)
        pw_names_add(&names, text,
                     i == 2 ? 0
                            : snprintf(text, sizeof text, "%s%lld", prefix, (long long)(i * i)));
    return names;
}

/* Rows in uneven blocks: rank 1 has none. */
static pw_matrix make_V(pw_team *t, bool transposed, bool named)
{
    pw_matrix V = {
        .rows = transposed ? N : M, .cols = transposed ? M : N, .transposed = transposed};
    pw_layout_even(V.rows, t->size, &V.layout);
    if (t->size > 1)
        V.layout.offset[1] = V.layout.offset[2];
    V.first = pw_layout_first(&V.layout, t->rank);
    V.count = pw_layout_count(&V.layout, t->rank);
    V.path = strdup("V.h5:/X");
    if (named) {
        V.row_names = make_names(t, M, "row é ");
        V.column_names = make_names(t, N, "c");
    }
    return V;
}

static void fill(const pw_matrix *V, pw_model *model)
{
    for (int c = 0; c < K; c++) {
        for (int64_t i = 0; i < V->count; i++)
            model->distributed[i * K + c] =
                V->transposed ? H_at(V->first + i, c) : W_at(V->first + i, c);
        for (int64_t j = 0; j < V->cols; j++)
            model->replicated[j * K + c] = V->transposed ? W_at(j, c) : H_at(j, c);
    }
}

static bool same_factors(pw_team *t, const pw_matrix *V, const pw_model *model)
{
    pw_model right;
    pw_model_create(t, V, K, &right);
    fill(V, &right);
    const bool same =
        memcmp(right.distributed, model->distributed, (size_t)(V->count * K) * 8) == 0 &&
        memcmp(right.replicated, model->replicated, (size_t)(V->cols * K) * 8) == 0;
    pw_model_destroy(&right);
    return same;
}

/* `clock`: by how much this rank's clock is ahead. */
static pw_model make_model(pw_team *t, const pw_matrix *V, int64_t iterations, double clock)
{
    pw_model model;
    pw_model_create(t, V, K, &model);
    fill(V, &model);
    model.iteration = iterations;
    model.seconds = 0.1 * (double)iterations + clock;
    model.first_residual = 1 / 3.0;
    model.objective = 2 / 3.0;
    model.relative_error = 0.125;
    model.projected_gradient = 1e-7;
    model.history.row = calloc((size_t)iterations + 1, sizeof *model.history.row);
    model.history.count = model.history.capacity = iterations;
    for (int64_t i = 0; i < iterations; i++)
        model.history.row[i] =
            (pw_history_row){i + 1, 0.1 * (double)i + clock, 10.0 / (double)(i + 1), 0.5, 1e-3};
    return model;
}

static pw_options make_options(const char *k, const char *seed, const char *checkpoint)
{
    char *arguments[] = {"fit",    "V.h5",       "-k",           (char *)k,
                         "--seed", (char *)seed, "--checkpoint", (char *)checkpoint};
    pw_options options;
    bool help;
    pw_options_default(PW_COMMAND_FIT, &options);
    if (pw_options_parse(PW_COMMAND_FIT, 8, arguments, &options, &help) != PW_OK)
        fprintf(stderr, "%s\n", pw_failure());
    return options;
}

typedef pw_code (*write_function)(pw_team *, const char *, const pw_result *);

static pw_code write_with(write_function write, const char *path, bool transposed, bool named,
                          int64_t iterations)
{
    pw_matrix V = make_V(&team, transposed, named);
    pw_model model = make_model(&team, &V, iterations, 0.01 * team.rank);
    pw_options options = make_options("3", "5", file("c"));
    const pw_summary summary = {.fingerprint = FINGERPRINT};
    const pw_result result = {.options = &options,
                              .command_line = "partwise fit V.h5",
                              .V = &V,
                              .summary = &summary,
                              .model = &model,
                              .started = 1e9};
    const pw_code code = write(&team, path, &result);
    if (code != PW_OK && team.rank == 0)
        fprintf(stderr, "%s\n", pw_failure());
    pw_options_destroy(&options);
    pw_model_destroy(&model);
    pw_matrix_destroy(&V);
    return code;
}

/* ---- models ---- */

static bool text_is(pw_reader *reader, const char *name, const char *attribute, const char *wanted)
{
    char *text = pw_reader_attribute_text(reader, name, attribute);
    const bool same = text && strcmp(text, wanted) == 0;
    free(text);
    return same;
}

static bool model_is_right(const char *path, bool named, int64_t iterations)
{
    pw_reader *reader = NULL;
    pw_dataset W, H, seconds;
    double w[M * K], h[K * N], error = 0;
    int64_t done[8] = {0}, count = 0;
    bool good =
        pw_reader_open(path, &reader) == PW_OK && pw_reader_describe(reader, "/W", &W) == PW_OK &&
        W.extent[0] == M && W.extent[1] == K && pw_reader_describe(reader, "/H", &H) == PW_OK &&
        H.extent[0] == K && H.extent[1] == N &&
        pw_reader_rows(reader, "/W", 0, M, PW_F64, w) == PW_OK &&
        pw_reader_rows(reader, "/H", 0, K, PW_F64, h) == PW_OK &&
        pw_reader_describe(reader, "/history/seconds", &seconds) == PW_OK &&
        seconds.extent[0] == iterations &&
        pw_reader_range(reader, "/history/iteration", 0, iterations, PW_I64, done) == PW_OK &&
        (iterations == 0 || done[iterations - 1] == iterations);
    for (int c = 0; good && c < K; c++) {
        for (int i = 0; i < M; i++)
            good = good && w[i * K + c] == W_at(i, c);
        for (int j = 0; j < N; j++)
            good = good && h[c * N + j] == H_at(j, c);
    }
    good = good && pw_reader_attribute_doubles(reader, "/", "relative_error", 1, &error) == 1 &&
           error == 0.125 && pw_reader_attribute_ints(reader, "/", "iterations", 1, &count) == 1 &&
           count == iterations && text_is(reader, "/options", "k", "3") &&
           text_is(reader, "/options", "method", "hals") &&
           text_is(reader, "/provenance", "start", "2001-09-09T01:46:40Z") &&
           text_is(reader, "/provenance", "input_fingerprint", "fedcba9876543210") &&
           text_is(reader, "/provenance", "command_line", "partwise fit V.h5") &&
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
        const char *path = file("model.h5");
        assert_int_equal(write_with(pw_write_model, path, transposed, named, iterations), PW_OK);
        ALL(model_is_right(path, named, iterations));
        ALL(access(file("model.h5.tmp"), F_OK) != 0 && access(file("model.h5.prev"), F_OK) != 0);
    }
}

static void same_bytes_either_way(void **state)
{
    (void)state;
    pw_options rows = make_options("3", "5", file("c"));
    pw_matrix V = make_V(&team, false, false);
    const char *path = file("model.h5");
    assert_int_equal(write_with(pw_write_model, path, true, true, 2), PW_OK);
    pw_model model;
    pw_model_create(&team, &V, K, &model);
    const pw_code code = pw_initialise_file(&team, &V, path, &model);
    const bool same = same_factors(&team, &V, &model);
    pw_model_destroy(&model);
    pw_matrix_destroy(&V);
    pw_options_destroy(&rows);
    assert_int_equal(code, PW_OK);
    ALL(same);
}

/* ---- checkpoints ---- */

typedef struct resumed {
    pw_code code;
    bool resumed, right;
    int64_t iteration;
} resumed;

/* Collective over t, which may be a part of the team. */
static resumed resume(pw_team *t, bool transposed, const char *seed, uint64_t fingerprint)
{
    resumed outcome = {.code = PW_OK};
    pw_matrix V = make_V(t, transposed, false);
    pw_options options = make_options("3", seed, file("c"));
    const pw_summary summary = {.fingerprint = fingerprint};
    pw_model model;
    pw_model_create(t, &V, K, &model);
    outcome.code = pw_initialise_resume(t, &V, &summary, &options, &model, &outcome.resumed);
    pw_model right = make_model(t, &V, model.iteration, 0);
    int64_t room[2] = {model.history.capacity, -model.history.capacity};
    pw_reduce_max_int(t, room, 2);
    outcome.iteration = model.iteration;
    outcome.right =
        room[0] == -room[1] && same_factors(t, &V, &model) && model.seconds == right.seconds &&
        model.first_residual == right.first_residual && model.objective == right.objective &&
        model.history.count == right.history.count &&
        memcmp(model.history.row, right.history.row,
               (size_t)right.history.count * sizeof *right.history.row) == 0;
    pw_model_destroy(&right);
    pw_model_destroy(&model);
    pw_options_destroy(&options);
    pw_matrix_destroy(&V);
    return outcome;
}

static void remove_all(void)
{
    static const char *const NAMES[] = {"c", "c.prev", "c.tmp", "c.damaged"};
    pw_agree(&team, PW_OK);
    for (size_t i = 0; team.rank == 0 && i < sizeof NAMES / sizeof *NAMES; i++)
        unlink(file(NAMES[i]));
    pw_agree(&team, PW_OK);
}

/* `c` of iteration 5 and `c.prev` of iteration 4. */
static void write_two(bool transposed)
{
    remove_all();
    for (int64_t iterations = 4; iterations <= 5; iterations++)
        assert_int_equal(write_with(pw_write_checkpoint, file("c"), transposed, true, iterations),
                         PW_OK);
}

static void resumed_on_any_ranks(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way++) {
        pw_team part;
        MPI_Comm comm;
        write_two(way & 1);
        MPI_Comm_split(team.comm, team.rank < (team.size + 1) / 2, team.rank, &comm);
        pw_team_create(comm, 1, PW_LOG_QUIET, &part);
        const resumed all = resume(&team, way & 2, "5", FINGERPRINT);
        const resumed some = resume(&part, way & 2, "5", FINGERPRINT);
        pw_team_destroy(&part);
        MPI_Comm_free(&comm);
        ALL(all.code == PW_OK && all.resumed && all.right && all.iteration == 5);
        ALL(some.code == PW_OK && some.resumed && some.right && some.iteration == 5);
    }
}

static void nothing_to_resume(void **state)
{
    (void)state;
    remove_all();
    const resumed none = resume(&team, false, "5", FINGERPRINT);
    ALL(none.code == PW_OK && !none.resumed);
}

static void killed_between_renames(void **state)
{
    (void)state;
    write_two(false);
    if (team.rank == 0)
        unlink(file("c"));
    const resumed outcome = resume(&team, false, "5", FINGERPRINT);
    ALL(outcome.code == PW_OK && outcome.resumed && outcome.right && outcome.iteration == 4);
}

/* What can happen to a file. */
static void truncate_it(const char *path)
{
    assert_int_equal(truncate(path, 3000), 0);
}

static void empty_it(const char *path)
{
    assert_int_equal(truncate(path, 0), 0);
}

static void replace_it(const char *path)
{
    FILE *f = fopen(path, "w");
    fputs("something else\n", f);
    fclose(f);
}

static void replace_bytes(const char *path, const void *old, size_t size, char to)
{
    char bytes[1 << 17];
    FILE *f = fopen(path, "r+b");
    const size_t length = fread(bytes, 1, sizeof bytes, f);
    for (size_t at = 0; at + size <= length; at++)
        if (memcmp(bytes + at, old, size) == 0) {
            fseek(f, (long)at, SEEK_SET);
            fputc(to, f);
        }
    fclose(f);
}

static void flip_entry_of_W(const char *path)
{
    const double value = W_at(M - 1, K - 1);
    replace_bytes(path, &value, sizeof value, 1);
}

static void flip_entry_of_H(const char *path)
{
    const double value = H_at(0, 1);
    replace_bytes(path, &value, sizeof value, 1);
}

static void flip_history(const char *path)
{
    const double value = 10.0 / 3;
    replace_bytes(path, &value, sizeof value, 1);
}

static void cut_history(const char *path)
{
    replace_bytes(path, "relative_error", 14, 'x');
}

static void flip_option(const char *path)
{
    replace_bytes(path, "hals", 4, 'x');
}

typedef void (*damage)(const char *path);
static const damage DAMAGES[] = {truncate_it,     empty_it,     replace_it,  flip_entry_of_W,
                                 flip_entry_of_H, flip_history, cut_history, flip_option};

static void damaged_ones_are_refused(void **state)
{
    (void)state;
    for (size_t d = 0; d < sizeof DAMAGES / sizeof *DAMAGES; d++) {
        write_two(false);
        if (team.rank == 0)
            DAMAGES[d](file("c"));
        pw_agree(&team, PW_OK);
        const resumed older = resume(&team, true, "5", FINGERPRINT);
        ALL(older.code == PW_OK && older.resumed && older.right && older.iteration == 4);
        ALL(access(file("c"), F_OK) != 0 && access(file("c.damaged"), F_OK) == 0);

        write_two(true);
        if (team.rank == 0) {
            DAMAGES[d](file("c"));
            DAMAGES[d](file("c.prev"));
        }
        pw_agree(&team, PW_OK);
        const resumed none = resume(&team, false, "5", FINGERPRINT);
        ALL(none.code == PW_ERROR_CHECKPOINT && !none.resumed);
        ALL(strstr(pw_failure(), "neither") != NULL);
        ALL(access(file("c"), F_OK) == 0);
    }
}

static void other_runs_are_refused(void **state)
{
    (void)state;
    write_two(false);
    const resumed seed = resume(&team, false, "6", FINGERPRINT);
    ALL(seed.code == PW_ERROR_CHECKPOINT);
    ALL(strstr(pw_failure(), "option seed is '5', here it is '6'") != NULL);
    const resumed input = resume(&team, false, "5", 1);
    ALL(input.code == PW_ERROR_CHECKPOINT);
    ALL(strstr(pw_failure(), "'V.h5:/X'") != NULL);
}

/* ---- factors from a file ---- */

/* W and H with `bad` at a place of H, as f32. */
static void write_factors(int64_t rows, float bad)
{
    pw_writer *writer = NULL;
    float w[(M + 1) * K], h[K * N];
    for (int i = 0; i < (M + 1) * K; i++)
        w[i] = 0.5f;
    for (int i = 0; i < K * N; i++)
        h[i] = i == 2 * N + 4 || i == 2 * N + 5 ? bad : 2;
    const bool root = team.rank == 0;
    pw_writer_create(&team, file("start.h5"), 1000, &writer);
    pw_writer_rows(writer, "/W", (pw_part){.total = rows, .count = root ? rows : 0}, K, PW_F32, w);
    pw_writer_rows(writer, "/H", (pw_part){.total = K, .count = root ? K : 0}, N, PW_F32, h);
    assert_int_equal(pw_writer_commit(&writer, false), PW_OK);
}

static pw_code start_from(const char *path, bool transposed, double *first)
{
    pw_matrix V = make_V(&team, transposed, false);
    pw_model model;
    pw_model_create(&team, &V, K, &model);
    const pw_code code = pw_initialise_file(&team, &V, path, &model);
    *first = model.replicated[V.cols * K - 1];
    pw_model_destroy(&model);
    pw_matrix_destroy(&V);
    return code;
}

static void factors_from_a_file(void **state)
{
    (void)state;
    double last;
    for (int transposed = 0; transposed < 2; transposed++) {
        write_factors(M, 4);
        assert_int_equal(start_from(file("start.h5"), transposed, &last), PW_OK);
        ALL(last == (transposed ? 0.5 : 4));
        write_factors(M + 1, 4);
        assert_int_equal(start_from(file("start.h5"), transposed, &last), PW_ERROR_INPUT);
        ALL(strstr(pw_failure(), "'/W' is 12 × 3 where m × k is 11 × 3") != NULL);
        write_factors(M, -4);
        assert_int_equal(start_from(file("start.h5"), transposed, &last), PW_ERROR_INPUT);
        ALL(strstr(pw_failure(), "'/H' is -4 at row 2, column 4") != NULL);
        write_factors(M, NAN);
        assert_int_equal(start_from(file("start.h5"), transposed, &last), PW_ERROR_INPUT);
        assert_int_equal(start_from(file("none.h5"), transposed, &last), PW_ERROR_INPUT);
    }
}

/* ---- where nothing can be written ---- */

static void unwritable_places(void **state)
{
    (void)state;
    static const char *const PLACES[] = {"missing/model.h5", "", "missing/"};
    for (size_t p = 0; p < sizeof PLACES / sizeof *PLACES; p++) {
        assert_int_equal(pw_write_check(&team, file(PLACES[p])), PW_ERROR_OUTPUT);
        ALL(strstr(pw_failure(), folder) != NULL);
    }
    assert_int_equal(pw_write_check(&team, "/dev/null"), PW_ERROR_OUTPUT);
    pw_writer *writer = NULL;
    assert_int_equal(pw_writer_create(&team, file("missing/model.h5"), 1000, &writer),
                     PW_ERROR_OUTPUT);
    assert_int_equal(pw_writer_create(&team, file("huge.h5"), INT64_C(1) << 60, &writer),
                     PW_ERROR_OUTPUT);
    ALL(writer == NULL && access(file("huge.h5.tmp"), F_OK) != 0);
}

static void checking_leaves_nothing(void **state)
{
    (void)state;
    struct stat status;
    pw_agree(&team, PW_OK);
    assert_int_equal(pw_write_check(&team, file("new.h5")), PW_OK);
    pw_agree(&team, PW_OK);
    ALL(access(file("new.h5"), F_OK) != 0 && access(file("new.h5.tmp"), F_OK) != 0);
    if (team.rank == 0)
        replace_it(file("old.h5"));
    pw_agree(&team, PW_OK);
    assert_int_equal(pw_write_check(&team, file("old.h5")), PW_OK);
    ALL(stat(file("old.h5"), &status) == 0 && status.st_size == 15);
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
    if (pw_write_matrix(&team, file("V.h5"), V) != PW_OK) {
        fprintf(stderr, "%s\n", pw_failure());
        return false;
    }
    pw_matrix back = read_V(file("V.h5"));
    bool same = back.rows == V->rows && back.cols == V->cols && back.sparse == V->sparse &&
                back.entries == V->entries && back.type == V->type;
    if (everywhere(same)) {
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
    pw_matrix V = make_V(&team, false, named);
    V.sparse = sparse;
    V.type = type;
    V.values = calloc(M * N + 1, 8);
    V.column = calloc(M * N + 1, sizeof *V.column);
    V.row_pointer = calloc(M + 1, sizeof *V.row_pointer);
    for (int64_t i = 0; i < V.count; i++) {
        V.row_pointer[i + 1] = V.row_pointer[i];
        for (int64_t j = 0; j < N; j++) {
            const double value = (double)(V.first + i + j);
            if (sparse && (V.first + i + j) % 2 == 0)
                continue;
            V.column[V.row_pointer[i + 1]] = (uint32_t)j;
            pw_narrow(type, &value, 1, V.values, V.row_pointer[i + 1]++);
        }
    }
    V.entries = sparse ? M * N / 2 : M * N;
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
            ALL(good);
        }
}

/* ---- all ---- */

static void make_folder(void)
{
    const char *above = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/partwise-test-XXXXXX", above ? above : "/tmp");
    if (team.rank == 0 && !mkdtemp(folder))
        MPI_Abort(MPI_COMM_WORLD, 1);
    pw_broadcast(&team, folder, sizeof folder, 0);
}

static void remove_folder(void)
{
    static const char *const NAMES[] = {"model.h5", "start.h5", "old.h5", "V.h5"};
    remove_all();
    for (size_t i = 0; team.rank == 0 && i < sizeof NAMES / sizeof *NAMES; i++)
        unlink(file(NAMES[i]));
    if (team.rank == 0 && rmdir(folder) != 0)
        perror(folder);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_are_read_back),   cmocka_unit_test(same_bytes_either_way),
        cmocka_unit_test(resumed_on_any_ranks),   cmocka_unit_test(nothing_to_resume),
        cmocka_unit_test(killed_between_renames), cmocka_unit_test(damaged_ones_are_refused),
        cmocka_unit_test(other_runs_are_refused), cmocka_unit_test(factors_from_a_file),
        cmocka_unit_test(unwritable_places),      cmocka_unit_test(checking_leaves_nothing),
        cmocka_unit_test(matrices_are_read_back),
    };
    MPI_Init(&argc, &argv);
    pw_team_create(MPI_COMM_WORLD, 1, PW_LOG_QUIET, &team);
    team.log = pw_log_to(NULL, PW_LOG_QUIET); /* warnings are expected */
    make_folder();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    remove_folder();
    pw_team_destroy(&team);
    MPI_Finalize();
    return failed;
}
