/* What the steps of a singular value decomposition share. Within decompose/ only. */
#ifndef PW_DECOMPOSE_SVD_WORK_H
#define PW_DECOMPOSE_SVD_WORK_H

#include "decompose/operator.h"
#include "decompose/svd.h"

typedef struct pw_svd_work {
    pw_team *team;
    const pw_matrix *V;
    const pw_svd_request *request;
    pw_svd *svd;
    pw_operator op;
    int block, most;
    double *B; /* count × most: A times the basis */
    double *Y; /* count × block */
} pw_svd_work;

/* Collective over team. B = [B A X] from column `first` on, `count` columns, and Z = Aᵀ A X unless Z is NULL; as a
 * pw_krylov_map wants it. */
void pw_svd_apply(void *work, int first, int count, const double *X, double *Z);

/* Collective over team. The first q columns of B are A Q, Q cols × q with leading dimension ldq, NULL for the identity. Finds U, S and
 * Vt of A in the span of Q. B is lost. */
pw_code pw_svd_finish(pw_svd_work *work, int q, const double *Q, int ldq);

/* Collective over team. Subspace iteration from U on, with orthonormal vectors between A and Aᵀ, so that small singular values
 * come out of it, too. */
pw_code pw_svd_refine(pw_svd_work *work);

/* Collective over team. Turns triplets so that the largest entry of the user's right vector is positive. */
pw_code pw_svd_turn(pw_svd_work *work);

/* Collective over team. Residuals, and whether they are within the tolerance. */
pw_code pw_svd_measure(pw_svd_work *work);

#endif
