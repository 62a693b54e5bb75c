/* The consensus of restarts: how often two items come out together (Monti et al. 2003; Brunet et al. 2004), and the
 * clusters that follow. */
#ifndef PW_SELECT_CONSENSUS_H
#define PW_SELECT_CONSENSUS_H

#include "dist/team.h"

#include <stdint.h>

typedef struct pw_consensus {
    int64_t items, k;     /* clusters: as many as asked for, or as many as there are items */
    int64_t first, count; /* rows of this rank: its pw_share of the items */
    float *
        C; /* count × items: share of the restarts in which two items have the same label; 1 on the diagonal */
    double *linkage;    /* (items - 1) × 4: average linkage of distances 1 - C (linkage.h) */
    int64_t *order;     /* items: leaves of the dendrogram from left to right */
    int64_t *cluster;   /* items: the dendrogram cut into k, numbered from 0 along `order` */
    double *silhouette; /* items: of distances 1 - C (silhouette.h); NaN where k is 1 */
    double *cluster_silhouette; /* k: means by cluster */
    double mean_silhouette;     /* over items */
    double cophenetic; /* correlation (cophenetic.h); NaN where all distances are the same */
    double dispersion; /* mean of 4 (C - ½)²: 1 where all C are 0 or 1 (Kim & Park 2007) */
} pw_consensus;

/* Collective over team. `labels`, restarts × items and the same on every rank, at least 1 of each: labels from 0; -1: the
 * item has none in that restart and is with no other. All but C is the same on every rank, and the tree does not depend on
 * the number of ranks. Memory: 12 bytes for each entry of C, of which 8 are free again at the end: distances are summed up
 * as whole numbers, which floats would not hold. PW_ERROR_MEMORY where that does not fit. Destroy it, also after errors. */
pw_code pw_consensus_create(pw_team *team, int64_t items, int restarts, const int32_t *labels,
                            int64_t k, pw_consensus *consensus);

/* Local. NULL-safe. */
void pw_consensus_destroy(pw_consensus *consensus);

#endif
