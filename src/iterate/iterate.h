/* The iteration: from first factors to factors that fit, one sweep over V each time. */
#ifndef PW_ITERATE_ITERATE_H
#define PW_ITERATE_ITERATE_H

#include "matrix/model.h"

/* What the loop calls while it runs. */
typedef struct pw_iterate_hooks {
    /* Collective over team. Writes a checkpoint of the model as it stands; NULL for none. A failure is
     * warned of, and the run goes on. */
    pw_code (*checkpoint)(void *context);
    void *context;
    double checkpoint_every; /* seconds */
} pw_iterate_hooks;

/* Collective over team. Improves model's factors of V until a stopping rule of the options or a signal ends it;
 * model->reason tells which, and its objective, error and projected gradient belong to the factors as
 * they then stand, with the norms that --normalise takes out in model->scale. Continues from model->iteration. Errors: PW_ERROR_MEMORY, on all ranks before the
 * first iteration. */
pw_code pw_iterate(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                   const pw_options *options, const pw_iterate_hooks *hooks, pw_model *model);

/* Local. From now on SIGTERM, SIGINT and SIGUSR1 ask the iteration to stop (they reach some ranks only: the
 * wish travels in the iteration's reduction). */
void pw_signals_catch(void);

/* Local. Whether this rank was asked to stop. */
bool pw_signals_stop_wanted(void);

#endif
