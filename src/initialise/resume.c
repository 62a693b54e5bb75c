/* Taking up a checkpoint. Rank 0 reads what is small and decides whether it is whole and of this run; then every
 * rank reads its part of the factors, and all compare the checksum. */
#include "initialise/initialise.h"

#include "base/memory.h"
#include "base/methods.h"
#include "dist/collective.h"
#include "initialise/factors.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WORDS = 24 };

static const pw_factor_names FACTORS = {"/W", "/H"}, MOMENTUM = {"/state/W", "/state/H"};

/* What a checkpoint is held against. */
typedef struct wanted {
    pw_team *team;
    const pw_matrix *V;
    const pw_options *options;
    char fingerprint[WORDS];
} wanted;

/* What became of one file. */
typedef enum verdict { ABSENT, SOUND, DAMAGED, REFUSED } verdict;

/* ---- of this run? (rank 0) ---- */

/* The options of identity while those of the file are read. */
typedef struct identity {
    pw_reader *reader;
    uint64_t sum;                       /* of those in the file */
    char difference[PW_FAILURE_LENGTH]; /* the first that has another value here; "": none */
} identity;

static const char CURE[] = "Use the command of that run, or another --checkpoint, or remove that "
                           "file and its .prev to start anew";

static pw_code compare_option(void *context, const char *name, const char *value, bool counts)
{
    identity *found = context;
    if (!counts)
        return PW_OK;
    char *there = pw_reader_attribute_text(found->reader, "/options", name);
    if (there)
        found->sum += pw_text_checksum(name, there);
    if (!found->difference[0] && (!there || strcmp(there, value) != 0))
        snprintf(found->difference, sizeof found->difference,
                 "is the checkpoint of another run: its option %s is '%s', here it is '%s'. %s.",
                 name, there ? there : "unknown", value, CURE);
    free(there);
    return PW_OK;
}

static bool checksum_is(pw_reader *reader, const char *attribute, uint64_t sum)
{
    char expected[WORDS];
    char *there = pw_reader_attribute_text(reader, "/state", attribute);
    snprintf(expected, sizeof expected, "%016" PRIx64, sum);
    const bool same = there && strcmp(there, expected) == 0;
    free(there);
    return same;
}

static pw_code damaged(pw_reader *reader, const char *what)
{
    return pw_fail(PW_ERROR_INPUT, "%s: is damaged: %s.", pw_reader_path(reader), what);
}

static pw_code other_input(pw_reader *reader, const wanted *w)
{
    char *path = pw_reader_attribute_text(reader, "/provenance", "input");
    const pw_code code = pw_fail(
        PW_ERROR_CHECKPOINT,
        "%s: is the checkpoint of another run: its input was '%s' with other entries than "
        "'%s' has. %s.",
        pw_reader_path(reader), path ? path : "unknown", w->V->path ? w->V->path : "V", CURE);
    free(path);
    return code;
}

/* PW_ERROR_INPUT: damaged; PW_ERROR_CHECKPOINT: of another run. */
static pw_code check_identity(pw_reader *reader, const wanted *w)
{
    identity found = {.reader = reader};
    char *kind = pw_reader_attribute_text(reader, "/", "partwise");
    char *fingerprint = pw_reader_attribute_text(reader, "/provenance", "input_fingerprint");
    pw_code code = PW_OK;
    if (!kind || strcmp(kind, "checkpoint") != 0 || !fingerprint)
        PW_TRY(
            pw_fail(PW_ERROR_INPUT, "%s: is no checkpoint of partwise.", pw_reader_path(reader)));
    pw_options_visit(w->options, compare_option, &found);
    found.sum += pw_text_checksum("input_fingerprint", fingerprint);
    if (!checksum_is(reader, "identity_checksum", found.sum))
        PW_TRY(damaged(reader, "the checksum of its options is wrong"));
    if (found.difference[0])
        PW_TRY(pw_fail(PW_ERROR_CHECKPOINT, "%s: %s", pw_reader_path(reader), found.difference));
    if (strcmp(fingerprint, w->fingerprint) != 0)
        code = other_input(reader, w);
done:
    free(kind);
    free(fingerprint);
    return code;
}

