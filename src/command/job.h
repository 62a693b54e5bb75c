/* What commands that find factors do, step by step; they put the steps together. */
#ifndef PW_COMMAND_JOB_H
#define PW_COMMAND_JOB_H

#include "write/write.h"

typedef struct pw_job {
    pw_team *team;
    const pw_options *options; /* of a fit */
    pw_options lean; /* the same without extrapolation, where --memory has no room for that */
    pw_matrix V;
    pw_summary summary;
    pw_model *model; /* the lone one, or the best of the restarts */
    pw_model lone;
    pw_model *restart; /* restarts of them, the best first; owned */
    int64_t restarts;
    pw_result result; /* borrows the above */
    bool saved;       /* a checkpoint of this run exists */
    double *
        bound; /* k: relative errors of the best approximations (bound.h); NULL: not asked for. Owned */
} pw_job;

/* Local. Starts a job: everything is borrowed, `job` must stay where it is. Destroy it. */
void pw_job_create(pw_team *team, const pw_options *options, pw_job *job);

/* Local. NULL-safe. */
void pw_job_destroy(pw_job *job);

/* Collective over team. The steps, in this order. */
pw_code pw_job_check_outputs(pw_job *job);
pw_code pw_job_read(pw_job *job);
pw_code pw_job_allocate(pw_job *job);
pw_code pw_job_summarise(pw_job *job);
pw_code pw_job_weigh(pw_job *job);
pw_code pw_job_initialise(pw_job *job);
pw_code pw_job_iterate(pw_job *job);
pw_code pw_job_write(pw_job *job);
void pw_job_report(pw_job *job);

/* Local. What the program ends with after all steps: PW_OK, or how a signal stopped it. */
pw_code pw_job_outcome(const pw_job *job);

#endif
