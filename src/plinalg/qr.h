/* The QR factorisation of a tall matrix whose rows lie on all ranks, by Householder reflections (ScaLAPACK). */
#ifndef PW_PLINALG_QR_H
#define PW_PLINALG_QR_H

#include "dist/team.h"

#include <stdint.h>

/* Collective over team. X: `count` rows of this rank (0 allowed, then X may be NULL) of a tall matrix, row-major without
 * gaps, k columns, finite; over all ranks at least k rows. X = Q R: X becomes this rank's rows of Q, whose columns are
 * orthonormal to working precision whatever X is; R (k × k, row-major, may be NULL on all ranks) the same on every rank,
 * upper triangular with a diagonal that is not negative. Where X has full rank there is one such Q; where it has not, the
 * columns of Q beyond the span of X are any that complete it, and differ between numbers of ranks.
 * Memory: two copies of X. Flops: 4 k² for each row. For matrices of good condition pw_orthonormalise is cheaper.
 * Errors: PW_ERROR_INTERNAL (fewer than k rows; ScaLAPACK's result is none), PW_ERROR_MEMORY (also what ScaLAPACK
 * cannot address); agreed. X and R are lost after an error. */
pw_code pw_qr_rows(pw_team *team, int64_t count, int k, double *X, double *R);

#endif
