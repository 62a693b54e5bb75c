/* Where the time went. */
#ifndef PW_COMMAND_TIMINGS_H
#define PW_COMMAND_TIMINGS_H

#include "dist/team.h"

/* Collective over team. The table of phases: seconds min / mean / max over ranks, GF/s, GB/s, and the share of
 * communication in the iteration. */
void pw_report_timings(pw_team *team);

#endif
