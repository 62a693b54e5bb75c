#define _GNU_SOURCE /* mkostemp */
#include "read/streaming.h"

#include "base/fault.h"
#include "base/memory.h"
#include "base/methods.h"
#include "dist/collective.h"
#include "matrix/model.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const double SHARE = 0.8; /* of what is free, where V is streamed */

/* ---- whether ---- */

/* Components of the models that there are at a time: at least, and best; and the most that is summed up for an entry of H. */
typedef struct demand {
    double least, all, sums;
} demand;

/* A scan may go by parts, but not below the models of its largest k. */
static pw_code find_demand(const pw_options *options, demand *d)
{
    int *ks = NULL, count = 0;
    d->least = d->all = (double)options->k * (double)options->restarts;
    d->sums = pw_sums_per_entry(options, (double)options->k);
    if (options->command != PW_COMMAND_SCAN)
        return PW_OK;
    const pw_code code = pw_options_ks(options->ks, &ks, &count);
    d->least = d->all = 0;
    for (int i = 0; code == PW_OK && i < count; i++)
        d->all += d->least = (double)ks[i] * (double)options->restarts;
    d->sums = pw_most_sums_per_entry(options, ks, count);
    free(ks);
    return code;
}

static double bytes_of_models(const pw_options *options, const pw_matrix *V, double components,
                              double sums)
{
    const double k = options->command == PW_COMMAND_SCAN ? 0 : (double)options->k;
    return pw_models_bytes(options, (double)V->count, (double)V->cols, components,
                           fmin(components, fmax(k, PW_MOST_SIDE_BY_SIDE)), sums);
}

/* What options say if nothing is extrapolated. Borrows their texts. */
static pw_options without_copies(const pw_options *options)
{
    pw_options lean = *options;
    lean.extrapolate = PW_PRESENT_NO;
    return lean;
}

bool pw_streaming_forgoes_copies(pw_team *team, const pw_options *options, const pw_matrix *V)
{
    if (options->command != PW_COMMAND_FIT || options->memory == 0 ||
        options->extrapolate != PW_PRESENT_YES)
        return false;
    const pw_options lean = without_copies(options);
    const double share = (double)pw_memory_per_rank(team, options->memory);
    const double components = (double)options->k * (double)options->restarts;
    const double sums = pw_sums_per_entry(options, (double)options->k);
    int64_t exceeds[2] = {bytes_of_models(options, V, components, sums) > share,
                          bytes_of_models(&lean, V, components, sums) > share};
    pw_reduce_max_int(team, exceeds, 2);
    return exceeds[0] && !exceeds[1];
}

/* Why V has to be in memory, and the cure; NULL where it need not. */
static const char *obstacle(const pw_options *options)
{
    if (options->method == PW_METHOD_ccd)
        return "--method ccd keeps a number for each of its entries: take another method";
    if (options->method == PW_METHOD_spa || options->init == PW_INIT_SPA)
        return "spa looks at single rows again and again: take another method or start";
    if (options->mask)
        return "a --mask is held in memory beside it: mark what is missing in V (--missing)";
    return NULL;
}

/* How V stands to this rank's share of the memory. */
typedef struct standing {
    bool models_exceed; /* by themselves, on any rank */
    bool V_exceeds;     /* beside the models, on any rank */
    int64_t
        room; /* for V, where it is streamed: the models of a scan get up to half, so that it takes fewer parts */
} standing;

/* Collective. */
static pw_code find_standing(pw_team *team, const pw_options *options, const pw_matrix *V,
                             int64_t bytes, standing *s)
{
    const pw_options lean = without_copies(options);
    if (pw_streaming_forgoes_copies(team, options, V))
        options = &lean;
    demand d;
    const pw_code code = pw_agree(team, find_demand(options, &d));
    if (code != PW_OK)
        return code;
    const double share = (double)pw_memory_per_rank(team, options->memory);
    const double usable = options->memory > 0 ? share : SHARE * share;
    const double least = bytes_of_models(options, V, d.least, d.sums);
    double models = fmin(bytes_of_models(options, V, d.all, d.sums), fmax(least, 0.5 * usable));
    pw_reduce_max(team, &models, 1); /* parts of a scan are planned for all ranks alike */
    int64_t exceeds[2] = {least > share, (double)bytes > share - least};
    pw_reduce_max_int(team, exceeds, 2);
    *s = (standing){
        .models_exceed = exceeds[0], .V_exceeds = exceeds[1], .room = (int64_t)(usable - models)};
    return PW_OK;
}

