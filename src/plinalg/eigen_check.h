/* Private to plinalg/: do eigenvalues and eigenvectors belong to A? ScaLAPACK can return info = 0 with zeros. Shapes as in
 * pw_eigen_symmetric. */
#ifndef PW_PLINALG_EIGEN_CHECK_H
#define PW_PLINALG_EIGEN_CHECK_H

#include "dist/layout.h"
#include "dist/team.h"

/* What eigenvalues keep: their sum, and the sum of their squares. */
typedef struct pw_eigen_sums {
    double scale;          /* largest |entry| of A; the others are of A / scale */
    double trace, squares; /* of the diagonal; of all entries */
} pw_eigen_sums;

/* Collective over team. Errors: PW_ERROR_INTERNAL where A is not finite. */
pw_code pw_eigen_sums_of(pw_team *team, const pw_layout *layout, const double *A,
                         pw_eigen_sums *sums);

/* Local, the same on all ranks. Errors: PW_ERROR_INTERNAL. */
pw_code pw_eigen_check_values(const pw_eigen_sums *sums, int64_t n, const double *values);

/* Collective over team. A few of the vectors: A v = w v, and all are orthogonal to them. Errors: PW_ERROR_INTERNAL,
 * PW_ERROR_MEMORY; agreed. */
pw_code pw_eigen_check_vectors(pw_team *team, const pw_layout *layout, const pw_eigen_sums *sums,
                               const double *A, const double *values, const double *vectors);

#endif
