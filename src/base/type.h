/* Widening of V's types to float or double, and back. */
#ifndef PW_BASE_TYPE_H
#define PW_BASE_TYPE_H

#include "base/status.h"
#include "partwise/type.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Local. Bytes of one element; 0 for PW_ONE. */
size_t pw_type_size(pw_type type);

/* Local. "u8", "f64", …; "one" for PW_ONE. */
const char *pw_type_text(pw_type type);

/* Local. Widens `count` elements of `type` that start at `values` + `first` elements. */
void pw_widen_to_double(pw_type type, const void *values, int64_t first, int64_t count,
                        double *wide);
void pw_widen_to_float(pw_type type, const void *values, int64_t first, int64_t count, float *wide);

/* Local. The same of those that stand at `values` + place[0], place[1], … elements. */
void pw_pick_to_double(pw_type type, const void *values, const int64_t *place, int64_t count,
                       double *wide);
void pw_pick_to_float(pw_type type, const void *values, const int64_t *place, int64_t count,
                      float *wide);

/* Local. Whether all of `count` elements are 1. */
bool pw_are_ones(pw_type type, const void *values, int64_t count);

/* Local. Writes `count` doubles as `type`; the values must be exact in that type (PW_ONE: nothing). */
void pw_narrow(pw_type type, const double *wide, int64_t count, void *values, int64_t first);

/* Local. Replaces `count` values by the same in another type, which must hold them, too. PW_ERROR_MEMORY: all stays. */
pw_code pw_change_type(pw_type to, int64_t count, pw_type *type, void **values);

/* Local. The narrowest unsigned type that holds whole numbers up to `largest`; PW_F64 beyond 2^53, where a
 * double no longer tells them apart. */
pw_type pw_type_for_whole_numbers(double largest);

#endif
