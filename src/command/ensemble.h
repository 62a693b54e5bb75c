/* Models of one V that are fitted together. */
#ifndef PW_COMMAND_ENSEMBLE_H
#define PW_COMMAND_ENSEMBLE_H

#include "command/job.h"
#include "iterate/meeting.h"

/* Models are fitted k by k, the widest first: those that are left at the end are narrow. Where each restart has a resample
 * of its own they are fitted restart by restart, so that those with the same one go through it together. Afterwards they lie
 * k by k. Restart r of each k begins at the seed of the options + r. */
typedef struct pw_ensemble {
    pw_job *job; /* its options, V and summary; borrowed */
    pw_model *model;
    int64_t models;
    int restarts;
    int64_t together; /* so many models, one behind the other, share what they are fitted to */
    double seconds_before, started; /* spent in earlier, resumed parts; clock */
    pw_meeting *
        meeting; /* with the groups that fit the rest of the models; NULL: there is no rest. Borrowed */
} pw_ensemble;

/* Local. One model for each of `ks` numbers of components `k` (ascending) and each restart, without factors. Destroy it. */
pw_code pw_ensemble_create(pw_job *job, int ks, const int *k, int restarts, pw_ensemble *ensemble);
void pw_ensemble_destroy(pw_ensemble *ensemble);

/* Collective over team. Is there room for the factors of all models, which stay? The iteration checks what it needs beside
 * them. */
pw_code pw_ensemble_check_memory(const pw_ensemble *ensemble);

/* Local. A line of a verbose log about a model that is finished. */
void pw_ensemble_tell(pw_log *log, const pw_model *model);

/* Collective over team. Fits all models from random starts, or from where a checkpoint has them. */
pw_code pw_ensemble_iterate(pw_ensemble *ensemble);

/* Local. Puts the models k by k, those of one k by seed. */
void pw_ensemble_order(pw_ensemble *ensemble);

/* Local. The models of place `index` of the k, and how many of its restarts have begun: they come first. */
pw_model *pw_ensemble_models(const pw_ensemble *ensemble, int index, int *begun);

/* Local. Among `count` models the first with the least objective, or where each is fitted to a resample of its own the least
 * relative error. */
int pw_best_of(const pw_options *options, const pw_model *model, int count);

/* Collective over team. Why the ensemble ended: by a signal or the time limit where they left something to do, else as its
 * first model. */
pw_reason pw_ensemble_reason(const pw_ensemble *ensemble);

#endif
