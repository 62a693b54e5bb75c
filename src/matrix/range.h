/* What numbers there are among the entries of V, and which types hold them all exactly. */
#ifndef PW_MATRIX_RANGE_H
#define PW_MATRIX_RANGE_H

#include "base/type.h"
#include "dist/team.h"

#include <stdbool.h>

typedef struct pw_range {
    double fraction; /* 1: some are not whole numbers, or not finite */
    double largest,
        below; /* of the whole numbers: the largest, and minus the least; -HUGE_VAL without any */
} pw_range;

/* Local. A range without numbers; and one with `count` numbers more. */
pw_range pw_range_empty(void);
void pw_range_add(pw_range *range, const double *values, int64_t count);

/* Collective over team. The range over all ranks. */
void pw_range_agree(pw_team *team, pw_range *range);

/* Local. Whether all are 1. */
bool pw_range_is_one(const pw_range *range);

/* Local. The narrowest unsigned type that holds all exactly, else PW_F64. Never PW_ONE. */
pw_type pw_range_narrowest(const pw_range *range);

/* Local. Whether a type holds them: integers exactly, floats as well as they can. */
bool pw_range_fits(const pw_range *range, pw_type type);

#endif
