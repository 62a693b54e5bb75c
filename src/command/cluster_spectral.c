/* Clusters by eigenvectors of a graph: V itself, one that its rows make, or the one between rows and columns. */
#include "cluster/neighbours.h"
#include "cluster/spectral.h"
#include "command/cluster_run.h"
#include "matrix/symmetry.h"

#include <inttypes.h>
#include <string.h>

enum { FEW_NODES = 500, MOST_SWEEPS = 2000 };

static const double TOLERANCE = 1e-8; /* of eigenvectors */

static pw_spectral_request request_of(const pw_options *o, int64_t nodes)
{
    return (pw_spectral_request){.k = (int)o->k,
                                 .dense = o->solver == PW_SOLVER_DENSE ||
                                          (o->solver == PW_SOLVER_AUTO && nodes <= FEW_NODES),
                                 .tolerance = TOLERANCE,
                                 .most_sweeps = MOST_SWEEPS,
                                 .rounding = {.k = (int)o->k,
                                              .restarts = o->restarts,
                                              .max_iterations = o->max_iterations,
                                              .tolerance = o->tolerance,
                                              .seed = (uint64_t)o->seed}};
}

/* `what` there are `most` of. */
static pw_code check_k(const pw_cluster_run *run, int64_t most, const char *what)
{
    if (run->options->k <= most)
        return PW_OK;
    return pw_fail(PW_ERROR_INPUT,
                   "%s: has %" PRId64 " %s, too few for -k %" PRId64 " clusters. Take fewer.",
                   run->job.V.path, most, what, run->options->k);
}

/* Collective over team. */
static pw_code check_graph(pw_cluster_run *run)
{
    const pw_matrix *V = &run->job.V;
    if (V->rows != V->cols)
        return pw_fail(PW_ERROR_INPUT,
                       "%s: is %" PRId64 " × %" PRId64
                       "; a graph is a square matrix. Let --graph neighbours make one of its "
                       "rows, or take --method bicluster for rows and columns together.",
                       V->path, V->rows, V->cols);
    if (run->job.summary.least < 0)
        return pw_fail(
            PW_ERROR_INPUT,
            "%s: has negative entries, down to %g, which a graph cannot have. Shift or clip "
            "them, or let --graph neighbours make a graph of its rows.",
            V->path, run->job.summary.least);
    return pw_matrix_check_symmetric(run->team, V);
}

/* Collective over team. */
static pw_code make_graph(pw_cluster_run *run, pw_matrix *graph)
{
    const pw_options *o = run->options;
    const pw_neighbours_request request = {.neighbours = (int)o->neighbours,
                                           .gaussian = o->graph == PW_GRAPH_GAUSSIAN};
    pw_code code = pw_graph_of_neighbours(run->team, &run->job.V, &request, graph);
    if (code == PW_OK)
        graph->path = strdup(run->job.V.path);
    if (code == PW_OK && !graph->path)
        code = pw_fail(PW_ERROR_MEMORY, "no memory for the name of a file.");
    return pw_agree(run->team, code);
}

pw_code pw_cluster_spectral(pw_cluster_run *run)
{
    pw_matrix *V = &run->job.V, graph = {.rows = 0};
    const pw_spectral_request request = request_of(run->options, V->rows);
    const bool given = run->options->graph == PW_GRAPH_GIVEN;
    pw_code code = PW_OK;
    PW_TRY(check_k(run, V->rows, "rows"));
    PW_TRY(given ? check_graph(run) : make_graph(run, &graph));
    code = pw_spectral_cut(run->team, given ? V : &graph, &request, &run->clustering);
done:
    pw_matrix_destroy(&graph);
    return code;
}

pw_code pw_cluster_bicluster(pw_cluster_run *run)
{
    pw_matrix *V = &run->job.V;
    const pw_spectral_request request = request_of(run->options, V->rows + V->cols);
    pw_code code = check_k(run, V->rows, "rows");
    if (code == PW_OK)
        code = check_k(run, V->cols, "columns");
    return code == PW_OK ? pw_spectral_bicluster(run->team, V, &request, &run->clustering) : code;
}
