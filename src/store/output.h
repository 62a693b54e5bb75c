/* Where a result goes: an empty file of a temporary name beside the final one, room for it on the disk, and the
 * renaming at the end, so that nobody ever sees half a result. */
#ifndef PW_STORE_OUTPUT_H
#define PW_STORE_OUTPUT_H

#include "dist/team.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

typedef struct pw_output {
    char *path;      /* the final name */
    char *temporary; /* path.tmp */
    char *previous;  /* path.prev */
    dev_t device;    /* which file the temporary one is: rank 0 knows it again */
    ino_t inode;
} pw_output;

/* Collective over team. Whether `path` could be written, by creating and removing path.tmp. Touches nothing that is
 * there. Errors: PW_ERROR_OUTPUT. */
pw_code pw_output_check(pw_team *team, const char *path);

/* Collective over team. Creates the empty temporary file, after making sure that `bytes` bytes fit onto the disk.
 * Errors: PW_ERROR_OUTPUT, and there is no temporary file. End with publish or discard. */
pw_code pw_output_open(pw_team *team, const char *path, int64_t bytes, pw_output *output);

/* Local. Asks the file system to keep `bytes` bytes for the temporary file; no failure where it cannot. */
void pw_output_reserve(const pw_output *output, int64_t bytes);

/* Collective over team. Syncs the temporary file and gives it its final name. With `keep_previous` what had that name
 * becomes path.prev, else it is replaced. Frees the output. Errors: PW_ERROR_OUTPUT, what was there stays. */
pw_code pw_output_publish(pw_team *team, pw_output *output, bool keep_previous);

/* Collective over team. A text of about `bytes` bytes, which rank 0 prints: `print` leaves errors to the state of the file.
 * Complete or not at all. Errors: PW_ERROR_OUTPUT. */
pw_code pw_output_print(pw_team *team, const char *path, int64_t bytes,
                        void (*print)(const void *context, FILE *file), const void *context);

/* Local. Rank 0 removes the temporary file. Frees the output; safe on an empty one. */
void pw_output_discard(const pw_team *team, pw_output *output);

#endif
