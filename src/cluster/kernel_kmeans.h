/* Kernel k-means: k-means of items that are known by their similarities alone. */
#ifndef PW_CLUSTER_KERNEL_KMEANS_H
#define PW_CLUSTER_KERNEL_KMEANS_H

#include "cluster/kmeans.h"

/* Collective over team. Clusters m items by V, their m × m similarities, symmetric, dense or sparse, held by rows (Dhillon, Guan &
 * Kulis 2004). Where V = Φ Φᵀ it is k-means of the rows of Φ, which are never formed: the distance of item i to the mean of
 * cluster c is
 *
 *     V_ii − 2 Σ_{j∈c} V_ij / |c| + Σ_{j,l∈c} V_jl / |c|²
 *
 * and the objective trace(V) − Σ_c Σ_{j,l∈c} V_jl / |c|. One product with V for each iteration. Starts, empty clusters, restarts
 * and the agreement between numbers of ranks are those of pw_kmeans; tolerance and start of the request do not count: it
 * stops when no label changes. The labels kept are those of the least objective that was met, as it may rise where V has
 * negative eigenvalues. request->shift is added to the diagonal: enough of it makes V positive semidefinite, and it does
 * not change which clustering into k is best, but the more the less moves from where it starts. Similarities such as the
 * adjacency of a graph, whose diagonal is 0, mean nothing without.
 *
 * Memory: 8 k + 40 bytes for each item of this rank, and 8 (k + 2 + ln k) for each of all items on each rank. Fills all of `clustering` but
 * centroids, memberships and figures; destroy it in any case. Errors, on all ranks: PW_ERROR_INPUT where there are fewer items
 * than clusters, PW_ERROR_MEMORY. */
pw_code pw_kernel_kmeans(pw_team *team, const pw_matrix *V, const pw_kmeans_request *request,
                         pw_clustering *clustering);

#endif
