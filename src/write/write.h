/* Results and checkpoints in parallel HDF5: to a temporary name, flushed, then renamed. */
#ifndef PW_WRITE_WRITE_H
#define PW_WRITE_WRITE_H

#include "decompose/svd.h"
#include "matrix/clustering.h"
#include "matrix/model.h"
#include "store/writer.h"

/* What a result is written from; borrows everything. */
typedef struct pw_result {
    const pw_options *options;
    const pw_matrix *V;
    const pw_summary *summary;
    const pw_model *model; /* models of them; the first is the one that a model file is of */
    int64_t models;
    double seconds; /* of a checkpoint of several: spent iterating, over all resumed parts */
    double started; /* seconds since 1970 */
    const double *
        bound; /* of model files: relative error of the best approximation of each rank; NULL: unknown */
} pw_result;

/* Collective over team. Checks before the work that `path` can be written, leaving nothing behind. */
pw_code pw_write_check(pw_team *team, const char *path);

/* Collective over team. Writes the model file: the first model, and the others in /models/1, /models/2, … */
pw_code pw_write_model(pw_team *team, const char *path, const pw_result *result);

/* Collective over team. Writes a checkpoint of all models that have begun; the one that was there becomes `path`.prev. */
pw_code pw_write_checkpoint(pw_team *team, const char *path, const pw_result *result);

/* Collective over team. Writes the file of a singular value decomposition; the result's model has k and tells the reason of
 * its end. */
pw_code pw_write_svd(pw_team *team, const char *path, const pw_result *result, const pw_svd *svd);

/* Collective over team. Writes the file of a clustering; `result` tells of the run, its model of nothing but why it
 * ended. Complete or not at all. */
pw_code pw_write_clusters(pw_team *team, const char *path, const pw_result *result,
                          const pw_clustering *clustering);

/* Within a file that something else is written to as well: they leave through the writer's failures. Collective over team. W
 * and H of a model as data sets of these names; and what a result says of its run: names, options, provenance, timings. */
pw_code pw_write_factors(pw_team *team, pw_writer *writer, const pw_matrix *V,
                         const pw_model *model, const char *W_name, const char *H_name);
pw_code pw_write_run(pw_team *team, pw_writer *writer, const pw_result *result);

/* Collective over team. Biases in a group of such a file; nothing where the model has none. */
pw_code pw_write_biases(pw_team *team, pw_writer *writer, const pw_matrix *V, const pw_model *model,
                        const char *group);

/* Collective over team. The anchors of a model in a group of such a file, with their names; nothing where it has none. */
pw_code pw_write_anchors(pw_team *team, pw_writer *writer, const char *group,
                         const pw_options *options, const pw_matrix *V, const pw_model *model);

/* Collective over team. Writes V as partwise's own HDF5: dense /X or the CSR group /X, as anndata reads them. */
pw_code pw_write_matrix(pw_team *team, const char *path, const pw_matrix *V);

/* What goes into the same file beside V: about so many bytes, written by a collective function that leaves with the
 * writer's failures. */
typedef struct pw_extra {
    int64_t bytes;
    pw_code (*write)(void *context, pw_writer *writer);
    void *context;
} pw_extra;

/* Collective over team. The same with something beside V; complete or not at all. */
pw_code pw_write_matrix_with(pw_team *team, const char *path, const pw_matrix *V,
                             const pw_extra *extra);

#endif
