/* The first factors. */
#ifndef PW_INITIALISE_INITIALISE_H
#define PW_INITIALISE_INITIALISE_H

#include "matrix/model.h"

/* Collective over team. Fills model's factors as the options say: from a file, by --init or for a method that selects;
 * with the given components. V is what the model is fitted to, weighted or a resample. Errors: those below. */
pw_code pw_initialise(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                      const pw_options *options, pw_model *model);

/* What a value of --init stands for. Collective over team. Fills both factors; zeros are seen to by pw_initialise. */
typedef pw_code (*pw_start)(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                            const pw_options *options, pw_model *model);

/* Local. Uniform random factors with the mean of V, keyed by (model->seed, row, component). */
void pw_initialise_random(const pw_matrix *V, const pw_summary *summary, pw_model *model);

/* Local. The same for one of them. */
void pw_initialise_random_factor(const pw_matrix *V, const pw_summary *summary, bool replicated,
                                 pw_model *model);

/* Collective over team. One factor made of rows or columns of V (anchors.h), the other its non-negative least squares.
 * PW_ERROR_INPUT where all of V is made of fewer than k of them. */
pw_code pw_initialise_spa(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                          const pw_options *options, pw_model *model);

/* Collective over team. From singular vectors, in the way that options->init tells. PW_ERROR_USAGE where V has fewer of them
 * than k. */
pw_code pw_initialise_nndsvd(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                             const pw_options *options, pw_model *model);

/* Collective over team. The same factor for a method that selects it: as given components, with model->anchors; the other one
 * is random. */
pw_code pw_initialise_selected(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                               const pw_options *options, pw_model *model);

/* Collective over team. The replicated factor, or the distributed one, becomes the exact solution of ½‖V − WH‖² given the
 * other one, without penalties. */
pw_code pw_initialise_solve(pw_team *team, const pw_matrix *V, bool replicated, pw_model *model);

/* Collective over team. Zeros, which multiplicative updates cannot leave and of which some losses are infinite, become a
 * hundredth of the mean of their component in that factor (of the whole factor, where the component is zero). */
void pw_initialise_positive(pw_team *team, const pw_matrix *V, pw_model *model);

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
