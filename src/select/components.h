/* The components of several models of one V: how alike they are, and what they are on average. */
#ifndef PW_SELECT_COMPONENTS_H
#define PW_SELECT_COMPONENTS_H

#include "matrix/factors.h"
#include "select/stability.h"

/* Columns of W or rows of H of several models. Borrows all. */
typedef struct pw_components {
    const pw_matrix *V;           /* its shape and layout; all models have them */
    const pw_model *const *model; /* `restarts` models with `k` components each */
    int restarts, k;
    bool of_h;
} pw_components;

/* Local. This rank's rows of the components of one restart, k wide. */
pw_factor_part pw_components_part(const pw_team *team, const pw_components *components,
                                  int restart);

/* Collective over team. The cosines ((restarts · k)², component c of restart r at r · k + c) of all components with all,
 * the same on every rank, for the caller to free; 0 for components that are zero everywhere, 1 for all others with
 * themselves. Costs this rank rows · (restarts · k)² multiplications and a sum over ranks of (restarts · k)² numbers.
 * Errors: PW_ERROR_MEMORY. */
pw_code pw_components_cosines(pw_team *team, const pw_components *components, double **cosines);

/* Collective over team. pw_stability_find on all of them. Destroy the outcome, which is the same on every rank. Memory
 * for a while: (restarts · k)² + restarts · k² numbers. Errors: PW_ERROR_MEMORY. */
pw_code pw_components_stability(pw_team *team, const pw_components *components, int best,
                                pw_stability *stability);

/* Collective over team. Mean and standard deviation (count - 1 below the root) of each cluster's components, each scaled
 * to sum 1 before, for this rank's rows of pw_components_part: `mean` and `sd` are count × k. `cluster` is that of
 * pw_stability. Components that are zero everywhere do not count: with none left the mean is 0, with fewer than two the
 * deviation is NaN. Errors: PW_ERROR_MEMORY. */
pw_code pw_components_average(pw_team *team, const pw_components *components, const int *cluster,
                              double *mean, double *sd);

#endif
