/* All eigenvalues and eigenvectors of a dense symmetric matrix that lies on all ranks (ScaLAPACK). */
#ifndef PW_PLINALG_EIGEN_H
#define PW_PLINALG_EIGEN_H

#include "dist/layout.h"
#include "dist/team.h"

/* Collective over team. A: this rank's rows by `layout` (any blocks, of the team's size; n = layout->total) of a symmetric
 * n × n matrix, count × n, row-major, finite; only read. `values`: the n eigenvalues, ascending, the same on every rank.
 * `vectors`: this rank's rows of the matrix whose column j is the eigenvector of value j, of length 1 and any sign, count
 * × n, row-major; NULL on all ranks for values only. Divide and conquer (Tisseur & Dongarra 1999, SIAM J. Sci. Comput.
 * 20:2223); values alone by QL. Memory: about five times this rank's share of A. Flops: from 4/3 n³ (values) to 9 n³.
 * Errors: PW_ERROR_INTERNAL (A is not finite or not symmetric; ScaLAPACK's result does not belong to A), PW_ERROR_MEMORY
 * (also what ScaLAPACK cannot address); agreed. */
pw_code pw_eigen_symmetric(pw_team *team, const pw_layout *layout, const double *A, double *values,
                           double *vectors);

#endif
