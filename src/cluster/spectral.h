/* Spectral clustering of graphs and of rectangular matrices. */
#ifndef PW_CLUSTER_SPECTRAL_H
#define PW_CLUSTER_SPECTRAL_H

#include "cluster/kmeans.h"
#include "matrix/clustering.h"

typedef struct pw_spectral_request {
    int k;
    bool dense;       /* eigenvectors by ScaLAPACK */
    double tolerance; /* of the residuals of vectors */
    int64_t most_sweeps;
    pw_kmeans_request rounding;
} pw_spectral_request;

/* Collective over team. Cuts a graph into k clusters: the k leading eigenvectors x of D^-½ V D^-½, which are those of the least
 * eigenvalues of the normalised Laplacian I − D^-½ V D^-½, make a point of each node, D^-½ x, and k-means clusters the points (Shi &
 * Malik 2000; Ng, Jordan & Weiss 2002). V: symmetric and not negative, held by rows, without weights. The objective is the
 * normalised cut; figures: cuts, connected components, isolated nodes among them, eigenvalues of the Laplacian that are 0 among
 * the k found, and the residual of the eigenvectors. The point of an isolated node is 0. What makes the clusters doubtful is warned
 * of: vectors that are not exact, more components than clusters. Destroy the clustering in any case. Errors: memory, fewer
 * nodes than k. */
pw_code pw_spectral_cut(pw_team *team, pw_matrix *V, const pw_spectral_request *request,
                        pw_clustering *clustering);

/* Collective over team. Clusters rows and columns of V together into k (Dhillon 2001): the same of the graph with an edge
 * v_ij between row i and column j, whose adjacency [0 V; Vᵀ 0] is never formed: its eigenvectors are pairs of singular vectors of
 * R^-½ V C^-½, R and C the sums of rows and columns. V: not negative, without weights. The objective is the normalised
 * cut of that graph. Rows and columns of zeros are isolated nodes. Errors as above. */
pw_code pw_spectral_bicluster(pw_team *team, pw_matrix *V, const pw_spectral_request *request,
                              pw_clustering *clustering);

#endif
