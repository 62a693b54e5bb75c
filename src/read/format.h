/* The format of a file, by its content. */
#ifndef PW_READ_FORMAT_H
#define PW_READ_FORMAT_H

#include "base/status.h"

typedef enum pw_format {
    PW_FORMAT_HDF5,
    PW_FORMAT_MATRIX_MARKET,
    PW_FORMAT_DOCWORD,
    PW_FORMAT_TABLE
} pw_format;

/* Local. Looks at the beginning of a file, plain or gzip. PW_ERROR_INPUT where the file cannot be
 * opened, is empty, or is of no format that partwise reads, with what to do about it. */
pw_code pw_format_of(const char *path, pw_format *format);

#endif
