/* Files that tests of several ranks write for themselves, and V gathered into one place. */
#ifndef PW_TESTS_SCRATCH_H
#define PW_TESTS_SCRATCH_H

#include "matrix/matrix.h"

/* Collective over team. A temporary file with `length` bytes (-1: a string); packed: gzip. One at
 * a time: a new one replaces the last. Returns its path. */
const char *scratch_file(pw_team *team, const char *bytes, int64_t length, bool packed);

/* Collective over team. Removes it. */
void scratch_remove(pw_team *team);

/* Collective over team. All of V as the user sees it, m × n doubles, on every rank. To be freed. */
double *scratch_gather(pw_team *team, const pw_matrix *V);

/* Collective over team. All names in a row, with a bar behind each. To be freed. */
char *scratch_gather_names(pw_team *team, const pw_names *names);

#endif
