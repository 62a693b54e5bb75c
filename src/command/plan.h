/* Plans: what an iteration is predicted to cost. */
#ifndef PW_COMMAND_PLAN_H
#define PW_COMMAND_PLAN_H

#include "command/job.h"

/* Collective over team, once V is read. Prints on standard output what its fit is predicted to cost on the team and on
 * more ranks. */
void pw_plan_tell(const pw_job *job);

#endif
