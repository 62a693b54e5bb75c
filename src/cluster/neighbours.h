/* The graph of nearest neighbours. */
#ifndef PW_CLUSTER_NEIGHBOURS_H
#define PW_CLUSTER_NEIGHBOURS_H

#include "matrix/matrix.h"

typedef struct pw_neighbours_request {
    int neighbours; /* of each row, by Euclidean distance; fewer where there are no more rows */
    bool
        gaussian; /* edges weigh exp(−‖x − y‖² / (σ_x σ_y)), σ the distance to the seventh neighbour, or the last (Zelnik-Manor &
                       Perona 2004); else 1 */
} pw_neighbours_request;

/* Collective over team. The graph whose nodes are the rows of V (held by rows, as it is weighted): from each row to its nearest
 * ones, and the mean of both directions. Destroy it in any case; it has neither names nor path. Of equally near rows the first are
 * taken; distances are summed up from differences, so that the graph is the same on any number of ranks, and those of equal rows
 * are 0. Time goes with m² n; memory: 112 bytes for each neighbour of this rank's rows, and 1.5 kB for each column. Errors: memory. */
pw_code pw_graph_of_neighbours(pw_team *team, const pw_matrix *V,
                               const pw_neighbours_request *request, pw_matrix *graph);

#endif
