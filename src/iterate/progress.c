#include "iterate/progress.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>

/* Which of the k that were seen so far it is; p->ks where it is new. */
static int place_of(const pw_progress *p, int k)
{
    int place = 0;
    while (place < p->ks && p->k[place] != k)
        place++;
    return place;
}

pw_code pw_progress_create(const pw_model *model, int64_t models, pw_progress *p)
{
    *p = (pw_progress){.models = models, .started = pw_seconds(), .reported = pw_seconds()};
    pw_code code = PW_NEW(p->k, models);
    for (int64_t i = 0; code == PW_OK && i < models; i++)
        if (place_of(p, model[i].k) == p->ks)
            p->k[p->ks++] = model[i].k;
    if (code == PW_OK)
        code = PW_NEW(p->figure, PW_PROGRESS_BEST + p->ks);
    return code;
}

void pw_progress_destroy(pw_progress *p)
{
    free(p->k);
    free(p->figure);
    *p = (pw_progress){.models = 0};
}

void pw_progress_count(const pw_progress *p, const pw_model *model, int64_t models, int running,
                       double *figure)
{
    double *best = figure + PW_PROGRESS_BEST;
    int64_t finished = 0;
    for (int i = 0; i < p->ks; i++)
        best[i] = INFINITY;
    for (int64_t i = 0; i < models; i++) {
        const int at = place_of(p, model[i].k);
        finished += model[i].finished;
        if (model[i].finished && model[i].objective < best[at])
            best[at] = model[i].objective;
    }
    figure[PW_PROGRESS_FINISHED] = (double)finished;
    figure[PW_PROGRESS_RUNNING] = running;
    figure[PW_PROGRESS_WAITING] = (double)(models - finished - running);
}

bool pw_progress_is_due(const pw_progress *p, const pw_log *log, double report_every)
{
    const double since = pw_seconds() - p->reported;
    return log->level >= PW_LOG_VERBOSE ||
           (log->terminal ? since * PW_LIVE_PER_SECOND >= 1 : since >= report_every);
}

void pw_duration_text(double seconds, char text[static 32])
{
    if (seconds < 120)
        snprintf(text, 32, "%.0f s", seconds > 0 ? seconds : 0);
    else if (seconds < 7200)
        snprintf(text, 32, "%.0f min", seconds / 60);
    else
        snprintf(text, 32, "%.1f h", seconds / 3600);
}

/* "2: 1.6e7  3: 1.4e7" */
static void best_text(const pw_progress *p, size_t size, char *text)
{
    const double *best = p->figure + PW_PROGRESS_BEST;
    size_t length = 0;
    text[0] = '\0';
    for (int i = 0; i < p->ks; i++)
        if (best[i] < INFINITY && length < size)
            length += (size_t)snprintf(text + length, size - length, "%s%d: %.6g",
                                       length > 0 ? "  " : "", p->k[i], best[i]);
}

/* As if those that are left took as long as those that are finished. */
static void left_text(const pw_progress *p, double finished, char text[static 32])
{
    const double spent = pw_seconds() - p->started;
    if (finished > 0)
        pw_duration_text(spent / finished * ((double)p->models - finished), text);
    else
        snprintf(text, 32, "unknown");
}

void pw_progress_tell(pw_progress *p, pw_log *log)
{
    const double finished = p->figure[PW_PROGRESS_FINISHED],
                 running = p->figure[PW_PROGRESS_RUNNING];
    char left[32], best[512];
    p->reported = pw_seconds();
    left_text(p, finished, left);
    best_text(p, sizeof best, best);
    if (log->terminal && log->level < PW_LOG_VERBOSE)
        pw_log_live(log, "%.0f of %lld models finished, %.0f running  best %s  about %s left",
                    finished, (long long)p->models, running, best, left);
    else
        pw_log_say(log,
                   "models_finished = %.0f  running = %.0f  waiting = %.0f  best = {%s}  eta = %s",
                   finished, running, p->figure[PW_PROGRESS_WAITING], best, left);
}
