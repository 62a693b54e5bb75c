/* Average linkage of items, and what is read off its dendrogram. */
#ifndef PW_SELECT_LINKAGE_H
#define PW_SELECT_LINKAGE_H

#include "dist/team.h"

#include <stdint.h>

/* Collective over team. Average linkage (Sokal & Michener 1958) along chains of nearest neighbours (Murtagh 1983; Müllner
 * 2011): O(items²) altogether, over the ranks. A rank's rows are its pw_share of the items, `count` of them.
 *
 * `distance`, items × count, is the transpose of these rows: row j has what this rank's items are away from item j. It is
 * symmetric, and overwritten. Its entries are whole numbers: sums of them below 2⁵³ are exact, so that neither ties nor
 * what comes out depend on the number of ranks, and no merge is below one that it contains. Heights are divided by
 * `unit`. The outcome, (items - 1) × 4 and the same on every rank, is in the format of scipy and breaks ties as scipy
 * does: cluster a < b, height, size; items are clusters 0 … items - 1, row r makes cluster items + r. */
pw_code pw_linkage_average(pw_team *team, int64_t items, double unit, double *distance,
                           double *linkage);

/* Local. `order`: the leaves from left to right, with the first of two clusters on the left; `joint`, items - 1: the row of
 * `linkage` that joins each leaf and its right neighbour. Memory. */
pw_code pw_linkage_lay_out(int64_t items, const double *linkage, int64_t *order, int64_t *joint);

/* Local. The cluster of each item where the last k - 1 merges are undone, numbered from 0 in the order of their first
 * leaf. k <= items. */
void pw_linkage_cut(int64_t items, int64_t k, const int64_t *order, const int64_t *joint,
                    int64_t *cluster);

#endif
