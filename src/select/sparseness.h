/* How sparse the components of a factor are (Hoyer 2004, J. Mach. Learn. Res. 5:1457). */
#ifndef PW_SELECT_SPARSENESS_H
#define PW_SELECT_SPARSENESS_H

#include "matrix/factors.h"

/* Collective over team. The mean over the k components of a factor ≥ 0 of (√l − |x|₁ / |x|₂) / (√l − 1), l being their
 * length: 0 where all entries of a component are the same, 1 where only one is not 0. Components that are zero
 * everywhere do not count; NaN where none is left, or l = 1. `part`: pw_factor_W for columns of W, pw_factor_H for rows
 * of H. Errors: PW_ERROR_MEMORY. */
pw_code pw_sparseness(pw_team *team, const pw_factor_part *part, int k, double *sparseness);

#endif
