/* Searching in ascending numbers. */
#ifndef PW_BASE_SEARCH_H
#define PW_BASE_SEARCH_H

#include <stdint.h>

/* Local. The place of the first of `count` ascending numbers that is not below `wanted`; `count` if all are. */
static inline int64_t pw_first_not_below(const int64_t *ascending, int64_t count, int64_t wanted)
{
    int64_t low = 0, high = count;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (ascending[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

#endif