static pw_code refuse(const pw_options *options, const pw_matrix *V, const char *cure)
{
    char text[24];
    return pw_fail(PW_ERROR_MEMORY,
                   "%s: does not fit into --memory %s beside W and H, and is not streamed: %s. Or "
                   "give more --memory, or use more nodes.",
                   V->path, pw_memory_text(options->memory, text), cure);
}

static pw_code refuse_models(const pw_options *options, const pw_matrix *V)
{
    char text[24];
    return pw_fail(PW_ERROR_MEMORY,
                   "%s: --memory %s is too little for W, H and the sums for H alone. Give more, or "
                   "use more nodes.",
                   V->path, pw_memory_text(options->memory, text));
}

/* What does not fit though it is not V is for others to refuse, who know more of it. */
static bool concerns(const pw_options *options, const standing *s)
{
    return s->V_exceeds && !(s->models_exceed && options->command == PW_COMMAND_SCAN);
}

pw_code pw_streaming_plan(pw_team *team, const pw_options *options, const pw_matrix *V,
                          int64_t bytes, pw_streaming *streaming)
{
    const char *cure = obstacle(options);
    standing s;
    pw_code code = PW_OK;
    *streaming = (pw_streaming){.stage = options->stage, .bytes = bytes};
    if (!(options->command & (PW_COMMAND_FIT | PW_COMMAND_SCAN)))
        return PW_OK;
    PW_TRY(find_standing(team, options, V, bytes, &s));
    streaming->room = s.room;
    streaming->wanted = concerns(options, &s);
    if (streaming->wanted && options->memory > 0 && (s.models_exceed || cure))
        return s.models_exceed ? refuse_models(options, V) : refuse(options, V, cure);
    streaming->wanted = streaming->wanted && !cure && !s.models_exceed;
    if (options->stage && !streaming->wanted)
        pw_log_say(&team->log, "note: V fits into memory, and is not copied to --stage.");
done:
    return code;
}

pw_code pw_streaming_refuse(pw_team *team, const pw_options *options, const pw_matrix *V,
                            const char *cure)
{
    standing s;
    pw_code code = PW_OK;
    if (!(options->command & (PW_COMMAND_FIT | PW_COMMAND_SCAN)) || options->memory == 0)
        return PW_OK;
    PW_TRY(find_standing(team, options, V, pw_matrix_bytes(V), &s));
    if (concerns(options, &s))
        code = s.models_exceed ? refuse_models(options, V)
                               : refuse(options, V, obstacle(options) ? obstacle(options) : cure);
done:
    return code;
}

pw_code pw_streaming_fail(const pw_streaming *streaming, const pw_matrix *V, const char *what,
                          const char *why, const char *cure)
{
    char bytes[24], room[24];
    return pw_fail(PW_ERROR_MEMORY,
                   "%s: takes %s of a rank, where %s are free for it, and cannot be streamed as it "
                   "stands: %s %s. Use more nodes, %s.",
                   V->path, pw_memory_text(streaming->bytes, bytes),
                   pw_memory_text(streaming->room > 0 ? streaming->room : 0, room), what, why,
                   cure);
}

/* ---- staging ---- */

static pw_code stage_failed(const char *directory, int failure)
{
    return pw_fail(PW_ERROR_OUTPUT, "--stage %s: %s. Choose a directory with room for V.",
                   directory, strerror(failure));
}

pw_code pw_stage_open(const char *directory, int64_t bytes, int *file)
{
    static const char NAME[] = "/partwise-XXXXXX";
    char *path;
    pw_code code = PW_NEW(path, (int64_t)(strlen(directory) + sizeof NAME));
    if (code != PW_OK)
        return code;
    strcpy(path, directory);
    strcat(path, NAME);
    *file = pw_fault(PW_FAULT_OPEN) ? -1 : mkostemp(path, O_CLOEXEC);
    if (*file < 0)
        code = stage_failed(directory, errno);
    else
        unlink(path);
    free(path);
    const int failure = code == PW_OK && bytes > 0 ? posix_fallocate(*file, 0, bytes) : 0;
    if (failure) {
        close(*file);
        *file = -1;
        code = stage_failed(directory, failure);
    }
    return code;
}

pw_code pw_stage_write(const char *directory, int file, int64_t at, const void *from, int64_t bytes)
{
    const char *next = from;
    while (bytes > 0) {
        const ssize_t done =
            pw_fault(PW_FAULT_WRITE)
                ? -1
                : pwrite(file, next, (size_t)(bytes < 1 << 30 ? bytes : 1 << 30), (off_t)at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return stage_failed(directory, errno);
        next += done;
        at += done;
        bytes -= done;
    }
    return PW_OK;
}
