/* What the files of the writer share. For store/ alone. */
#ifndef PW_STORE_WRITER_PRIVATE_H
#define PW_STORE_WRITER_PRIVATE_H

#include "store/output.h"
#include "store/types.h"
#include "store/writer.h"

struct pw_writer {
    pw_team *team;
    pw_output output;
    hid_t file;
    hid_t creation; /* of data sets */
    bool guarded;   /* records with checksums only */
    bool broken;    /* a call of HDF5 that changes the file has failed on this rank */
};

/* A data set that is being written. */
typedef struct pw_target {
    const char *name;
    hid_t id, space, native; /* native: type of the elements in memory */
    int dimensions;
} pw_target;

/* Local. Notes that HDF5 failed to write `name`; returns PW_ERROR_OUTPUT. */
pw_code pw_writer_broke(pw_writer *writer, const char *name);

/* Collective over team. Ranks agree on `code`; where the file broke on one of them the job ends here. */
pw_code pw_writer_settle(pw_writer *writer, pw_code code);

/* Collective over team. Creates a data set; its failure shows in pw_target_close. */
pw_target pw_target_create(pw_writer *writer, const char *name, int dimensions,
                           const int64_t *extent, hid_t stored, hid_t native);

/* Local. Writes a block: count[d] elements from start[d] on in each dimension, at most 1 GiB; row-major in `values`.
 * Does nothing once the file is broken. */
pw_code pw_target_put(pw_writer *writer, const pw_target *target, const int64_t *start,
                      const int64_t *count, const void *values);

/* Collective over team. Agrees on `code`, this rank's outcome of the puts. */
pw_code pw_target_close(pw_writer *writer, pw_target *target, pw_code code);

#endif
