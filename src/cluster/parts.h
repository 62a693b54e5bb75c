/* Connected components of a graph. */
#ifndef PW_CLUSTER_PARTS_H
#define PW_CLUSTER_PARTS_H

#include "matrix/matrix.h"

/* Collective over team. The number of connected components of the graph whose edges are the nonzero entries of symmetric V, which
 * is held by rows, and how many of them are `isolated`: a node without any edge, not even to itself. Takes 16 bytes a node on every
 * rank. Errors: memory. */
pw_code pw_graph_parts(pw_team *team, const pw_matrix *V, int64_t *parts, int64_t *isolated);

#endif
