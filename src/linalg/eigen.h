/* Decompositions of small matrices, which LAPACK does, row-major. */
#ifndef PW_LINALG_EIGEN_H
#define PW_LINALG_EIGEN_H

#include "base/status.h"

/* Local. A = S diag(values) Sᵀ for A symmetric, n × n with leading dimension n: A becomes S, whose columns are the
 * eigenvectors, the values descend. PW_ERROR_MEMORY, or PW_ERROR_INTERNAL where LAPACK fails, as it does where A is not finite. */
pw_code pw_eigen_small(int n, double *A, double *values);

/* Local. A = U diag(values) Vt for A n × n, which is lost; U and Vt are n × n, the values descend. Errors as above. */
pw_code pw_svd_small(int n, double *A, double *values, double *U, double *Vt);

#endif
