/* A random sample of items. */
#ifndef PW_SELECT_SAMPLE_H
#define PW_SELECT_SAMPLE_H

#include "base/status.h"

#include <stdint.h>

/* Most items that a consensus is made of where nothing else is asked for: 4.8 GB over all ranks while it is made. */
enum { PW_CONSENSUS_ITEMS = 20000 };

/* Local. The smaller of n and `most` of the items 0 … n - 1, ascending, in `item`: those with the smallest hashes of (seed,
 * item). The same on every rank; a larger sample with the same seed has all items of a smaller one. Memory. */
pw_code pw_items_sample(uint64_t seed, int64_t n, int64_t most, int64_t *item);

#endif
