/* Poisson numbers out of counter-based random numbers. */
#ifndef PW_BASE_POISSON_H
#define PW_BASE_POISSON_H

#include "base/random.h"

/* Local. A Poisson number with this mean (finite, not negative), a function of the key, the place and the mean alone. It
 * draws with key.model … key.model + 255 at most.
 *
 * Means below 10 by inversion; up to 1e15 by transformed rejection (PTRS, Hörmann 1993), with the
 * probabilities from their deviance (Loader 2000), which loses no digits where numbers are large; both are exact up to the
 * rounding of doubles. Above, where a double no longer tells whole numbers apart, by a rounded normal number. */
double pw_random_poisson(pw_random_key key, int64_t row, uint32_t column, double mean);

#endif