/* ---- state and history (rank 0) ---- */

static bool read_double(pw_reader *reader, const char *group, const char *attribute, double *value)
{
    return pw_reader_attribute_doubles(reader, group, attribute, 1, value) == 1;
}

static pw_code read_state(pw_reader *reader, const pw_options *options, pw_model *model)
{
    int64_t revived = 0;
    const bool whole =
        pw_reader_attribute_ints(reader, "/state", "revived", 1, &revived) == 1 &&
        pw_reader_attribute_ints(reader, "/state", "iteration", 1, &model->iteration) == 1 &&
        read_double(reader, "/state", "seconds", &model->seconds) &&
        read_double(reader, "/state", "first_residual", &model->first_residual) &&
        read_double(reader, "/state", "alpha", &model->alpha) &&
        read_double(reader, "/", "objective", &model->objective) &&
        read_double(reader, "/", "relative_error", &model->relative_error) &&
        read_double(reader, "/", "projected_gradient", &model->projected_gradient) &&
        (!(options->holdout > 0) ||
         read_double(reader, "/", "holdout_error", &model->holdout_error));
    model->revived = revived != 0;
    return whole ? pw_reader_range(reader, "/state/revivals", 0, model->k, PW_I64, model->revivals)
                 : damaged(reader, "the state of the run is incomplete");
}

/* Of a run that extrapolated; whether this one does is decided. */
static pw_code read_momentum(pw_reader *reader, const pw_matrix *V, pw_model *model)
{
    pw_momentum *m = &model->momentum;
    if (!m->distributed || !pw_reader_has_attribute(reader, "/state", "beta"))
        return PW_OK;
    const bool whole = read_double(reader, "/state", "beta", &m->beta) &&
                       read_double(reader, "/state", "last_beta", &m->last) &&
                       read_double(reader, "/state", "most_beta", &m->most);
    return whole ? pw_factors_check(reader, MOMENTUM, V, model->k)
                 : damaged(reader, "its momentum is incomplete");
}

/* Penalties that the run chose. */
static pw_code read_penalties(pw_reader *reader, const pw_options *options, pw_model *model)
{
    if (options->method != PW_METHOD_ccd)
        return PW_OK;
    return read_double(reader, "/", "l2_w", &model->l2_w) &&
                   read_double(reader, "/", "l2_h", &model->l2_h)
               ? PW_OK
               : damaged(reader, "its penalties are missing");
}

/* One column of the history into a field of its rows. */
static pw_code read_column(pw_reader *reader, const char *name, pw_history *history, size_t offset,
                           double *buffer)
{
    const pw_code code = pw_reader_range(reader, name, 0, history->count, PW_F64, buffer);
    for (int64_t i = 0; code == PW_OK && i < history->count; i++)
        memcpy((char *)&history->row[i] + offset, &buffer[i], sizeof *buffer);
    return code;
}

/* `most`: what a run of so many iterations can have. The last column is there only where entries are held out. */
static pw_code read_history(pw_reader *reader, const pw_options *options, int64_t most,
                            pw_history *history)
{
    static const struct {
        const char *name;
        size_t offset;
    } COLUMNS[] = {
        {"/history/seconds", offsetof(pw_history_row, seconds)},
        {"/history/objective", offsetof(pw_history_row, objective)},
        {"/history/relative_error", offsetof(pw_history_row, relative_error)},
        {"/history/projected_gradient", offsetof(pw_history_row, projected_gradient)},
        {"/history/holdout_error", offsetof(pw_history_row, holdout_error)},
    };
    pw_dataset found;
    int64_t *iteration = NULL;
    double *buffer = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_reader_describe(reader, "/history/iteration", &found));
    if (found.dimensions != 1 || found.extent[0] > most)
        PW_TRY(damaged(reader, "its history is no list of its iterations"));
    PW_TRY(PW_GROW(history->row, &history->capacity, found.extent[0]));
    history->count = found.extent[0];
    PW_TRY(PW_NEW(iteration, history->count));
    PW_TRY(PW_NEW(buffer, history->count));
    PW_TRY(pw_reader_range(reader, "/history/iteration", 0, history->count, PW_I64, iteration));
    for (int64_t i = 0; i < history->count; i++)
        history->row[i] = (pw_history_row){.iteration = iteration[i]};
    const size_t columns = sizeof COLUMNS / sizeof *COLUMNS - (options->holdout > 0 ? 0 : 1);
    for (size_t c = 0; c < columns; c++)
        PW_TRY(read_column(reader, COLUMNS[c].name, history, COLUMNS[c].offset, buffer));
