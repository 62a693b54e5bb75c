/* The iteration: from first factors to factors that fit, one sweep over V each time. */
#ifndef PW_ITERATE_ITERATE_H
#define PW_ITERATE_ITERATE_H

#include "iterate/meeting.h"
#include "matrix/model.h"

/* What the loop calls while it runs; all collective over the team. NULL for what is not wanted. */
typedef struct pw_iterate_hooks {
    /* Writes a checkpoint of the models as they stand. A failure is warned of, and the run goes on. */
    pw_code (*checkpoint)(void *context);

    /* Gives a model its first factors: called before its first iteration. V, of which that is the summary, is what it is
     * fitted to. */
    pw_code (*start)(void *context, const pw_matrix *V, const pw_summary *summary, pw_model *model);

    /* A model is finished. */
    pw_code (*finish)(void *context, pw_model *model);

    pw_meeting *meeting; /* the team is one of its groups; NULL: there are no others */
    void *context;
    double checkpoint_every; /* seconds */
    double seconds_before;   /* that earlier parts of a resumed run took */
} pw_iterate_hooks;

/* Collective over team. Improves the factors of V of all `models` models until a stopping rule of the options or a signal
 * ends each; its `reason` tells which, and its objective, error and projected gradient belong to the
 * factors as they then stand, with the norms that --normalise takes out in its `scale`. Models go through V together, in
 * their order, as many at a time as suits, and each as if it were alone. They
 * continue from model->iteration; those that a signal or the time limit kept from starting have no reason. Errors:
 * PW_ERROR_MEMORY, PW_ERROR_INPUT where the loss cannot take V, those of the hooks. */
pw_code pw_iterate(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                   const pw_options *options, const pw_iterate_hooks *hooks, pw_model *model,
                   int64_t models);

/* Local. How many components of these models go through V at a time at the most. */
int64_t pw_iterate_components(const pw_options *options, const pw_model *model, int64_t models);

/* Local. From now on SIGTERM, SIGINT and SIGUSR1 ask the iteration to stop (they reach some ranks only: the
 * wish travels in the iteration's reduction). */
void pw_signals_catch(void);

/* Local. Whether this rank was asked to stop. */
bool pw_signals_stop_wanted(void);

#endif
