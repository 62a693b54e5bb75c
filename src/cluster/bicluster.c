#include "base/memory.h"
#include "cluster/cuts.h"
#include "cluster/spectral.h"
#include "decompose/svd.h"
#include "dist/collective.h"
#include "matrix/assemble.h"
#include "matrix/weight.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Vectors at a time: as many as are wanted, for each component of the graph has its own of the value 1. */
/* Rows of X (rows × k), each times its scale, to their place among the points, from `first` on. */
static pw_code put(pw_team *team, int64_t first, int64_t rows, int k, const double *X,
                   const double *scale, pw_matrix *points)
{
    double *Y;
    pw_code code = pw_agree(team, PW_NEW(Y, rows * k));
    for (int64_t i = 0; code == PW_OK && i < rows * k; i++)
        Y[i] = X[i] * scale[i / k];
    if (code == PW_OK)
        code = pw_matrix_put_rows(team, points, first, rows, Y);
    free(Y);
    return code;
}

/* A point for each row of V, then one for each column, as they are swept. */
static pw_code embed(pw_team *team, const pw_matrix *V, const pw_svd *svd, pw_matrix *points)
{
    const int k = svd->k;
    const int64_t from = pw_share(V->cols, team->size, team->rank);
    const int64_t to = pw_share(V->cols, team->size, team->rank + 1);
    pw_code code = PW_OK;
    PW_TRY(pw_matrix_new_dense(team, V->rows + V->cols, k, false, PW_F64, points));
    PW_TRY(put(team, V->first, V->count, k, svd->U, V->weight->row, points));
    PW_TRY(put(team, V->rows + from, to - from, k, svd->Vt + from * k, V->weight->column + from,
               points));
done:
    return code;
}

/* ---- labels of points to those of rows and columns ---- */

/* The part of this rank's points that lie in first … first + total - 1. */
static pw_code take_labels(pw_team *team, const pw_matrix *points, const int32_t *label, int k,
                           int64_t first, int64_t total, pw_labelling *labelling)
{
    const int64_t end = points->first + points->count;
    int64_t from = points->first > first ? points->first : first;
    int64_t to = end < first + total ? end : first + total;
    from = from < first + total ? from : first + total;
    to = to > from ? to : from;
    const pw_code code =
        pw_agree(team, pw_labelling_create(total, from - first, to - from, k, labelling));
    if (code != PW_OK)
        return code;
    for (int64_t i = from; i < to; i++)
        labelling->label[i - from] = label[i - points->first];
    pw_labelling_count(team, k, labelling);
    return code;
}

static pw_code share_out(pw_team *team, const pw_matrix *V, const pw_matrix *points,
                         pw_clustering *c)
{
    pw_labelling all = c->rows;
    pw_labelling *swept_rows = V->transposed ? &c->columns : &c->rows;
    pw_labelling *swept_columns = V->transposed ? &c->rows : &c->columns;
    pw_code code = PW_OK;
    c->rows = (pw_labelling){.total = 0};
    PW_TRY(take_labels(team, points, all.label, c->k, 0, V->rows, swept_rows));
    PW_TRY(take_labels(team, points, all.label, c->k, V->rows, V->cols, swept_columns));
done:
    free(all.label);
    free(all.size);
    return code;
}

static pw_code conclude(pw_team *team, const pw_matrix *V, const pw_matrix *points,
                        pw_clustering *c)
{
    int32_t *label = NULL;
    pw_cuts cuts;
    pw_code code = PW_OK;
    PW_TRY(pw_agree(team, PW_NEW(label, points->rows)));
    pw_gather_rows(team, &points->layout, sizeof *label, c->rows.label, label);
    PW_TRY(pw_cuts_find(team, V, c->k, label, label + V->rows, &cuts));
    pw_cuts_tell(&cuts, c);
    PW_TRY(share_out(team, V, points, c));
done:
    free(label);
    return code;
}

static void tell_vectors(pw_team *team, const pw_svd *svd, pw_clustering *c)
{
    double residual = 0;
    for (int i = 0; i < svd->k; i++)
        residual = fmax(residual, svd->residual[i]);
    if (!svd->good)
        pw_log_warn(&team->log,
                    "the singular vectors are not exact: residual %.2g after %" PRId64
                    " sweeps. Another -k may have better ones.",
                    residual, svd->sweeps);
    pw_clustering_tell(c, "smallest_singular_value", svd->S[svd->k - 1]);
    pw_clustering_tell(c, "residual", residual);
}

pw_code pw_spectral_bicluster(pw_team *team, pw_matrix *V, const pw_spectral_request *request,
                              pw_clustering *clustering)
{
    const pw_svd_request wanted = {.k = request->k,
                                   .tolerance = request->tolerance,
                                   .most_sweeps = request->most_sweeps,
                                   .seed = request->rounding.seed};
    pw_svd svd = {.k = 0};
    pw_matrix points = {.rows = 0};
    pw_code code = PW_OK;
    PW_TRY(pw_matrix_weigh_both(team, false, V));
    PW_TRY(pw_memory_check(team, pw_svd_bytes(V, &wanted), V->path, "its singular vectors"));
    PW_TRY(pw_svd_find(team, V, 0, &wanted, &svd));
    PW_TRY(embed(team, V, &svd, &points));
    PW_TRY(pw_kmeans(team, &points, &request->rounding, clustering));
    free(clustering->centroid);
    clustering->centroid = NULL;
    PW_TRY(conclude(team, V, &points, clustering));
    tell_vectors(team, &svd, clustering);
    clustering->eigenvalue = svd.S;
    svd.S = NULL;
    for (int c = 0; c < svd.k; c++)
        clustering->eigenvalue[c] = 1 - clustering->eigenvalue[c];
done:
    pw_matrix_unweigh(V);
    pw_matrix_destroy(&points);
    pw_svd_destroy(&svd);
    return code;
}
