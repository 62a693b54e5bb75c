/* V as a linear map: A = scale · V − a bᵀ, rows × cols as V is swept and read, weighted or as a resample. Vectors of V's columns
 * are the same on every rank, vectors of its rows lie where the rows lie; several vectors stand side by side, row-major. V has no
 * missing entries. */
#ifndef PW_DECOMPOSE_OPERATOR_H
#define PW_DECOMPOSE_OPERATOR_H

#include "matrix/products.h"

/* Points into itself: it stays where it was created. */
typedef struct pw_operator {
    pw_team *team;
    const pw_matrix *V;
    pw_matrix plain; /* V without its resampling */
    int width;       /* vectors at a time */
    double scale;    /* of A, a power of two: 1 unless it is set before the first product */
    double *a;       /* V->count, owned; NULL: A is V */
    double *b;       /* V->cols, owned */
    double *dot;     /* width: bᵀ X, then aᵀ Y */
    pw_source source;
    pw_workspace workspace;
    pw_products products;
    double *drawn;  /* a tile of the resample; NULL: V is none */
    int64_t sweeps; /* over V so far */
} pw_operator;

/* Collective over team. Products are made in double. V and team are borrowed. Destroy it in any case. */
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

/* Collective over team. B (count × cols) = A: this rank's rows, dense. Errors: memory. */
pw_code pw_operator_dense(pw_operator *op, double *B);

/* Local. Columns `first` … of X (rows × k) as a block Y (rows × block), 0 beyond the last one. Returns how many they are. */
int pw_block_take(int64_t rows, int k, const double *X, int first, int block, double *Y);

/* Local. The other way: the first `count` columns of Y to their place in X. */
void pw_block_put(int64_t rows, int block, const double *Y, int count, int64_t ldx, double *X);

#endif
