/* V that is streamed from a data set or a sparse group of an HDF5 file, or from a copy of it. */
#ifndef PW_READ_HDF5_FEED_H
#define PW_READ_HDF5_FEED_H

#include "read/hdf5_sparse.h"
#include "read/streaming.h"

/* Local. Where a data set of V stands in the file. */
pw_code pw_hdf5_offset(pw_reader *reader, const char *name, pw_type type,
                       const pw_streaming *streaming, const pw_matrix *V, int64_t *offset);

/* Collective over team. Makes V, which has its shape and layout, one that is fed. */
pw_code pw_hdf5_feed_dense(pw_team *team, pw_reader *reader, const pw_hdf5_source *source,
                           const pw_streaming *streaming, pw_matrix *V);

/* Collective over team. The same for sparse V; this rank's entries begin with entry `begin` of the file. */
pw_code pw_hdf5_feed_sparse(pw_team *team, pw_reader *reader, const pw_hdf5_source *source,
                            const pw_streaming *streaming, int64_t begin, pw_matrix *V);

#endif