done:
    free(iteration);
    free(buffer);
    return code;
}

/* Collective. What rank 0 read to all. */
static pw_code share_state(pw_team *team, pw_model *model)
{
    pw_history *history = &model->history;
    pw_momentum *momentum = &model->momentum;
    double numbers[] = {model->seconds,
                        model->first_residual,
                        model->objective,
                        model->relative_error,
                        model->projected_gradient,
                        momentum->beta,
                        momentum->last,
                        momentum->most,
                        model->alpha,
                        model->holdout_error,
                        model->l2_w,
                        model->l2_h};
    int64_t counts[] = {model->iteration, history->count, model->revived};
    pw_broadcast(team, numbers, sizeof numbers, 0);
    pw_broadcast(team, counts, sizeof counts, 0);
    pw_broadcast(team, model->revivals, model->k * (int64_t)sizeof *model->revivals, 0);
    model->seconds = numbers[0];
    model->first_residual = numbers[1];
    model->objective = numbers[2];
    model->relative_error = numbers[3];
    model->projected_gradient = numbers[4];
    momentum->beta = numbers[5];
    momentum->last = numbers[6];
    momentum->most = numbers[7];
    model->alpha = numbers[8];
    model->holdout_error = numbers[9];
    model->l2_w = numbers[10];
    model->l2_h = numbers[11];
    model->iteration = counts[0];
    model->revived = counts[2] != 0;
    const pw_code code = pw_agree(team, PW_GROW(history->row, &history->capacity, counts[1]));
    if (code != PW_OK)
        return code;
    history->count = counts[1];
    pw_broadcast(team, history->row, history->count * (int64_t)sizeof *history->row, 0);
    return PW_OK;
}

/* ---- one file ---- */

/* Rank 0. */
static pw_code read_head(pw_reader *reader, const wanted *w, pw_model *model)
{
    pw_code code = PW_OK;
    PW_TRY(check_identity(reader, w));
    PW_TRY(read_state(reader, w->options, model));
    PW_TRY(read_history(reader, w->options, 2 * model->iteration + 2, &model->history));
    PW_TRY(pw_factors_check(reader, FACTORS, w->V, model->k));
    PW_TRY(read_momentum(reader, w->V, model));
    PW_TRY(read_penalties(reader, w->options, model));
done:
    return code;
}

/* Collective. Rank 0's reader holds the file open. */
static pw_code check_whole(const wanted *w, pw_reader *reader, const pw_model *model)
{
    const uint64_t sum = pw_model_checksum(w->team, w->V, model);
    pw_code code = PW_OK;
    if (w->team->rank == 0 && !checksum_is(reader, "checksum", sum))
        code = damaged(reader, "the checksum of its factors is wrong");
    return pw_agree(w->team, code);
}

/* Forgets the history of an attempt before: its room must be the same on every rank. */
static void clear_history(pw_history *history)
{
    free(history->row);
    *history = (pw_history){.row = NULL};
}

/* Collective. PW_ERROR_INPUT: damaged; PW_ERROR_CHECKPOINT: of another run. */
static pw_code take(const wanted *w, const char *path, pw_model *model)
{
    pw_reader *reader = NULL;
    pw_model momentum = pw_momentum_factors(model), bias = pw_bias_vectors(model);
    clear_history(&model->history);
    pw_code code = w->team->rank == 0 ? pw_reader_open(path, &reader) : PW_OK;
    if (code == PW_OK && reader)
        code = read_head(reader, w, model);
    PW_TRY(pw_agree(w->team, code));
    PW_TRY(share_state(w->team, model));
    if (!reader)
        code = pw_reader_open(path, &reader);
    if (code == PW_OK)
        code = pw_factors_read(w->team, reader, FACTORS, w->V, model);
    if (code == PW_OK && momentum.distributed && model->momentum.beta > 0)
        code = pw_factors_read(w->team, reader, MOMENTUM, w->V, &momentum);
    if (code == PW_OK)
        code = pw_biases_read(w->team, reader, w->V, model);
    PW_TRY(pw_agree(w->team, code));
    PW_TRY(check_whole(w, reader, model));
    pw_factors_replicate(w->team, w->V, model);
    if (momentum.distributed)
        pw_factors_replicate(w->team, w->V, &momentum);
    if (bias.distributed)
        pw_factors_replicate(w->team, w->V, &bias);
done:
    pw_reader_close(&reader);
    return code;
}

