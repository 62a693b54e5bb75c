/* What model files and checkpoints are made of. Used within write/ only. All functions are collective over the
 * writer's team, leave through the writer's failures, and say so by their code. */
#ifndef PW_WRITE_PARTS_H
#define PW_WRITE_PARTS_H

#include "store/place.h"
#include "store/writer.h"
#include "write/write.h"

/* Local. About the size of a model with its history. */
int64_t pw_write_model_bytes(const pw_matrix *V, const pw_model *model);

/* Collective over team. About the size of what a file has beside its models. */
int64_t pw_write_run_bytes(pw_team *team, const pw_result *result);

/* Collective over team. Everything that a model file says of a model, but /scale; into `group`, which is there. */
pw_code pw_write_parts(pw_team *team, pw_writer *writer, const char *group, const pw_result *result,
                       const pw_model *model);

/* Collective over team. What normalisation took out of the factors, and out of which. */
pw_code pw_write_scale(pw_team *team, pw_writer *writer, const char *group, const pw_result *result,
                       const pw_model *model);

/* Collective over team. The kind of the file ("model", "checkpoint"), and what a result says of its run and its V. */
pw_code pw_write_head(pw_team *team, pw_writer *writer, const char *kind, const pw_result *result);

/* Collective over team. A one-dimensional data set of names; nothing where there are none. */
pw_code pw_write_names(pw_writer *writer, const char *name, const pw_names *names);

/* Collective over team. Bytes that the names take as strings of one length. */
int64_t pw_write_names_bytes(pw_team *team, const pw_names *names);

/* Collective over team. /weight; nothing where V has no weights of rows or columns. */
pw_code pw_write_weight(pw_team *team, pw_writer *writer, const pw_matrix *V);

/* Collective over team. /provenance. */
pw_code pw_write_provenance(pw_team *team, pw_writer *writer, const pw_result *result);

#endif
