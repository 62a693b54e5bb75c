/* Small arithmetic of counts: the smaller and the larger of two, and how many parts of a size there are. */
#ifndef PW_BASE_SMALLER_H
#define PW_BASE_SMALLER_H

#include <stdint.h>

/* Local. */
static inline int64_t pw_smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Local. */
static inline int64_t pw_larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Local. Into how many parts of `each` > 0 a count goes; the last part may be smaller. */
static inline int64_t pw_parts_of(int64_t count, int64_t each)
{
    return (count + each - 1) / each;
}

#endif
