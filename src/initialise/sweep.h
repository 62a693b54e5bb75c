/* Products with V as first factors need them: in double, each in a pass of its own, of V as the fit sees it (weighted,
 * resampled). Used within initialise/ only. V has no missing entries. */
#ifndef PW_INITIALISE_SWEEP_H
#define PW_INITIALISE_SWEEP_H

#include "matrix/products.h"

/* Points into itself: it stays where it was created. */
typedef struct pw_start_sweep {
    pw_team *team;
    const pw_matrix *V;
    pw_matrix plain; /* V without its resampling */
    int K;
    pw_source source;
    pw_workspace workspace;
    pw_products products;
    double *drawn; /* a tile of the resample; NULL: V is none */
} pw_start_sweep;

/* Collective over team. Products with V (borrowed) and K columns. Destroy it, also after a failure. */
pw_code pw_start_sweep_create(pw_team *team, const pw_matrix *V, int K, pw_start_sweep *sweep);
void pw_start_sweep_destroy(pw_start_sweep *sweep);

/* Local. R (V->count × K) = V H, H V->cols × K. */
void pw_start_times_h(pw_start_sweep *sweep, const double *H, double *R);

/* Collective over team. P (V->cols × K) = Vᵀ W, summed over the ranks' rows; W V->count × K. */
void pw_start_times_w(pw_start_sweep *sweep, const double *W, double *P);

#endif
