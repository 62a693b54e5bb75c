/* Hashing of whole numbers. */
#ifndef PW_BASE_MIX_H
#define PW_BASE_MIX_H

#include <stdint.h>

/* Local. Every bit of the outcome depends on every bit of x: the last step of splitmix64 (Steele et al. 2014). */
static inline uint64_t pw_mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

#endif
