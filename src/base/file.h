/* Opening files that are read. */
#ifndef PW_BASE_FILE_H
#define PW_BASE_FILE_H

#include "base/status.h"

/* Local. Opens a file for reading; the caller closes it. PW_ERROR_INPUT, in the system's words,
 * where that fails or it is a directory; *file is -1 then. */
pw_code pw_file_open(const char *path, int *file);

#endif
