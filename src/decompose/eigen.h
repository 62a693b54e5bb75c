/* Leading eigenvectors of a symmetric V, as it is weighted. */
#ifndef PW_DECOMPOSE_EIGEN_H
#define PW_DECOMPOSE_EIGEN_H

#include "matrix/matrix.h"

typedef struct pw_eigen_request {
    int k;            /* wanted, the algebraically largest; at most n */
    bool dense;       /* all eigenvalues, by ScaLAPACK, from a dense copy of V */
    double tolerance; /* of ‖V x − θ x‖, relative to the largest |θ| that is seen */
    int64_t most_sweeps;
    uint64_t seed;
} pw_eigen_request;

typedef struct pw_eigen {
    int k;
    double *values;  /* k, descending; owned */
    double *vectors; /* n × k, row-major, orthonormal columns, the same on every rank; owned */
    double residual; /* the largest of ‖V x − θ x‖, measured */
    int64_t sweeps;
    bool good;
} pw_eigen;

/* Collective over team. V is borrowed, symmetric and held by rows. Destroy the result in any case. Errors: memory. By the
 * block Krylov space of V (krylov.h), or by pdsyevd. */
pw_code pw_eigen_find(pw_team *team, const pw_matrix *V, const pw_eigen_request *request,
                      pw_eigen *eigen);

/* Local. NULL-safe. */
void pw_eigen_destroy(pw_eigen *eigen);

/* Local. Bytes that it takes on this rank, beside V. */
int64_t pw_eigen_bytes(const pw_matrix *V, const pw_eigen_request *request);

#endif
