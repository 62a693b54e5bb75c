/* An orthonormal basis of the columns of a tall matrix whose rows lie on all ranks. */
#ifndef PW_DECOMPOSE_ORTHONORMAL_H
#define PW_DECOMPOSE_ORTHONORMAL_H

#include "dist/team.h"

#include <stdint.h>

/* Collective over team. X = Q R with the contract of pw_qr_rows: X (`count` × k, row-major without gaps, any count on each rank,
 * at least k rows over all) becomes this rank's rows of Q, R (k × k, may be NULL on all ranks) is the same on every rank, with
 * a diagonal that is not negative. By the Cholesky factor of XᵀX, twice (Yamamoto et al. 2015, ETNA 44:306), where the
 * columns of X, scaled to one length, have a condition below about 10⁷; by Householder reflections where they have not.
 * Two reductions of k² numbers, 6 k² flops for each row, and no copy of X in the first case. Errors: those of pw_qr_rows. */
pw_code pw_orthonormalise(pw_team *team, int64_t count, int k, double *X, double *R);

#endif
