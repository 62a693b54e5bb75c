#include "cluster/spectral.h"

#include "base/memory.h"
#include "cluster/cuts.h"
#include "cluster/parts.h"
#include "decompose/eigen.h"
#include "dist/collective.h"
#include "matrix/weight.h"

#include <inttypes.h>

/* Eigenvalues of the Laplacian below this count as 0. */
static const double ZERO = 1e-9;

/* A row for each node: its entries of the vectors, scaled as `scale` of the node. */
static pw_code embed(pw_team *team, const pw_matrix *V, const pw_eigen *eigen, pw_matrix *points)
{
    const int k = eigen->k;
    const double *scale = V->weight->column;
    pw_code code = pw_matrix_new_dense(team, V->rows, k, false, PW_F64, points);
    double *X = points->values;
    for (int64_t i = 0; code == PW_OK && i < points->count; i++)
        for (int c = 0; c < k; c++)
            X[i * k + c] = eigen->vectors[(points->first + i) * k + c] * scale[points->first + i];
    return code;
}

/* Connected components, of which some are isolated nodes. */
typedef struct components {
    int64_t all, isolated;
} components;

/* Eigenvectors of different components belong to the same eigenvalue: those that are found may be any mixture. */
static void warn(pw_team *team, const pw_eigen *eigen, components parts, int zeros)
{
    const int64_t connected = parts.all - parts.isolated;
    if (parts.isolated > 0)
        pw_log_warn(&team->log,
                    "%" PRId64 " nodes have no edges: in which cluster they are says nothing.",
                    parts.isolated);
    if (!eigen->good)
        pw_log_warn(&team->log,
                    "the eigenvectors are not exact: residual %.2g after %" PRId64
                    " sweeps. Take --solver dense, or another -k.",
                    eigen->residual, eigen->sweeps);
    if (zeros < (connected < eigen->k ? connected : eigen->k))
        pw_log_warn(&team->log,
                    "%d eigenvectors of the %" PRId64
                    " connected components were found. Take --solver dense.",
                    zeros, connected);
    if (connected > eigen->k)
        pw_log_warn(&team->log,
                    "%" PRId64 " connected components in %d clusters: some clusters are several of "
                    "them, of many choices that cut nothing.",
                    connected, eigen->k);
}

static void tell_vectors(pw_team *team, const pw_eigen *eigen, components parts,
                         pw_clustering *clustering)
{
    int zeros = 0;
    while (zeros < eigen->k && 1 - eigen->values[zeros] < ZERO)
        zeros++;
    warn(team, eigen, parts, zeros);
    pw_clustering_tell(clustering, "components", (double)parts.all);
    pw_clustering_tell(clustering, "isolated_nodes", (double)parts.isolated);
    pw_clustering_tell(clustering, "zero_eigenvalues", zeros);
    pw_clustering_tell(clustering, "largest_eigenvalue", 1 - eigen->values[eigen->k - 1]);
    pw_clustering_tell(clustering, "residual", eigen->residual);
}

/* Collective over team. */
static pw_code tell_cuts(pw_team *team, const pw_matrix *V, const pw_matrix *points,
                         pw_clustering *clustering)
{
    int32_t *label = NULL;
    pw_cuts cuts;
    pw_code code = pw_agree(team, PW_NEW(label, V->rows));
    if (code == PW_OK) {
        pw_gather_rows(team, &points->layout, sizeof *label, clustering->rows.label, label);
        code = pw_cuts_find(team, V, clustering->k, label, NULL, &cuts);
    }
    if (code == PW_OK)
        pw_cuts_tell(&cuts, clustering);
    free(label);
    return code;
}

pw_code pw_spectral_cut(pw_team *team, pw_matrix *V, const pw_spectral_request *request,
                        pw_clustering *clustering)
{
    const pw_eigen_request wanted = {.k = request->k,
                                     .dense = request->dense,
                                     .tolerance = request->tolerance,
                                     .most_sweeps = request->most_sweeps,
                                     .seed = request->rounding.seed};
    pw_eigen eigen = {.k = 0};
    pw_matrix points = {.rows = 0};
    components parts = {.all = 0};
    pw_code code = PW_OK;
    PW_TRY(pw_graph_parts(team, V, &parts.all, &parts.isolated));
    PW_TRY(pw_matrix_weigh_both(team, true, V));
    PW_TRY(pw_memory_check(team, pw_eigen_bytes(V, &wanted), V->path, "its eigenvectors"));
    PW_TRY(pw_eigen_find(team, V, &wanted, &eigen));
    PW_TRY(embed(team, V, &eigen, &points));
    PW_TRY(pw_kmeans(team, &points, &request->rounding, clustering));
    free(clustering->centroid); /* of the points: they say nothing of V */
    clustering->centroid = NULL;
    PW_TRY(tell_cuts(team, V, &points, clustering));
    tell_vectors(team, &eigen, parts, clustering);
    clustering->eigenvalue = eigen.values;
    eigen.values = NULL;
    for (int c = 0; c < eigen.k; c++)
        clustering->eigenvalue[c] = 1 - clustering->eigenvalue[c];
done:
    pw_matrix_unweigh(V);
    pw_matrix_destroy(&points);
    pw_eigen_destroy(&eigen);
    return code;
}
