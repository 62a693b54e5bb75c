/* Fetching ahead of use, for loops whose next place the processor does not foresee. */
#ifndef PW_BASE_FETCH_H
#define PW_BASE_FETCH_H

#include "base/vectors.h"

enum { PW_LINE = 64 }; /* bytes that come at a time */

/* Local. Asks for so many bytes from `from` on, a line after the other; they need not be the program's. */
PW_INLINE void pw_fetch(const void *from, const int bytes)
{
    for (int b = 0; b < bytes; b += PW_LINE)
        __builtin_prefetch((const char *)from + b);
}

/* Local. The same for what will be written. */
PW_INLINE void pw_fetch_to_write(void *from, const int bytes)
{
    for (int b = 0; b < bytes; b += PW_LINE)
        __builtin_prefetch((char *)from + b, 1);
}

#endif
