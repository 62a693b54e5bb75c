/* What model files and checkpoints are made of. Used within write/ only. All functions are collective over the
 * writer's team, leave through the writer's failures, and say so by their code. */
#ifndef PW_WRITE_PARTS_H
#define PW_WRITE_PARTS_H

#include "store/writer.h"
#include "write/write.h"

/* Collective over team. About the size of a file with everything below. */
int64_t pw_write_bytes(pw_team *team, const pw_result *result);

/* Collective over team. Everything that a model file holds; `kind` ("model", "checkpoint") stands in an attribute. */
pw_code pw_write_parts(pw_team *team, pw_writer *writer, const char *kind, const pw_result *result);

/* Collective over team. A one-dimensional data set of names; nothing where there are none. */
pw_code pw_write_names(pw_writer *writer, const char *name, const pw_names *names);

/* Collective over team. Bytes that the names take as strings of one length. */
int64_t pw_write_names_bytes(pw_team *team, const pw_names *names);

/* Collective over team. /weight; nothing where V has no weights of rows or columns. */
pw_code pw_write_weight(pw_team *team, pw_writer *writer, const pw_matrix *V);

/* Collective over team. /provenance. */
pw_code pw_write_provenance(pw_team *team, pw_writer *writer, const pw_result *result);

#endif
