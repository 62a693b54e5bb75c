/* Making the rows of a sparse matrix one after the other: create → allocate → store … → finish. */
#ifndef PW_READ_CSR_H
#define PW_READ_CSR_H

#include "matrix/matrix.h"

/* Collective over team. Makes V a sparse matrix split evenly by rows, with row pointers (zeros) but without room for
 * entries. */
pw_code pw_csr_create(pw_team *team, int64_t rows, int64_t cols, pw_type type, pw_matrix *V);

/* Collective over team. Room for so many entries on this rank. PW_ERROR_MEMORY on all ranks where there is none. */
pw_code pw_csr_allocate(pw_team *team, int64_t entries, pw_matrix *V);

/* Local. Stores an entry at `at` among this rank's, as V's type can hold it, unless it is 0 then. Returns where the
 * next one goes. */
int64_t pw_csr_store(pw_matrix *V, int64_t at, uint32_t column, double value);

/* Local. Ascending. */
void pw_csr_sort(uint32_t *column, int64_t count);

/* Collective over team. Gives back the room that the entries, as the row pointers tell, leave free, and counts those
 * of all ranks. */
void pw_csr_finish(pw_team *team, pw_matrix *V);

#endif