/* Collective. */
static bool is_there(pw_team *team, const char *path)
{
    int there = team->rank == 0 && access(path, F_OK) == 0;
    MPI_Bcast(&there, 1, MPI_INT, 0, team->comm);
    return there;
}

static verdict judge(const wanted *w, const char *path, pw_model *model, pw_code *code)
{
    *code = PW_OK;
    if (!is_there(w->team, path))
        return ABSENT;
    *code = take(w, path, model);
    return *code == PW_OK ? SOUND : *code == PW_ERROR_INPUT ? DAMAGED : REFUSED;
}

/* ---- FILE, else FILE.prev ---- */

typedef struct paths {
    char *previous, *damaged;
} paths;

static pw_code name_paths(const char *path, paths *names)
{
    const size_t size = strlen(path) + sizeof ".damaged";
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(names->previous, (int64_t)size));
    PW_TRY(PW_NEW(names->damaged, (int64_t)size));
    snprintf(names->previous, size, "%s.prev", path);
    snprintf(names->damaged, size, "%s.damaged", path);
done:
    return code;
}

/* The damaged file makes way, or the next checkpoint would push it into the place of the sound one. */
static void set_aside(pw_team *team, const char *path, const paths *names)
{
    if (team->rank != 0)
        return;
    const bool moved = rename(path, names->damaged) == 0;
    pw_log_warn(&team->log, "%s: resuming from %s instead%s%s.", path, names->previous,
                moved ? "; the damaged one is kept as " : "", moved ? names->damaged : "");
}

static pw_code both_unusable(const char *path, verdict first, pw_code code)
{
    char reason[PW_FAILURE_LENGTH];
    if (code != PW_ERROR_INPUT)
        return code;
    snprintf(reason, sizeof reason, "%.600s", pw_failure());
    return pw_fail(PW_ERROR_CHECKPOINT,
                   "%s: cannot resume, neither from it%s nor from its .prev (%s). Remove both to "
                   "start anew, or choose another --checkpoint.",
                   path, first == ABSENT ? " (it is missing)" : "", reason);
}

static pw_code resume(const wanted *w, const char *path, const paths *names, pw_model *model,
                      bool *resumed)
{
    pw_code code;
    const verdict first = judge(w, path, model, &code);
    *resumed = first == SOUND;
    if (first == SOUND || first == REFUSED)
        return code;
    if (first == DAMAGED)
        pw_log_warn(&w->team->log, "%s", pw_failure());
    const verdict second = judge(w, names->previous, model, &code);
    *resumed = second == SOUND;
    if (second == SOUND && first == DAMAGED)
        set_aside(w->team, path, names);
    if (second == ABSENT && first == DAMAGED)
        return pw_fail(PW_ERROR_CHECKPOINT,
                       "%s: cannot be resumed from, and there is no .prev beside it. Remove it to "
                       "start anew, or choose another --checkpoint.",
                       path);
    return second == SOUND || second == ABSENT ? PW_OK : both_unusable(path, first, code);
}

pw_code pw_initialise_resume(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                             const pw_options *options, pw_model *model, bool *resumed)
{
    wanted w = {.team = team, .V = V, .options = options};
    paths names = {.previous = NULL};
    pw_code code = PW_OK;
    *resumed = false;
    snprintf(w.fingerprint, sizeof w.fingerprint, "%016" PRIx64, summary->fingerprint);
    PW_TRY(pw_agree(team, name_paths(options->checkpoint, &names)));
    code = resume(&w, options->checkpoint, &names, model, resumed);
done:
    free(names.previous);
    free(names.damaged);
    return code;
}
