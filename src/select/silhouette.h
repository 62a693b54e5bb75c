/* How well items lie in their clusters (Rousseeuw 1987). */
#ifndef PW_SELECT_SILHOUETTE_H
#define PW_SELECT_SILHOUETTE_H

#include "dist/team.h"

#include <stdint.h>

/* Local. Of an item in cluster `own` of k ≥ 2, from its sums of distances to the other members of each cluster and the sizes
 * of the clusters: (b − a) / max(a, b), where a is the mean distance to the others of its own and b the least to those of
 * another; 0 where both are 0, and where it is alone. */
double pw_silhouette_of(int64_t k, const double *sum, const int64_t *size, int64_t own);

/* Collective over team. Of distances 1 - C, where `C`, count × items, are this rank's pw_share of the rows. `cluster`: 0 …
 * k - 1 for each item, no cluster is empty. `silhouette`, items, and `mean`, k by cluster, are the same on every rank. An
 * item that is alone in its cluster has 0, and where k is 1 all are NaN. Memory. */
pw_code pw_silhouette_find(pw_team *team, int64_t items, const float *C, int64_t k,
                           const int64_t *cluster, double *silhouette, double *mean);

#endif
