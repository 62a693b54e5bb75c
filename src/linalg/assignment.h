/* The linear assignment problem: who gets what, one-to-one, so that the total is largest. */
#ifndef PW_LINALG_ASSIGNMENT_H
#define PW_LINALG_ASSIGNMENT_H

#include "base/status.h"

#include <stdint.h>

/* Local. Pairs rows with columns of `gain` (rows × columns, dense, row-major, finite) one-to-one so that the sum of the
 * gains of the pairs is largest: min(rows, columns) pairs. `column_of_row` (rows) tells the column of each row, -1 where
 * there are more rows than columns and none is left. Ties are broken in the same way every time. Shortest augmenting
 * paths (Jonker & Volgenant 1987, Computing 38:325) as Crouse 2016 (IEEE TAES 52:1679) has them for rectangles:
 * time of least² · most, memory beside the gains of 5 · least + 5 · most numbers. Errors: PW_ERROR_MEMORY. */
pw_code pw_assignment(int64_t rows, int64_t columns, const double *gain, int64_t *column_of_row);

#endif
