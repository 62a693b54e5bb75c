/* Searching in ascending numbers. */
#ifndef PW_BASE_SEARCH_H
#define PW_BASE_SEARCH_H

#include <stdint.h>

#define PW_DEFINE_FIRST_NOT_BELOW(name, number)                                                    \
    static inline int64_t name(const number *ascending, int64_t count, int64_t wanted)             \
    {                                                                                              \
        int64_t low = 0, high = count;                                                             \
        while (low < high) {                                                                       \
            const int64_t middle = low + (high - low) / 2;                                         \
            if (ascending[middle] < wanted)                                                        \
                low = middle + 1;                                                                  \
            else                                                                                   \
                high = middle;                                                                     \
        }                                                                                          \
        return low;                                                                                \
    }

/* Local. The place of the first of `count` ascending numbers, or of columns, that is not below `wanted`; `count` if all are. */
PW_DEFINE_FIRST_NOT_BELOW(pw_first_not_below, int64_t)
PW_DEFINE_FIRST_NOT_BELOW(pw_column_not_below, uint32_t)

#undef PW_DEFINE_FIRST_NOT_BELOW

#endif
