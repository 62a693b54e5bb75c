/* How well clusters agree with known classes. */
#ifndef PW_CLUSTER_MEASURES_H
#define PW_CLUSTER_MEASURES_H

#include "dist/team.h"

#include <stdint.h>

typedef struct pw_measures {
    double
        accuracy; /* share of the items whose cluster is matched with their class, by the best one-to-one matching */
    double nmi; /* mutual information over the mean of both entropies */
    double ari; /* adjusted Rand index (Hubert & Arabie 1985) */
} pw_measures;

/* Local. From the table of how many items (at least one) of each cluster are in each class: `table`, (k + 1) × classes, of which the
 * last row is for items of no cluster, which count as a cluster that is matched with nothing. Figures are those of
 * scikit-learn: normalized_mutual_info_score (1 where both sides have one group, 0 where nothing is shared) and
 * adjusted_rand_score. Errors: PW_ERROR_MEMORY. */
pw_code pw_measures_of_table(int k, int classes, const int64_t *table, pw_measures *measures);

/* Collective over team. The same from `label` (0 … k - 1, -1: none) and `class` (0 … classes - 1) of this rank's `count` items. Memory:
 * 16 (k + 1) classes on each rank. */
pw_code pw_measures_find(pw_team *team, int k, int classes, int64_t count, const int32_t *label,
                         const int32_t *class, pw_measures *measures);

#endif
