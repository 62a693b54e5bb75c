/* Which rank owns which contiguous block of rows. */
#ifndef PW_DIST_LAYOUT_H
#define PW_DIST_LAYOUT_H

#include "base/status.h"

#include <stdint.h>

typedef struct pw_layout {
    int64_t total;   /* rows over all ranks */
    int size;        /* ranks */
    int64_t *offset; /* size + 1: rank r owns rows offset[r] … offset[r + 1] - 1 */
} pw_layout;

/* Local. Equal blocks: block sizes differ by one at the most, the larger ones first. Destroy it. */
pw_code pw_layout_even(int64_t total, int size, pw_layout *layout);

/* Local. Blocks of equal weight. `offset_in_weight` has `buckets` + 1 running sums (non-decreasing, from 0)
 * over equal shares of the rows: bucket b holds rows pw_share(total, buckets, b) … . Block ends fall on
 * bucket ends. */
pw_code pw_layout_weighted(int64_t total, int size, int64_t buckets,
                           const int64_t *offset_in_weight, pw_layout *layout);

/* Local. NULL-safe. */
void pw_layout_destroy(pw_layout *layout);

/* Local. The first item of part `part` of `total` items dealt evenly into `parts`. */
int64_t pw_share(int64_t total, int64_t parts, int64_t part);

/* Local. The part of pw_share that holds `item`. */
int64_t pw_share_of(int64_t total, int64_t parts, int64_t item);

/* Local. First row and number of rows of a rank; the rank that owns a row. */
int64_t pw_layout_first(const pw_layout *layout, int rank);
int64_t pw_layout_count(const pw_layout *layout, int rank);
int pw_layout_owner(const pw_layout *layout, int64_t row);

#endif
