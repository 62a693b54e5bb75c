/* The smaller of two numbers. */
#ifndef PW_BASE_SMALLER_H
#define PW_BASE_SMALLER_H

#include <stdint.h>

/* Local. */
static inline int64_t pw_smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

#endif
