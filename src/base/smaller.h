/* The smaller of two numbers, and the larger. */
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

#endif
