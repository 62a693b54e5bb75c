/* Items dealt into groups of near equal size in scattered order, without a table: of each `groups` items in a row one
 * goes to each group, in an order drawn for them. Sizes of groups differ by 1 at the most. */
#ifndef PW_READ_SCATTER_H
#define PW_READ_SCATTER_H

#include "base/random.h"

typedef struct pw_scatter {
    pw_random_key key;
    int64_t total, groups;
} pw_scatter;

/* Local. The group of an item. */
int64_t pw_scatter_group(const pw_scatter *scatter, int64_t item);

/* Local. The item of a group that is among items round·groups … (round + 1)·groups - 1; -1 where the last, shorter
 * round has none. */
int64_t pw_scatter_item(const pw_scatter *scatter, int64_t group, int64_t round);

/* Local. Rounds, the last of which may be shorter. */
int64_t pw_scatter_rounds(const pw_scatter *scatter);

#endif
