/* Counter-based random numbers (Philox 4x32-10, Salmon et al. 2011, by Random123): a value is a function
 * of its key alone, so it does not depend on how many ranks or threads draw, or in which order. */
#ifndef PW_BASE_RANDOM_H
#define PW_BASE_RANDOM_H

#include <stdint.h>

/* What a number is for: two purposes never share numbers. */
typedef enum pw_random_stream {
    PW_RANDOM_W,
    PW_RANDOM_H,
    PW_RANDOM_REVIVE,
    PW_RANDOM_GENERATE_W,
    PW_RANDOM_GENERATE_H,
    PW_RANDOM_GENERATE_NOISE,
    PW_RANDOM_GENERATE_PATTERN,
    PW_RANDOM_PERTURB,
    PW_RANDOM_GENERATE_GROUPS,
    PW_RANDOM_KRYLOV,
    PW_RANDOM_CLUSTER
} pw_random_stream;

typedef struct pw_random_key {
    uint64_t seed;
    pw_random_stream stream;
    uint32_t model; /* which member of the ensemble, or another third coordinate */
} pw_random_key;

/* Local. Uniform in (0, 1), 52 bits, never 0 or 1. */
double pw_random_uniform(pw_random_key key, int64_t row, uint32_t column);

/* Local. Two that are independent. */
void pw_random_pair(pw_random_key key, int64_t row, uint32_t column, double pair[2]);

/* Local. Standard normal (Box & Muller 1958). */
double pw_random_normal(pw_random_key key, int64_t row, uint32_t column);

#endif
