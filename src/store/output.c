/* Files come about under a temporary name. Rank 0 deals with the file system, the others look whether they see
 * the same one. */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* fallocate */
#endif
#include "store/output.h"

#include "base/fault.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* ---- names ---- */

static pw_code cannot(const char *path, const char *what, int error)
{
    const char *cure = error == ENOENT   ? " Does its directory exist?"
                       : error == ENOSPC ? " Make room, or write elsewhere."
                       : error == EDQUOT ? " Make room, or write elsewhere."
                                         : "";
    return pw_fail(PW_ERROR_OUTPUT, "%s: %s: %s.%s", path, what, strerror(error), cure);
}

static char *joined(const char *path, const char *end)
{
    const size_t size = strlen(path) + strlen(end) + 1;
    char *text = pw_new((int64_t)size, 1);
    if (text)
        snprintf(text, size, "%s%s", path, end);
    return text;
}

static void forget(pw_output *output)
{
    free(output->path);
    free(output->temporary);
    free(output->previous);
    *output = (pw_output){.path = NULL};
}

/* Rank 0. Refuses to put a result in the place of what is no file or may not be written. */
static pw_code check_target(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return PW_OK;
    if (S_ISDIR(status.st_mode))
        return pw_fail(PW_ERROR_OUTPUT, "%s: is a directory. Name a file.", path);
    if (!S_ISREG(status.st_mode))
        return pw_fail(PW_ERROR_OUTPUT, "%s: is no regular file. Choose another name.", path);
    return access(path, W_OK) == 0 ? PW_OK
                                   : cannot(path, "is there and may not be replaced", errno);
}

/* Collective. */
static pw_code find_names(pw_team *team, const char *path, pw_output *output)
{
    pw_code code = PW_OK;
    output->path = joined(path, "");
    output->temporary = joined(path, ".tmp");
    output->previous = joined(path, ".prev");
    if (!output->path || !output->temporary || !output->previous)
        code = PW_ERROR_MEMORY;
    else if (team->rank == 0)
        code = check_target(path);
    if ((code = pw_agree(team, code)) != PW_OK)
        forget(output);
    return code;
}

/* Every rank looks whether it may write what rank 0 created. */
static pw_code check_seen(const pw_team *team, const pw_output *output)
{
    char host[MPI_MAX_PROCESSOR_NAME] = "";
    int length;
    if (pw_fault(PW_FAULT_OPEN))
        return cannot(output->path, "cannot be created", EIO);
    if (access(output->temporary, W_OK) == 0)
        return PW_OK;
    const int error = errno;
    MPI_Get_processor_name(host, &length);
    return pw_fail(PW_ERROR_OUTPUT,
                   "%s: rank %d on %s cannot write it: %s. Use a file system that all nodes share.",
                   output->path, team->rank, host, strerror(error));
}

/* ---- checking ---- */

/* Rank 0. Creates the temporary file, unless one is there already. */
static pw_code probe(const pw_output *output, bool *created)
{
    const int file = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL, 0666);
    *created = file >= 0;
    if (file >= 0)
        close(file);
    else if (errno != EEXIST)
        return cannot(output->path, "cannot be written", errno);
    return PW_OK;
}

pw_code pw_output_check(pw_team *team, const char *path)
{
    pw_output output;
    bool created = false;
    pw_code code = find_names(team, path, &output);
    if (code != PW_OK)
        return code;
    if (team->rank == 0)
        code = probe(&output, &created);
    if ((code = pw_agree(team, code)) == PW_OK)
        code = pw_agree(team, check_seen(team, &output));
    if (created)
        unlink(output.temporary);
    forget(&output);
    return code;
}

/* ---- room ---- */

/* 0, or the error with which the file system declines to keep the bytes. */
static int keep_room(int file, int64_t bytes)
{
#ifdef __linux__
    if (fallocate(file, 0, 0, (off_t)bytes) != 0 &&
        (errno == ENOSPC || errno == EDQUOT || errno == EFBIG))
        return errno;
#else
    (void)file;
    (void)bytes;
#endif
    return 0;
}

void pw_output_reserve(const pw_output *output, int64_t bytes)
{
    const int file = open(output->temporary, O_WRONLY);
    if (file < 0)
        return;
    keep_room(file, bytes);
    close(file);
}

