/* How well a partition cuts a graph. */
#ifndef PW_CLUSTER_CUTS_H
#define PW_CLUSTER_CUTS_H

#include "matrix/clustering.h"
#include "matrix/matrix.h"

/* Sums over the clusters c of what leaves them, cut(c) = Σ_{i∈c, j∉c} v_ij, relative to: */
typedef struct pw_cuts {
    double normalised; /* Σ_{i∈c, j} v_ij (Shi & Malik 2000) */
    double ratio;      /* |c| (Hagen & Kahng 1992) */
    double
        min_max; /* Σ_{i,j∈c} v_ij (Ding et al. 2001); infinite where a cluster has no inner edge */
} pw_cuts;

/* Collective over team. Of the graph whose adjacency V is, without its weights, symmetric and held by rows, and labels 0 … k - 1
 * of all its rows, the same on every rank; or, where columns have labels of their own, of the graph between the rows and the columns
 * of V as it is swept. Clusters without items count as 0. Errors: memory. */
pw_code pw_cuts_find(pw_team *team, const pw_matrix *V, int k, const int32_t *row_label,
                     const int32_t *column_label, pw_cuts *cuts);

/* Local. Adds them to the figures of a clustering, whose objective becomes the normalised one. */
void pw_cuts_tell(const pw_cuts *cuts, pw_clustering *clustering);

#endif
