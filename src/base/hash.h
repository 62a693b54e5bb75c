/* Hashing of numbers. */
#ifndef PW_BASE_HASH_H
#define PW_BASE_HASH_H

#include <stdint.h>
#include <string.h>

/* Local. Every bit of the outcome depends on every bit of x: the last step of splitmix64 (Steele et al. 2014). */
static inline uint64_t pw_hash_mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* Local. The bits of a number. */
static inline uint64_t pw_hash_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

#endif
