/* The first factors. */
#ifndef PW_INITIALISE_INITIALISE_H
#define PW_INITIALISE_INITIALISE_H

#include "matrix/model.h"

/* Collective over team. Fills model's factors as the options say: from a file, else at random; with the given
 * components. Errors: those below. */
pw_code pw_initialise(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                      const pw_options *options, pw_model *model);

/* Local. Uniform random factors with the mean of V, keyed by (model->seed, row, component). */
void pw_initialise_random(const pw_matrix *V, const pw_summary *summary, pw_model *model);

/* Collective over team. /W and /H of a result, with /scale multiplied back in, or any HDF5 file with these two
 * data sets; refuses other shapes, negative and non-finite entries. */
pw_code pw_initialise_file(pw_team *team, const pw_matrix *V, const char *path, pw_model *model);

/* Collective over team. The first components of W and H out of the files of --fix-w and --fix-h; sets model->fixed_w
 * and fixed_h. Where the run is `resumed` they must be those that are there, else PW_ERROR_CHECKPOINT. */
pw_code pw_initialise_fixed(pw_team *team, const pw_matrix *V, const pw_options *options,
                            bool resumed, pw_model *model);

/* Collective over team. The model in a result of fit, whole: factors, with the scale that was taken out of them, and biases. V
 * says how it is dealt; PW_ERROR_INPUT where it has another shape. Destroy the model in any case. */
pw_code pw_initialise_model(pw_team *team, const pw_matrix *V, const char *path, pw_model *model);

/* What was taken up. */
typedef struct pw_resumed {
    bool any;       /* there was a checkpoint */
    double seconds; /* that the run has taken so far */
} pw_resumed;

/* Collective over team. Takes up the checkpoint of the options where it or its .prev is a sound one. One model is allocated
 * by the caller; of several, which are not, those that had begun are allocated. A damaged checkpoint is refused with a
 * warning and .prev taken; both damaged, or one of another run (options of identity, input fingerprint), is
 * PW_ERROR_CHECKPOINT. */
pw_code pw_initialise_resume(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                             const pw_options *options, pw_model *model, int64_t models,
                             pw_resumed *resumed);

#endif
