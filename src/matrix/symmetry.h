/* Is V = Vᵀ? */
#ifndef PW_MATRIX_SYMMETRY_H
#define PW_MATRIX_SYMMETRY_H

#include "matrix/matrix.h"

/* Collective over team. PW_ERROR_INPUT names the shape, or the first pair of entries (by row, then column) that
 * differ. V is held by rows. Takes 16 bytes a row on every rank. */
pw_code pw_matrix_check_symmetric(pw_team *team, const pw_matrix *V);

#endif
