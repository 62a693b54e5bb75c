/* Checkpoints: resumed on other numbers of ranks and the other way round, refused where they are damaged or of another
 * run. Factors from a file: taken, or refused with the place. */
#include "dist/collective.h"
#include "initialise/initialise.h"
#include "store/writer.h"
#include "support/on_ranks.h"
#include "support/small_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static pw_team team;

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
    pw_matrix V = small_V(t, transposed, false);
    pw_options options = small_options(seed, folder_file("c"));
    const pw_summary summary = {.fingerprint = fingerprint};
    pw_model model;
    pw_model_create(t, &V, SMALL_K, &model);
    pw_resumed found;
    outcome.code = pw_initialise_resume(t, &V, &summary, &options, &model, 1, &found);
    outcome.resumed = found.any;
    pw_model right = small_model(t, &V, model.iteration, 0);
    int64_t room[2] = {model.history.capacity, -model.history.capacity};
    pw_reduce_max_int(t, room, 2);
    outcome.iteration = model.iteration;
    outcome.right =
        room[0] == -room[1] && small_factors(t, &V, &model) && model.seconds == right.seconds &&
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
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        folder_unlink(&team, NAMES[i]);
}

/* `c` of iteration 5 and `c.prev` of iteration 4. */
static void write_two(bool transposed)
{
    remove_all();
    for (int64_t iterations = 4; iterations <= 5; iterations++)
        assert_int_equal(
            small_write(&team, pw_write_checkpoint, folder_file("c"), transposed, true, iterations),
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
        pw_team_create(comm, PW_LOG_QUIET, &part);
        const resumed all = resume(&team, way & 2, "5", SMALL_FINGERPRINT);
        const resumed some = resume(&part, way & 2, "5", SMALL_FINGERPRINT);
        pw_team_destroy(&part);
        MPI_Comm_free(&comm);
        ALL(&team, all.code == PW_OK && all.resumed && all.right && all.iteration == 5);
        ALL(&team, some.code == PW_OK && some.resumed && some.right && some.iteration == 5);
    }
}

static void nothing_to_resume(void **state)
{
    (void)state;
    remove_all();
    const resumed none = resume(&team, false, "5", SMALL_FINGERPRINT);
    ALL(&team, none.code == PW_OK && !none.resumed);
}

static void killed_between_renames(void **state)
{
    (void)state;
    write_two(false);
    if (team.rank == 0)
        unlink(folder_file("c"));
    const resumed outcome = resume(&team, false, "5", SMALL_FINGERPRINT);
    ALL(&team, outcome.code == PW_OK && outcome.resumed && outcome.right && outcome.iteration == 4);
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
    const double value = small_W(SMALL_M - 1, SMALL_K - 1);
    replace_bytes(path, &value, sizeof value, 1);
}

static void flip_entry_of_H(const char *path)
{
    const double value = small_H(0, 1);
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
            DAMAGES[d](folder_file("c"));
        pw_agree(&team, PW_OK);
        const resumed older = resume(&team, true, "5", SMALL_FINGERPRINT);
        ALL(&team, older.code == PW_OK && older.resumed && older.right && older.iteration == 4);
        ALL(&team,
            access(folder_file("c"), F_OK) != 0 && access(folder_file("c.damaged"), F_OK) == 0);

        write_two(true);
        if (team.rank == 0) {
            DAMAGES[d](folder_file("c"));
            DAMAGES[d](folder_file("c.prev"));
        }
        pw_agree(&team, PW_OK);
        const resumed none = resume(&team, false, "5", SMALL_FINGERPRINT);
        ALL(&team, none.code == PW_ERROR_CHECKPOINT && !none.resumed);
        ALL(&team, strstr(pw_failure(), "neither") != NULL);
        ALL(&team, access(folder_file("c"), F_OK) == 0);
    }
}

static void other_runs_are_refused(void **state)
{
    (void)state;
    write_two(false);
    const resumed seed = resume(&team, false, "6", SMALL_FINGERPRINT);
    ALL(&team, seed.code == PW_ERROR_CHECKPOINT);
    ALL(&team, strstr(pw_failure(), "option seed is '5', here it is '6'") != NULL);
    const resumed input = resume(&team, false, "5", 1);
    ALL(&team, input.code == PW_ERROR_CHECKPOINT);
    ALL(&team, strstr(pw_failure(), "'V.h5:/X'") != NULL);
}

/* ---- factors from a file ---- */

/* W and H with `bad` at a place of H, as f32. */
static void write_factors(int64_t rows, float bad)
{
    pw_writer *writer = NULL;
    float w[(SMALL_M + 1) * SMALL_K], h[SMALL_K * SMALL_N];
    for (int i = 0; i < (SMALL_M + 1) * SMALL_K; i++)
        w[i] = 0.5f;
    for (int i = 0; i < SMALL_K * SMALL_N; i++)
        h[i] = i == 2 * SMALL_N + 4 || i == 2 * SMALL_N + 5 ? bad : 2;
    const bool root = team.rank == 0;
    pw_writer_create(&team, folder_file("start.h5"), 1000, &writer);
    pw_writer_rows(writer, "/W", (pw_part){.total = rows, .count = root ? rows : 0}, SMALL_K,
                   PW_F32, w);
    pw_writer_rows(writer, "/H", (pw_part){.total = SMALL_K, .count = root ? SMALL_K : 0}, SMALL_N,
                   PW_F32, h);
    assert_int_equal(pw_writer_commit(&writer, false), PW_OK);
}

static pw_code start_from(const char *path, bool transposed, double *first)
{
    pw_matrix V = small_V(&team, transposed, false);
    pw_model model;
    pw_model_create(&team, &V, SMALL_K, &model);
    const pw_code code = pw_initialise_file(&team, &V, path, &model);
    *first = model.replicated[V.cols * SMALL_K - 1];
    pw_model_destroy(&model);
    pw_matrix_destroy(&V);
    return code;
}

static void factors_from_a_file(void **state)
{
    (void)state;
    double last;
    for (int transposed = 0; transposed < 2; transposed++) {
        write_factors(SMALL_M, 4);
        assert_int_equal(start_from(folder_file("start.h5"), transposed, &last), PW_OK);
        ALL(&team, last == (transposed ? 0.5 : 4));
        write_factors(SMALL_M + 1, 4);
        assert_int_equal(start_from(folder_file("start.h5"), transposed, &last), PW_ERROR_INPUT);
        ALL(&team, strstr(pw_failure(), "'/W' is 12 × 3 where m × k is 11 × 3") != NULL);
        write_factors(SMALL_M, -4);
        assert_int_equal(start_from(folder_file("start.h5"), transposed, &last), PW_ERROR_INPUT);
        ALL(&team, strstr(pw_failure(), "'/H' is -4 at row 2, column 4") != NULL);
        write_factors(SMALL_M, NAN);
        assert_int_equal(start_from(folder_file("start.h5"), transposed, &last), PW_ERROR_INPUT);
        assert_int_equal(start_from(folder_file("none.h5"), transposed, &last), PW_ERROR_INPUT);
    }
}

/* ---- all ---- */

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resumed_on_any_ranks),   cmocka_unit_test(nothing_to_resume),
        cmocka_unit_test(killed_between_renames), cmocka_unit_test(damaged_ones_are_refused),
        cmocka_unit_test(other_runs_are_refused), cmocka_unit_test(factors_from_a_file),
    };
    ranks_begin(&argc, &argv, &team);
    team.log = pw_log_to(NULL, PW_LOG_QUIET); /* warnings are expected */
    folder_make(&team);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    folder_remove(&team);
    ranks_end(&team);
    return failed;
}
