/* The observed entries of V one by one, and what a model leaves of them: for methods that change one component of the
 * factors after the other, so that R = V − model can follow (rank-one schemes).
 *
 * A component is x yᵀ: x belongs to this rank's rows, y to all columns of V; a NULL x is all ones. */
#ifndef PW_MATRIX_OBSERVED_H
#define PW_MATRIX_OBSERVED_H

#include "matrix/model.h"
#include "matrix/source.h"

typedef struct pw_observed {
    const pw_matrix *V;         /* borrowed */
    bool held_out;              /* these, and not those that the fit sees */
    int64_t rows, count;        /* of this rank */
    const int64_t *row_pointer; /* rows + 1, from 0 */
    const uint32_t *column;     /* count */
    double *R;                  /* count */
    int64_t *own_pointer; /* the two above, where V has no such lists: it is dense, or stores */
    uint32_t *own_column; /* entries that are missing; else NULL */
} pw_observed;

/* Local. Looks for the observed entries of this rank's part of V: those that the fit sees, or those held out. Destroy
 * them. */
pw_code pw_observed_find(const pw_matrix *V, bool held_out, pw_observed *entries);
void pw_observed_destroy(pw_observed *entries);

/* Local. Bytes that pw_observed_allocate takes. */
int64_t pw_observed_bytes(const pw_observed *entries);
pw_code pw_observed_allocate(pw_observed *entries);

/* Local. R = V − model for rows from … to - 1. */
void pw_observed_subtract_model(pw_observed *entries, const pw_model *model, int64_t from,
                                int64_t to);

/* Local. R = V, and Σ (r − model)² then. */
void pw_observed_read(pw_observed *entries, int64_t from, int64_t to);
double pw_observed_squared_error(const pw_observed *entries, const pw_model *model, int64_t from,
                                 int64_t to);

/* x of a component: that of row i is at x[i * step]. */
typedef struct pw_component {
    const double *x;
    int64_t step;
} pw_component;

/* Local. What follows is for rows from … to - 1; y and dy have V->cols elements, N, D and dx to - from.
 *
 * R −= x dyᵀ */
void pw_observed_shift_columns(pw_observed *entries, int64_t from, int64_t to, pw_component x,
                               const double *dy);

/* R −= dx yᵀ */
void pw_observed_shift_rows(pw_observed *entries, int64_t from, int64_t to, const double *dx,
                            const double *y);

/* N_i = Σ_j (r_ij + x_i y_j) y_j,  D_i = Σ_j y_j², over the observed entries of each row */
void pw_observed_row_sums(const pw_observed *entries, int64_t from, int64_t to, pw_component x,
                          const double *y, double *N, double *D);

/* sums[2j] += Σ_i r_ij x_i,  sums[2j + 1] += Σ_i x_i², over those of each column */
void pw_observed_column_sums(const pw_observed *entries, int64_t from, int64_t to, pw_component x,
                             double *sums);

/* *sum += Σ r,  *squares += Σ r² */
void pw_observed_add_up(const pw_observed *entries, int64_t from, int64_t to, double *sum,
                        double *squares);

#endif
