#include "base/random.h"

#include <Random123/philox.h>
#include <math.h>

static philox4x32_ctr_t draw(pw_random_key key, int64_t row, uint32_t column)
{
    const philox4x32_ctr_t counter = {{(uint32_t)row,
                                       (uint32_t)((uint64_t)row >> 32) ^ (uint32_t)key.stream << 24,
                                       column, key.model}};
    const philox4x32_key_t words = {{(uint32_t)key.seed, (uint32_t)(key.seed >> 32)}};
    return philox4x32(counter, words);
}

/* (0, 1) from 52 of 64 bits, in the middle of its interval: 1 itself cannot come out by rounding. */
static double unit(uint32_t low, uint32_t high)
{
    const uint64_t bits = ((uint64_t)high << 32 | low) >> 12;
    return ((double)bits + 0.5) * 0x1p-52;
}

double pw_random_uniform(pw_random_key key, int64_t row, uint32_t column)
{
    const philox4x32_ctr_t r = draw(key, row, column);
    return unit(r.v[0], r.v[1]);
}

void pw_random_pair(pw_random_key key, int64_t row, uint32_t column, double pair[2])
{
    const philox4x32_ctr_t r = draw(key, row, column);
    pair[0] = unit(r.v[0], r.v[1]);
    pair[1] = unit(r.v[2], r.v[3]);
}

double pw_random_normal(pw_random_key key, int64_t row, uint32_t column)
{
    const double two_pi = 6.283185307179586476925286766559;
    double pair[2];
    pw_random_pair(key, row, column, pair);
    return sqrt(-2 * log(pair[0])) * cos(two_pi * pair[1]);
}
