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

void pw_report_timings(pw_team *team)
{
    pw_timing timings[PW_PHASE_COUNT];
    double iterating = 0;
    pw_timings_reduce(team, timings);
    pw_log_say(&team->log, "%-18s %10s %10s %10s %8s %8s", "phase [s]", "min", "mean", "max",
               "GF/s", "GB/s");
    for (int p = 0; p < PW_PHASE_COUNT; p++) {
        const pw_timing *t = &timings[p];
        char flops[16], bytes[16];
        if (t->max <= 0)
            continue;
        if (p >= PW_PHASE_GRAM && p <= PW_PHASE_OBJECTIVE)
            iterating += t->mean;
        rate_text(t->flops, t->mean, flops);
        rate_text(t->bytes, t->mean, bytes);
        pw_log_say(&team->log, "%-18s %10.4f %10.4f %10.4f %8s %8s", pw_phase_text((pw_phase)p),
                   t->min, t->mean, t->max, flops, bytes);
    }
    if (iterating > 0)
        pw_log_say(&team->log, "share of communication = %.1f %%",
                   100 * timings[PW_PHASE_REDUCE].mean / iterating);
}
