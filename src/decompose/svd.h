/* The truncated singular value decomposition of V, distributed. */
#ifndef PW_DECOMPOSE_SVD_H
#define PW_DECOMPOSE_SVD_H

#include "matrix/matrix.h"

typedef struct pw_svd_request {
    int k;            /* triplets wanted, at most min(m, n) */
    bool center;      /* V less the mean of each of its columns, as the user sees it */
    double tolerance; /* of residuals, relative to the largest singular value */
    int64_t most_sweeps;
    uint64_t seed;
} pw_svd_request;

/* V ≈ U diag(S) Vtᵀ in the orientation in which V is swept: U is V->count × k and Vt V->cols × k, row-major, with orthonormal
 * columns. Of two opposite signs that one is taken in which the largest entry of the user's right vector is positive. */
typedef struct pw_svd {
    int k;
    double *U, *S, *Vt; /* owned */
    double *residual;   /* k: ‖(A v − σ u, Aᵀ u − σ v)‖ / σ_1, measured; owned */
    double total;       /* ‖A‖² in the Frobenius norm */
    double *
        mean; /* V->transposed ? V->count : V->cols: means that were taken out; NULL: none. Owned */
    int64_t sweeps;
    bool exact, good; /* not by iteration; all residuals within the tolerance */
} pw_svd;

/* Collective over team. V is borrowed and may have negative entries; all are finite. `sum_squares` is ‖V‖². Destroy the result
 * in any case. Errors: memory. Few columns: QR of V, and the SVD of R (VᵀV would square the condition). Else by the block Krylov
 * space of VᵀV (krylov.h), whose vectors are then made exact by QR of V times them: the eigenvalues of VᵀV are not used. */
pw_code pw_svd_find(pw_team *team, const pw_matrix *V, double sum_squares,
                    const pw_svd_request *request, pw_svd *svd);

/* Local. ‖A − A_i‖ / ‖A‖ for i = 1 … k: no matrix of rank i is nearer to A (Eckart & Young 1936). What is below about 1e-8 is
 * rounding. */
void pw_svd_errors(const pw_svd *svd, double *error);

/* Local. NULL-safe. */
void pw_svd_destroy(pw_svd *svd);

/* Local. Bytes that it takes on this rank, beside V. */
int64_t pw_svd_bytes(const pw_matrix *V, const pw_svd_request *request);

#endif
