/* W and H out of an HDF5 file: each rank reads its own rows and its share of the replicated factor. Used within
 * initialise/ only. */
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

#endif
