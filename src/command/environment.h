/* On what a run runs. */
#ifndef PW_COMMAND_ENVIRONMENT_H
#define PW_COMMAND_ENVIRONMENT_H

#include "dist/team.h"

/* Collective over team. Says how many ranks × threads on how many hosts and which BLAS kernel; warns when there
 * are more threads than cores, or BLAS runs less than the CPU can do. */
void pw_report_environment(pw_team *team);

#endif
