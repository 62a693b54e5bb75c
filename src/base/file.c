#include "base/file.h"

#include "base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

pw_code pw_file_open(const char *path, int *file)
{
    struct stat status;
    const bool fault = pw_fault(PW_FAULT_OPEN);
    *file = fault ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (*file < 0)
        return pw_fail(PW_ERROR_INPUT, "%s: cannot be opened: %s. Check the path and its rights.",
                       path, strerror(fault ? EIO : errno));
    if (fstat(*file, &status) != 0 || !S_ISDIR(status.st_mode))
        return PW_OK;
    close(*file);
    *file = -1;
    return pw_fail(PW_ERROR_INPUT, "%s: this is a directory. Name a file.", path);
}
