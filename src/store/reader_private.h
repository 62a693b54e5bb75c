/* What the files of the reader share. For store/ alone. */
#ifndef PW_STORE_READER_PRIVATE_H
#define PW_STORE_READER_PRIVATE_H

#include "store/reader.h"
#include "store/types.h"

struct pw_reader {
    hid_t file;
    char *path;
};

/* Local. A failure to read `name`, with HDF5's reason for the last failed call, so nothing else of
 * HDF5 may be called in between; a filter that is not there is named with the cure. `dataset` may
 * be invalid. */
pw_code pw_reader_failed(const pw_reader *reader, const char *name, hid_t dataset);

#endif
