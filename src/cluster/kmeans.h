/* k-means: k centroids of the rows of V, each row to the nearest. */
#ifndef PW_CLUSTER_KMEANS_H
#define PW_CLUSTER_KMEANS_H

#include "matrix/clustering.h"

typedef struct pw_kmeans_request {
    int k;                  /* at most the rows of V */
    int64_t restarts;       /* starts, from seed, seed + 1, … */
    int64_t max_iterations; /* of each */
    double tolerance;       /* see below; 0: until no label changes */
    uint64_t seed;
    double shift;        /* of pw_kernel_kmeans: added to the diagonal of V */
    const double *start; /* k × n, the same on every rank: the first centroids; NULL: drawn */
} pw_kmeans_request;

/* Collective over team. Clusters the rows of V, dense or sparse, held by rows; entries may have any sign. The restart with
 * the least objective Σ ‖x − c‖² (the inertia of scikit-learn) is kept, of equal ones the first. Each starts by greedy k-means++
 * (Arthur & Vassilvitskii 2007, with 2 + ln k candidates for each centroid), which sweeps over V for each centroid; where k is 16
 * or more, and V has 64 k rows or more, among about 10 k rows that k-means‖ draws in five sweeps (Bahmani et al. 2012),
 * each with the number of rows that it is nearest to. It goes on by Lloyd's iteration, one sweep over V each, until no label changes, or the squared shift of all centroids together is at most `tolerance` times the mean
 * variance of the columns. A cluster without rows gets the row that is farthest from its own centroid; some stay
 * empty only where V has fewer than k distinct rows, or where the iteration limit comes in between. Labels are those of the nearest
 * of the stored centroids; of equally near ones, up to rounding, the first.
 *
 * Distances come from products with centroids relative to the mean of V: ‖x − μ‖² − 2 x·d + (‖d‖² + 2 μ·d), d = c − μ, in double.
 * They resolve differences down to about 1e-14 ‖x‖ ‖d‖: a mean that is 1e7 times the spread of the rows leaves
 * no digit, and should be taken off V first. The objective is summed up from the differences themselves.
 *
 * Starts and steps depend on the number of ranks by the rounding of sums only. Memory: 8 (2 + ln k) + 40 bytes for each row of this rank, and 5 k n
 * doubles on each rank, about twice that while it starts from a sample. Fills all of `clustering` but its figures; destroy it in any case. Errors, on all ranks: PW_ERROR_INPUT
 * where V has fewer rows than k, PW_ERROR_MEMORY.
 *
 * For rows that are no matrix of a file (count × d doubles, row-major) let pw_matrix_new_dense make one of PW_F64 and fill
 * its values; it deals rows evenly. */
pw_code pw_kmeans(pw_team *team, const pw_matrix *V, const pw_kmeans_request *request,
                  pw_clustering *clustering);

/* Collective over team. /centroids of an HDF5 file, k × n, to all ranks; `centroid` is the caller's to free. PW_ERROR_INPUT where
 * there are none of this shape, or where some are not finite. */
pw_code pw_centroids_read(pw_team *team, const char *path, int k, int64_t n, double **centroid);

#endif
