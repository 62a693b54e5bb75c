#include "base/timer.h"

#include <time.h>

double pw_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

const char *pw_phase_text(pw_phase phase)
{
    static const char *const TEXTS[] = {
#define PHASE_TEXT(name, text) text,
        PW_PHASES(PHASE_TEXT)
#undef PHASE_TEXT
    };
    return TEXTS[phase];
}

double pw_timer_add(pw_timer *timer, pw_phase phase, double start, double flops, double bytes)
{
    const double now = pw_seconds();
    timer->seconds[phase] += now - start;
    timer->flops[phase] += flops;
    timer->bytes[phase] += bytes;
    return now;
}

void pw_timer_merge(pw_timer *timer, const pw_timer *other)
{
    for (int p = 0; p < PW_PHASE_COUNT; p++) {
        timer->seconds[p] += other->seconds[p];
        timer->flops[p] += other->flops[p];
        timer->bytes[p] += other->bytes[p];
    }
}