/* Rank 0. Free space as the file system states it, then a trial, which quotas do not pass either. */
static pw_code check_room(const pw_output *output, int file, int64_t bytes)
{
    struct statvfs system;
    char needed[24], there[24];
    if (fstatvfs(file, &system) == 0 && system.f_blocks > 0) {
        const double available = (double)system.f_bavail * (double)system.f_frsize;
        if (available < (double)bytes)
            return pw_fail(PW_ERROR_OUTPUT,
                           "%s: needs %s, and %s are free on its disk. Make room, or write "
                           "elsewhere.",
                           output->path, pw_memory_text(bytes, needed),
                           pw_memory_text((int64_t)available, there));
    }
    const int error = keep_room(file, bytes);
    if (error != 0)
        return cannot(output->path, "there is no room for it", error);
    return ftruncate(file, 0) == 0 ? PW_OK : cannot(output->path, "cannot be written", errno);
}

/* Whether the temporary file is still the one that was created: not so when another job, or what a killed one left
 * running, writes to the same name. */
static bool is_ours(const pw_output *output)
{
    struct stat status;
    return stat(output->temporary, &status) == 0 && status.st_dev == output->device &&
           status.st_ino == output->inode;
}

/* A new file, not an old one emptied: who still writes that does no harm. */
static pw_code create(pw_output *output, int64_t bytes)
{
    struct stat status;
    if (unlink(output->temporary) != 0 && errno != ENOENT)
        return cannot(output->path, "cannot be created", errno);
    const int file = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (file < 0)
        return cannot(output->path, "cannot be created", errno);
    pw_code code = check_room(output, file, bytes);
    if (code == PW_OK && fstat(file, &status) != 0)
        code = cannot(output->path, "cannot be created", errno);
    close(file);
    if (code != PW_OK)
        unlink(output->temporary);
    else {
        output->device = status.st_dev;
        output->inode = status.st_ino;
    }
    return code;
}

pw_code pw_output_open(pw_team *team, const char *path, int64_t bytes, pw_output *output)
{
    pw_code code = find_names(team, path, output);
    if (code != PW_OK)
        return code;
    if (team->rank == 0)
        code = create(output, bytes);
    code = pw_agree(team, code);
    if (code == PW_OK) {
        code = pw_agree(team, check_seen(team, output));
        if (code != PW_OK)
            pw_output_discard(team, output);
    }
    if (code != PW_OK)
        forget(output);
    return code;
}

/* ---- the end ---- */

static pw_code sync_file(const char *path, const char *final, int flags)
{
    const int file = open(path, flags);
    int error = file < 0 ? errno : 0;
    if (file >= 0 && fsync(file) != 0 && errno != EINVAL && errno != EROFS)
        error = errno;
    if (file >= 0 && close(file) != 0 && !error)
        error = errno;
    return error ? cannot(final, "cannot be written to the disk", error) : PW_OK;
}

/* The renaming itself lasts only once the directory is on the disk. */
static void sync_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *directory = joined(slash ? path : ".", "");
    if (directory && slash)
        directory[slash == path ? 1 : slash - path] = '\0';
    const int file = directory ? open(directory, O_RDONLY) : -1;
    if (file >= 0) {
        fsync(file);
        close(file);
    }
    free(directory);
}

static pw_code rename_all(const pw_output *output, bool keep_previous)
{
    bool kept = false;
    if (!is_ours(output))
        return pw_fail(PW_ERROR_OUTPUT,
                       "%s: another process writes it too. Was the job started twice?",
                       output->path);
    if (keep_previous) {
        kept = rename(output->path, output->previous) == 0;
        if (!kept && errno != ENOENT)
            return cannot(output->previous, "cannot be written", errno);
    }
    if (rename(output->temporary, output->path) == 0)
        return PW_OK;
    const int error = errno;
    if (kept && rename(output->previous, output->path) != 0)
        return cannot(output->path, "cannot be written; the one before is kept as .prev", error);
    return cannot(output->path, "cannot be written", error);
}

pw_code pw_output_publish(pw_team *team, pw_output *output, bool keep_previous)
{
    pw_code code = PW_OK;
    if (team->rank == 0) {
        code = sync_file(output->temporary, output->path, O_RDWR);
        if (code == PW_OK)
            code = rename_all(output, keep_previous);
        if (code == PW_OK)
            sync_directory(output->path);
    }
    code = pw_agree(team, code);
    if (code != PW_OK)
        pw_output_discard(team, output);
    forget(output);
    return code;
}

void pw_output_discard(const pw_team *team, pw_output *output)
{
    if (team->rank == 0 && output->temporary && is_ours(output))
        unlink(output->temporary);
    forget(output);
}
