/* Allocation that cannot overflow, and the memory that this node has. */
#ifndef PW_BASE_MEMORY_H
#define PW_BASE_MEMORY_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Local. `count` zeroed elements of `size` bytes; NULL with a failure text when there is no memory. A count of 0 gives a valid pointer. Free with free(). */
void *pw_new(int64_t count, size_t size);

#define PW_NEW(pointer, count)                                                                     \
    (((pointer) = pw_new((count), sizeof *(pointer))) ? PW_OK : PW_ERROR_MEMORY)

/* Local. Makes room for `needed` elements in a growing array, at least doubling it. On failure the array
 * stays as it was. `*capacity` counts elements. */
pw_code pw_grow(void **array, int64_t *capacity, int64_t needed, size_t size);

#define PW_GROW(pointer, capacity, needed)                                                         \
    pw_grow((void **)&(pointer), (capacity), (needed), sizeof *(pointer))

/* Local. Bytes that processes of this job may still take on this node: the smaller of what the kernel
 * calls available and what is left below the limits of the control groups. */
int64_t pw_memory_available(void);

/* Local. "3.2 GiB" into text. Returns text. */
char *pw_memory_text(int64_t bytes, char text[static 24]);

#endif
