#include "command/parts.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "iterate/iterate.h"
#include "matrix/feed.h"

#include <math.h>
#include <stdio.h>

static const double SHARE = 0.8; /* of what is free: the consensus needs some, too */

/* What models take on the rank with the most rows. */
typedef struct need {
    const pw_options *options;
    double rows, columns; /* of V as it is swept, on that rank */
    int restarts;
} need;

static double bytes_of(const need *n, const int *k, int first, int end)
{
    double all = 0;
    for (int i = first; i < end; i++)
        all += (double)k[i] * n->restarts;
    const double at_once = fmin(all, fmax(k[end - 1], PW_MOST_SIDE_BY_SIDE));
    return pw_models_bytes(n->options, n->rows, n->columns, all, at_once,
                           pw_most_sums_per_entry(n->options, k + first, end - first));
}

static pw_code too_small(const pw_job *job, int k, double needed, double room)
{
    char needed_text[24], room_text[24];
    return pw_fail(PW_ERROR_MEMORY,
                   "%s: no room for %lld models with k = %d: a rank would have to hold %s, and its "
                   "share of %s is %s. Use more nodes or fewer --restarts%s.",
                   job->V.path, (long long)job->options->restarts, k,
                   pw_memory_text((int64_t)fmin(needed, 9e18), needed_text),
                   job->options->memory > 0 ? "--memory" : "what is free",
                   pw_memory_text((int64_t)room, room_text),
                   job->options->memory > 0 ? ", or give more --memory" : "");
}

/* From the widest on, as many k as fit. */
static pw_code divide(const pw_job *job, const need *n, double room, int ks, const int *k,
                      pw_parts *parts)
{
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(parts->begin, ks + 1));
    int end = ks;
    parts->begin[0] = ks;
    while (end > 0) {
        int first = end - 1;
        if (bytes_of(n, k, first, end) > room)
            return too_small(job, k[first], bytes_of(n, k, first, end), room);
        while (first > 0 && bytes_of(n, k, first - 1, end) <= room)
            first--;
        parts->begin[++parts->count] = end = first;
    }
done:
    return code;
}

static pw_code check(const pw_options *o, const pw_parts *parts)
{
    const char *option = o->checkpoint ? "checkpoint" : o->groups > 1 ? "groups" : NULL;
    if (parts->count == 1 || !option)
        return PW_OK;
    return pw_fail(
        PW_ERROR_USAGE,
        "--%s: needs the models of all k at once, for which --memory is too little. Give "
        "more, or scan fewer k at a time.",
        option);
}

static int64_t held_of_V(const pw_matrix *V)
{
    return V->feed ? pw_feed_held(V->feed) : pw_matrix_bytes(V);
}

pw_code pw_parts_plan(const pw_job *job, int ks, const int *k, pw_parts *parts)
{
    const pw_options *o = job->options;
    int64_t most[] = {job->V.count, held_of_V(&job->V)};
    *parts = (pw_parts){.count = 0};
    pw_reduce_max_int(job->team, most, 2);
    const bool whole = o->memory == 0 && (o->checkpoint || o->groups > 1);
    const double share = (double)pw_memory_per_rank(job->team, o->memory);
    const double room = whole ? INFINITY : o->memory > 0 ? share - (double)most[1] : SHARE * share;
    const need n = {o, (double)most[0], (double)job->V.cols, (int)o->restarts};
    pw_code code = divide(job, &n, room, ks, k, parts);
    if (code == PW_OK)
        code = check(o, parts);
    return pw_agree(job->team, code);
}

void pw_parts_destroy(pw_parts *parts)
{
    free(parts->begin);
    *parts = (pw_parts){.count = 0};
}

const char *pw_parts_text(const pw_parts *parts, const int *k, int part, char text[static 64])
{
    snprintf(text, 64, "part %d of %d: k = %d … %d", part + 1, parts->count,
             k[parts->begin[part + 1]], k[parts->begin[part] - 1]);
    return text;
}
