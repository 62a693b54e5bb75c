/* The least error that any approximation of a rank has, beside that of a model. */
#ifndef PW_COMMAND_BOUND_H
#define PW_COMMAND_BOUND_H

#include "command/job.h"

/* Collective over the job's team. Finds, where --svd-bound asks for it, relative errors of the best approximations of V, as
 * the iteration sees it, of ranks 1 … k: they become job->bound and that of the result. */
pw_code pw_bound_find(pw_job *job, int k);

/* Local. A model's relative error as a multiple of the least one of its k; NaN where that is 0 up to rounding. */
double pw_bound_ratio(const pw_job *job, int k, double relative_error);

#endif
