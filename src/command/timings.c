#include "command/timings.h"

#include "dist/timings.h"

#include <stdio.h>

/* "12.3", or "-" where there was nothing to rate. */
static void rate_text(double work, double seconds, char text[static 16])
{
    if (work > 0 && seconds > 0)
        snprintf(text, 16, "%.2f", 1e-9 * work / seconds);
    else
        snprintf(text, 16, "-");
}

static void report_row(pw_team *team, const char *name, const pw_timing *t)
{
    char flops[16], bytes[16];
    rate_text(t->flops, t->mean, flops);
    rate_text(t->bytes, t->mean, bytes);
    pw_log_say(&team->log, "%-18s %10.4f %10.4f %10.4f %8s %8s", name, t->min, t->mean, t->max,
               flops, bytes);
}

/* Whether a phase is part of an iteration. */
static bool iterates(int phase)
{
    return phase >= PW_PHASE_GRAM && phase <= PW_PHASE_OBJECTIVE;
}

static void add(pw_timing *sum, const pw_timing *t)
{
    sum->min += t->min;
    sum->mean += t->mean;
    sum->max += t->max;
    sum->flops += t->flops;
    sum->bytes += t->bytes;
}

void pw_report_timings(pw_team *team)
{
    pw_timing timings[PW_PHASE_COUNT], all = {.min = 0};
    pw_timings_reduce(team, timings);
    pw_log_say(&team->log, "%-18s %10s %10s %10s %8s %8s", "phase [s]", "min", "mean", "max",
               "GF/s", "GB/s");
    for (int p = 0; p < PW_PHASE_COUNT; p++) {
        if (timings[p].max > 0)
            report_row(team, pw_phase_text((pw_phase)p), &timings[p]);
        if (iterates(p))
            add(&all, &timings[p]);
    }
    report_row(team, "all iterations", &all);
    if (all.mean > 0)
        pw_log_say(&team->log, "share of communication = %.1f %%",
                   100 * timings[PW_PHASE_REDUCE].mean / all.mean);
}
