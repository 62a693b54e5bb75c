/* An earlier result that new data are transformed by. */
#ifndef PW_INITIALISE_EARLIER_H
#define PW_INITIALISE_EARLIER_H

#include "base/options.h"
#include "matrix/matrix.h"

/* Collective over team. The options of the fit that a transform amounts to: k, loss, method and penalties are those that
 * options->model was made with, and its other factor is given. PW_ERROR_INPUT where it is no model. Destroy `fit` in
 * any case. */
pw_code pw_earlier_options(pw_team *team, const pw_options *options, pw_options *fit);

/* Collective over team. Whether V has the columns (with --side h the rows) of options->model: as many, and, where both have
 * names, by the same names in the same order; else PW_ERROR_INPUT names the first difference. */
pw_code pw_earlier_check(pw_team *team, const pw_options *options, const pw_matrix *V);

/* Collective over team. Gives V the weights of its columns (with --side h of its rows) that stand in options->model,
 * where it was made with such; else V stays as it is. `fit` is what pw_earlier_options made. */
pw_code pw_earlier_weights(pw_team *team, const pw_options *options, const pw_options *fit,
                           pw_matrix *V);

#endif
