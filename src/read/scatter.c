/* Place j of a round goes to group (a j + b) mod groups, a and b drawn for the round and a without a divisor in common
 * with the number of groups: a permutation whose inverse is as cheap. */
#include "read/scatter.h"

#include "base/smaller.h"

typedef struct deal {
    int64_t a, b;
} deal;

static int64_t common_divisor(int64_t x, int64_t y)
{
    while (y != 0) {
        const int64_t rest = x % y;
        x = y;
        y = rest;
    }
    return x;
}

static deal deal_of(const pw_scatter *scatter, int64_t round)
{
    const int64_t groups = scatter->groups;
    deal d = {.a = groups > 1 ? 0 : 1};
    for (uint32_t draw = 0; common_divisor(groups, d.a) != 1; draw++) {
        double u[2];
        pw_random_pair(scatter->key, round, draw, u);
        d.a = 1 + (int64_t)(u[0] * (double)(groups - 1));
        d.b = (int64_t)(u[1] * (double)groups);
    }
    return d;
}

/* x with a x = 1 modulo `groups`, by Euclid's algorithm: a x_i = r_i holds for all its remainders r_i. */
static int64_t inverse(int64_t a, int64_t groups)
{
    int64_t r = groups, next_r = a % groups, x = 0, next_x = 1;
    while (next_r > 0) {
        const int64_t quotient = r / next_r, rest = r % next_r, further = x - quotient * next_x;
        r = next_r;
        next_r = rest;
        x = next_x;
        next_x = further;
    }
    return (x + groups) % groups;
}

int64_t pw_scatter_group(const pw_scatter *scatter, int64_t item)
{
    const deal d = deal_of(scatter, item / scatter->groups);
    return (d.a * (item % scatter->groups) + d.b) % scatter->groups;
}

int64_t pw_scatter_item(const pw_scatter *scatter, int64_t group, int64_t round)
{
    const int64_t groups = scatter->groups;
    const deal d = deal_of(scatter, round);
    const int64_t place = (group - d.b + groups) % groups * inverse(d.a, groups) % groups;
    const int64_t item = round * groups + place;
    return item < scatter->total ? item : -1;
}

int64_t pw_scatter_rounds(const pw_scatter *scatter)
{
    return pw_parts_of(scatter->total, scatter->groups);
}
