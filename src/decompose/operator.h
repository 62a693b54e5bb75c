/* V as a linear map, for decompositions: A = scale · V − a bᵀ, rows × cols as V is swept. Vectors of V's columns are the same on
 * every rank, vectors of its rows lie where the rows lie; several vectors stand side by side, row-major. */
#ifndef PW_DECOMPOSE_OPERATOR_H
#define PW_DECOMPOSE_OPERATOR_H

#include "matrix/products.h"

typedef struct pw_operator {
    pw_team *team;
    const pw_matrix *V;
    int width;    /* most vectors at a time */
    double scale; /* of A, a power of two: 1 unless it is set before the first product */
    double *a;    /* V->count, owned; NULL: A is V */
    double *b;    /* V->cols, owned */
    double *dot;  /* width: bᵀ X, then aᵀ Y */
    pw_source source;
    pw_workspace workspace;
    pw_products products;
    double *zeros;  /* cols × width, for products that take no X */
    int64_t sweeps; /* over V so far */
} pw_operator;

/* Collective over team. Products are made in double. V and team are borrowed; `op` must stay where it is. Destroy it in any
 * case. */
pw_code pw_operator_create(pw_team *team, const pw_matrix *V, int width, pw_operator *op);
void pw_operator_destroy(pw_operator *op);

/* Collective over team. Makes A of V what has mean 0 in each column of V as the user sees it (principal components). */
pw_code pw_operator_center(pw_operator *op);

/* Collective over team. ‖A‖² in the Frobenius norm, of a centred map: entry by entry, as ‖V‖² less that of the means cancels. */
double pw_operator_square(pw_operator *op);

/* Collective over team. In one sweep Y (count × width) = A X, X cols × width, and Z (cols × width) = Aᵀ Y, unless Z is NULL. */
void pw_operator_apply(pw_operator *op, const double *X, double *Y, double *Z);

/* Collective over team. Z (cols × width) = Aᵀ Y. */
void pw_operator_apply_transposed(pw_operator *op, const double *Y, double *Z);

#endif
