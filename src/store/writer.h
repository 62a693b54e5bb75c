/* Writing HDF5 files in parallel. All ranks call everything together, in the same order.
 *
 * A file comes about as PATH.tmp and gets its name in pw_writer_commit. Every function returns the same code on
 * every rank; after a failure call pw_writer_discard and nothing else. A transfer that breaks (a full disk) leaves HDF5
 * and MPI in a state that nothing gets out of: once all ranks know of it, the temporary file is removed and the job
 * ended, with the exit code PW_ERROR_OUTPUT.
 *
 * `name` is a path inside the file, from "/" on; its groups must be there. Data sets are contiguous. */
#ifndef PW_STORE_WRITER_H
#define PW_STORE_WRITER_H

#include "base/type.h"
#include "dist/team.h"

#include <stdint.h>

typedef struct pw_writer pw_writer;

/* Elements first … first + count - 1 of `total`, which this rank gives. Together the ranks give every element once;
 * a rank may give none. */
typedef struct pw_part {
    int64_t total, first, count;
} pw_part;

/* Collective over team. Starts a file; `bytes` is about its size, for which room must be on the disk. Errors:
 * PW_ERROR_OUTPUT, and there is no temporary file. */
pw_code pw_writer_create(pw_team *team, const char *path, int64_t bytes, pw_writer **writer);

/* Collective over team. The same, but all of HDF5's own records in the file carry checksums, so that reading notices when
 * one is damaged, and does not crash. Text of attributes then has fixed length, which is less handy for others. */
pw_code pw_writer_create_guarded(pw_team *team, const char *path, int64_t bytes,
                                 pw_writer **writer);

/* Collective over team. Brings the file to the disk and gives it its name; with `keep_previous` the file of that name
 * becomes PATH.prev, else it is replaced. Frees the writer in any case. */
pw_code pw_writer_commit(pw_writer **writer, bool keep_previous);

/* Collective over team. Gives up: nothing is left of the file. NULL-safe; leaves NULL. */
void pw_writer_discard(pw_writer **writer);

/* Collective over team. */
pw_code pw_writer_group(pw_writer *writer, const char *name);

/* Collective over team. A data set rows.total × columns of which this rank gives whole rows: `values` is
 * rows.count × columns, row-major. */
pw_code pw_writer_rows(pw_writer *writer, const char *name, pw_part rows, int64_t columns,
                       pw_type type, const void *values);

/* Collective over team. A data set k × columns.total of f64 of which this rank gives whole columns, held as rows:
 * `X` is columns.count × k, row-major. */
pw_code pw_writer_columns(pw_writer *writer, const char *name, int k, pw_part columns,
                          const double *X);

/* Collective over team. A one-dimensional data set of `stored`; `values` is part.count long, of `type`. */
pw_code pw_writer_list(pw_writer *writer, const char *name, pw_part part, pw_type stored,
                       pw_type type, const void *values);

/* Collective over team. A one-dimensional data set of UTF-8 strings of one length; string i of this rank is text +
 * offset[i] … text + offset[i + 1] - 1. */
pw_code pw_writer_texts(pw_writer *writer, const char *name, pw_part part, const int64_t *offset,
                        const char *text);

/* Collective over team. Attributes of the group or data set `name` ("/" for the file). The values that rank 0 gives
 * are stored; `count` is the same on every rank. `text` NULL is stored as "". */
pw_code pw_writer_attribute_text(pw_writer *writer, const char *name, const char *attribute,
                                 const char *text);
pw_code pw_writer_attribute_ints(pw_writer *writer, const char *name, const char *attribute,
                                 int64_t count, const int64_t *values);
pw_code pw_writer_attribute_int(pw_writer *writer, const char *name, const char *attribute,
                                int64_t value);
pw_code pw_writer_attribute_double(pw_writer *writer, const char *name, const char *attribute,
                                   double value);

/* Collective over team. An attribute that is a list of no strings. */
pw_code pw_writer_attribute_no_texts(pw_writer *writer, const char *name, const char *attribute);

#endif
