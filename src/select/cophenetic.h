/* How well a dendrogram stands for the distances that it is of. */
#ifndef PW_SELECT_COPHENETIC_H
#define PW_SELECT_COPHENETIC_H

#include "dist/team.h"

#include <stdint.h>

/* Collective over team. The cophenetic correlation (Sokal & Rohlf 1962), which Brunet et al. 2004 take for the stability of
 * a consensus: Pearson's, over all pairs of items, of the distance 1 - C and the height at which the two are joined. `C`,
 * count × items, are this rank's pw_share of the rows; `order` as of pw_linkage_lay_out, `height`, items - 1, that
 * between each leaf and its right neighbour. NaN where all distances, or all heights, are the same. Memory. */
pw_code pw_cophenetic_correlate(pw_team *team, int64_t items, const float *C, const int64_t *order,
                                const double *height, double *correlation);

#endif
