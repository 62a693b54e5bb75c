/* W and H out of an HDF5 file, whole or their first components: each rank reads its own rows and its share of the
 * replicated factor. Used within initialise/ only. */
#ifndef PW_INITIALISE_FACTORS_H
#define PW_INITIALISE_FACTORS_H

#include "matrix/factors.h"
#include "store/reader.h"

/* Names of the two data sets. */
typedef struct pw_factor_names {
    const char *W, *H;
} pw_factor_names;

/* Local. Whether they are there as m × k and k × n numbers; PW_ERROR_INPUT tells what is there instead. */
pw_code pw_factors_check(pw_reader *reader, pw_factor_names names, const pw_matrix *V, int k);

/* Local. Fills this rank's parts of W and H from them. */
pw_code pw_factors_read(const pw_team *team, pw_reader *reader, pw_factor_names names,
                        const pw_matrix *V, pw_model *model);

/* Local. How many components, 1 to k, the factor `name` ("/W", "/H") of the file gives for V; PW_ERROR_INPUT where
 * its shape is another than m × c, c × n. */
pw_code pw_factor_components(pw_reader *reader, const char *name, const pw_matrix *V, int k,
                             int *components);

/* Collective over team. Fills the first `components` components of this rank's part of the factor `name`, which has
 * so many in the file, and multiplies /scale back in where that was taken out of it (docs/result.md).
 * PW_ERROR_INPUT tells where an entry is negative or not finite, or /scale not as it should be. */
pw_code pw_factor_take(pw_team *team, pw_reader *reader, const char *name, pw_factor_part part,
                       int k, int components);

/* Local. The biases in a group that has them, into a model that has room for them: `offset`, and this rank's parts of
 * row_bias and column_bias. */
pw_code pw_biases_read(const pw_team *team, pw_reader *reader, const char *group,
                       const pw_matrix *V, pw_model *model);

#endif
