/* Where large arrays lie on a node with several memory domains: a page lies in the domain of the thread that touches it
 * first. */
#ifndef PW_MATRIX_PLACE_H
#define PW_MATRIX_PLACE_H

#include "matrix/matrix.h"

/* Local. Fresh memory of pw_new with `size` bytes for each row of this rank's part of V, or (_entries) for each stored
 * entry of sparse V, whose row_pointer stands: each thread touches the pages of the rows that sweeps over V will give it.
 * Nothing with one thread. */
void pw_place_rows(const pw_team *team, const pw_matrix *V, size_t size, void *memory);
void pw_place_entries(const pw_team *team, const pw_matrix *V, size_t size, void *memory);

#endif
