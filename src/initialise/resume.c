/* Taking up a checkpoint: FILE, else FILE.prev. */
#include "initialise/initialise.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "initialise/resume.h"
#include "store/place.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What became of one file. */
typedef enum verdict { ABSENT, SOUND, DAMAGED, REFUSED } verdict;

/* ---- one file ---- */

/* Collective. One of several, unless it had not begun. */
static pw_code take_one(const pw_wanted *w, pw_reader *reader, int64_t i)
{
    pw_model *model = &w->model[i];
    char group[PW_PLACE];
    pw_place_of_model(i, group);
    int there = pw_reader_kind(reader, group) == PW_OBJECT_GROUP;
    pw_broadcast(w->team, &there, sizeof there, 0);
    pw_code code = PW_OK;
    if (!there)
        return PW_OK;
    PW_TRY(pw_model_allocate(w->team, w->V, w->options, model->k, model->seed, model));
    PW_TRY(pw_resume_model(w, reader, group, model));
    if (model->finished)
        pw_model_drop_momentum(model);
done:
    return code;
}

static pw_code take_several(const pw_wanted *w, pw_reader *reader)
{
    pw_code code = PW_OK;
    if (w->team->rank == 0 &&
        pw_reader_attribute_doubles(reader, "/state", "seconds", 1, w->seconds) != 1)
        code = pw_resume_damaged(reader, "the state of the run is incomplete");
    PW_TRY(pw_agree(w->team, code));
    pw_broadcast(w->team, w->seconds, sizeof *w->seconds, 0);
    for (int64_t i = 0; i < w->models; i++)
        PW_TRY(take_one(w, reader, i));
done:
    for (int64_t i = 0; code != PW_OK && i < w->models; i++) { /* as if nothing had been there */
        const pw_model empty = {.k = w->model[i].k, .seed = w->model[i].seed};
        pw_model_destroy(&w->model[i]);
        w->model[i] = empty;
    }
    return code;
}

/* With one model its end is judged anew: what decides on it may differ from the command before. */
static pw_code take_lone(const pw_wanted *w, pw_reader *reader)
{
    const pw_code code = pw_resume_model(w, reader, "/", w->model);
    w->model->reason = PW_REASON_NONE;
    w->model->finished = false;
    *w->seconds = w->model->seconds;
    return code;
}

/* Collective. PW_ERROR_INPUT: damaged; PW_ERROR_CHECKPOINT: of another run. */
static pw_code take(const pw_wanted *w, const char *path)
{
    pw_reader *reader = NULL;
    pw_code code = w->team->rank == 0 ? pw_reader_open(path, &reader) : PW_OK;
    if (code == PW_OK && reader)
        code = pw_resume_check_identity(reader, w);
    PW_TRY(pw_agree(w->team, code));
    PW_TRY(pw_agree(w->team, reader ? PW_OK : pw_reader_open(path, &reader)));
    code = w->models == 1 ? take_lone(w, reader) : take_several(w, reader);
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

static verdict judge(const pw_wanted *w, const char *path, pw_code *code)
{
    *code = PW_OK;
    if (!is_there(w->team, path))
        return ABSENT;
    *code = take(w, path);
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

static pw_code resume(const pw_wanted *w, const char *path, const paths *names, bool *resumed)
{
    pw_code code;
    const verdict first = judge(w, path, &code);
    *resumed = first == SOUND;
    if (first == SOUND || first == REFUSED)
        return code;
    if (first == DAMAGED)
        pw_log_warn(&w->team->log, "%s", pw_failure());
    const verdict second = judge(w, names->previous, &code);
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

/* ---- a run ---- */

static void tell(const pw_wanted *w)
{
    int64_t finished = 0, running = 0;
    for (int64_t i = 0; i < w->models; i++) {
        finished += w->model[i].finished;
        running += !w->model[i].finished && w->model[i].distributed;
    }
    if (w->models == 1)
        pw_log_say(&w->team->log, "resumed from %s at iteration %lld", w->options->checkpoint,
                   (long long)w->model->iteration);
    else
        pw_log_say(
            &w->team->log, "resumed from %s: models_finished = %lld  running = %lld  of %lld",
            w->options->checkpoint, (long long)finished, (long long)running, (long long)w->models);
}

static pw_code check_fixed(const pw_wanted *w)
{
    pw_code code = PW_OK;
    for (int64_t i = 0; i < w->models; i++)
        if (w->model[i].distributed && !w->model[i].finished)
            PW_TRY(pw_initialise_fixed(w->team, w->V, w->options, true, &w->model[i]));
done:
    return code;
}

pw_code pw_initialise_resume(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                             const pw_options *options, pw_model *model, int64_t models,
                             pw_resumed *resumed)
{
    *resumed = (pw_resumed){.any = false};
    pw_wanted w = {.team = team,
                   .V = V,
                   .options = options,
                   .model = model,
                   .models = models,
                   .seconds = &resumed->seconds};
    paths names = {.previous = NULL};
    pw_code code = PW_OK;
    if (!options->checkpoint)
        return PW_OK;
    snprintf(w.fingerprint, sizeof w.fingerprint, "%016" PRIx64, summary->fingerprint);
    PW_TRY(pw_agree(team, name_paths(options->checkpoint, &names)));
    PW_TRY(resume(&w, options->checkpoint, &names, &resumed->any));
    if (!resumed->any)
        goto done;
    tell(&w);
    code = check_fixed(&w);
done:
    free(names.previous);
    free(names.damaged);
    return code;
}
