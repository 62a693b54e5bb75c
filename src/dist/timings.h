/* The timers of all ranks, phase by phase. */
#ifndef PW_DIST_TIMINGS_H
#define PW_DIST_TIMINGS_H

#include "dist/team.h"

typedef struct pw_timing {
    double min, mean, max; /* seconds over the ranks */
    double flops, bytes;   /* over all ranks together */
} pw_timing;

/* Collective over team. One row a phase, the same on every rank. */
void pw_timings_reduce(pw_team *team, pw_timing timings[static PW_PHASE_COUNT]);

#endif
