/* W and H out of an HDF5 file: each rank reads its own rows and its share of the replicated factor. Used within
 * initialise/ only. */
#ifndef PW_INITIALISE_FACTORS_H
#define PW_INITIALISE_FACTORS_H

#include "matrix/factors.h"
#include "store/reader.h"

/* Local. Whether /W and /H are there as m × k and k × n numbers; PW_ERROR_INPUT tells what is there instead. */
pw_code pw_factors_check(pw_reader *reader, const pw_matrix *V, int k);

/* Local. Fills this rank's parts of W and H from /W and /H. */
pw_code pw_factors_read(const pw_team *team, pw_reader *reader, const pw_matrix *V,
                        pw_model *model);

/* Local. Multiplies this rank's part of the factor `name` ("/W", "/H") by /scale where that was taken out of it
 * (docs/result.md). PW_ERROR_INPUT where /scale is no list of k finite numbers that are not negative. */
pw_code pw_factors_scale(pw_reader *reader, const char *name, pw_factor_part part, int k);

#endif
