/* Which row (CSR) or column (CSC) an entry of a sparse group belongs to, for entries in ascending
 * order: a window that moves over indptr, so that no rank holds the whole of it. */
#ifndef PW_READ_HDF5_CURSOR_H
#define PW_READ_HDF5_CURSOR_H

#include "read/hdf5_source.h"

typedef struct pw_major_cursor pw_major_cursor;

/* Local. A cursor that may start at any major up to the one of the first entry asked for. indptr
 * must have been checked. Borrows reader and source. Destroy it. */
pw_code pw_major_cursor_create(pw_reader *reader, const pw_hdf5_source *source, int64_t major,
                               pw_major_cursor **cursor);

/* Local. The majors of entries first … first + count - 1, not before those of the last call. */
pw_code pw_major_cursor_next(pw_major_cursor *cursor, int64_t first, int64_t count,
                             uint32_t *major);

/* Local. NULL-safe. */
void pw_major_cursor_destroy(pw_major_cursor **cursor);

#endif
