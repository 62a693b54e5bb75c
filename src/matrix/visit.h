/* V entry by entry, for what is no product. */
#ifndef PW_MATRIX_VISIT_H
#define PW_MATRIX_VISIT_H

#include "matrix/matrix.h"

typedef void (*pw_visitor)(void *context, int64_t row, int64_t column, double v);

/* Local. Calls `visit` for every entry of this rank's rows that is not 0, by row, then column of the swept matrix (both counted
 * over all ranks), without weights. */
void pw_matrix_visit(const pw_matrix *V, pw_visitor visit, void *context);

#endif
