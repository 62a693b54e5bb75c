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

/* The models that there are at a time at least: those of the largest k. */
static pw_code components(const pw_options *options, double *all)
{
    int *ks = NULL, count = 0;
    pw_code code = PW_OK;
    *all = (double)options->k * (double)options->restarts;
    if (options->command == PW_COMMAND_SCAN) {
        code = pw_options_ks(options->ks, &ks, &count);
        *all = code == PW_OK ? (double)ks[count - 1] * (double)options->restarts : 0;
    }
    free(ks);
    return code;
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

/* Collective. What is left of this rank's share for V, and whether V is more on any rank. */
static bool exceeds(pw_team *team, const pw_options *options, const pw_matrix *V, double all,
                    int64_t bytes, int64_t *room)
{
    const double share = (double)pw_memory_per_rank(team, options->memory);
    const double models = pw_models_bytes(options, (double)V->count, (double)V->cols, all, all);
    int64_t more = (double)bytes > share - models;
    *room = (int64_t)((options->memory > 0 ? share : SHARE * share) - models);
    pw_reduce_max_int(team, &more, 1);
    return more;
}

static pw_code refuse(const pw_options *options, const pw_matrix *V, const char *cure)
{
    char text[24];
    return pw_fail(PW_ERROR_MEMORY,
                   "%s: does not fit into --memory %s beside W and H, and is not streamed: %s. Or "
                   "give more --memory, or use more nodes.",
                   V->path, pw_memory_text(options->memory, text), cure);
}

pw_code pw_streaming_plan(pw_team *team, const pw_options *options, const pw_matrix *V,
                          int64_t bytes, pw_streaming *streaming)
{
    const char *cure = obstacle(options);
    double all;
    pw_code code = PW_OK;
    *streaming = (pw_streaming){.stage = options->stage};
    if (!(options->command & (PW_COMMAND_FIT | PW_COMMAND_SCAN)))
        return PW_OK;
    PW_TRY(pw_agree(team, components(options, &all)));
    streaming->wanted = exceeds(team, options, V, all, bytes, &streaming->room);
    if (streaming->wanted && cure && options->memory > 0)
        return refuse(options, V, cure);
    streaming->wanted = streaming->wanted && !cure;
    if (options->stage && !streaming->wanted)
        pw_log_say(&team->log, "note: V fits into memory, and is not copied to --stage.");
done:
    return code;
}

pw_code pw_streaming_refuse(pw_team *team, const pw_options *options, const pw_matrix *V,
                            const char *cure)
{
    int64_t room;
    double all;
    pw_code code = PW_OK;
    if (!(options->command & (PW_COMMAND_FIT | PW_COMMAND_SCAN)) || options->memory == 0)
        return PW_OK;
    PW_TRY(pw_agree(team, components(options, &all)));
    if (exceeds(team, options, V, all, pw_matrix_bytes(V), &room))
        code = refuse(options, V, obstacle(options) ? obstacle(options) : cure);
done:
    return code;
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
        const ssize_t done = pw_fault(PW_FAULT_WRITE)
                                 ? -1
                                 : pwrite(file, next, (size_t)(bytes < 1 << 30 ? bytes : 1 << 30),
                                          (off_t)at);
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
