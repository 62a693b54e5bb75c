/* How well the components of several models agree: they are clustered, one of each model to a cluster, and the clusters'
 * silhouettes say whether they are the same components found again (Alexandrov et al. 2013, Cell Reports 3:246; NMFk:
 * Nebgen et al. 2021, Mach. Learn.: Sci. Technol. 2:025012). */
#ifndef PW_SELECT_STABILITY_H
#define PW_SELECT_STABILITY_H

#include "base/status.h"

typedef struct pw_stability {
    int restarts, k;
    int *cluster;         /* restarts × k: of each component; all different within a restart */
    double *component;    /* restarts × k: silhouettes of components */
    double *silhouette;   /* k: their mean over each cluster */
    double mean, minimum; /* of the clusters' silhouettes */
} pw_stability;

/* Local. `cosines` ((restarts · k)², symmetric) has those of all components, component c of restart r at r · k + c; a
 * component that is zero everywhere has 0 with all, itself included. Cluster c is the one that component c of restart
 * `best` is in.
 *
 * Clusters: k-means on the sphere with one-to-one matching. Centroids begin as the components of the restart whose own
 * match those of the others best; then, in turn, each restart gives its components to the centroids, one each, so that
 * the sum of cosines is largest (linalg/assignment.h), and centroids become the means of their unit components, until
 * nothing changes. Nothing is drawn at random.
 *
 * Silhouettes (Rousseeuw 1987) are of the distance 1 − cosine: (b − a) / max(a, b), where a is the mean distance of a
 * component to the others of its cluster, and b the least mean distance to another cluster; 0 where both are 0. With
 * one restart they are NaN. With k = 1 there is no other cluster: they are 1, as in NMFk and SigProfilerExtractor,
 * which says nothing about that component.
 *
 * Time of restarts² · k³ for the beginning and of (restarts · k)² a round. Destroy the outcome. Errors:
 * PW_ERROR_MEMORY. */
pw_code pw_stability_find(int restarts, int k, int best, const double *cosines,
                          pw_stability *stability);

/* Local. NULL-safe. */
void pw_stability_destroy(pw_stability *stability);

#endif
