/* Collective transfers of any length: counts are int64_t, beyond 2^31 elements they go in pieces. */
#ifndef PW_DIST_COLLECTIVE_H
#define PW_DIST_COLLECTIVE_H

#include "dist/layout.h"
#include "dist/team.h"

/* Local. Narrows a count for MPI and BLAS; a value that does not fit is a bug and ends the job. */
int pw_int(int64_t value);

/* Collective over team. Element-wise sum over ranks, in place, the same on every rank. */
void pw_reduce_sum(pw_team *team, double *values, int64_t count);
void pw_reduce_sum_int(pw_team *team, int64_t *values, int64_t count);

/* Collective over team. Element-wise maximum over ranks, in place. */
void pw_reduce_max(pw_team *team, double *values, int64_t count);
void pw_reduce_max_int(pw_team *team, int64_t *values, int64_t count);

/* Collective over team. The smallest of the ranks' values and its index, which is below 2^31; of equal values the one with
 * the smallest index. */
void pw_reduce_min_at(pw_team *team, double *value, int64_t *index);

/* Collective over team. Sum of `value` over the lower ranks. */
int64_t pw_scan_before(pw_team *team, int64_t value);

/* Collective over team. `bytes` bytes of rank `root` to all. */
void pw_broadcast(pw_team *team, void *data, int64_t bytes, int root);

/* Collective over team. The rows of all ranks, in their order, to all: `own` are this rank's, layout->total rows come
 * out. `row_bytes` of each, and no rank has 2^31 rows or more. */
void pw_gather_rows(pw_team *team, const pw_layout *layout, int64_t row_bytes, const void *own,
                    void *all);

/* Collective over team. The same to rank `root` alone; elsewhere `all` is not looked at. */
void pw_gather_rows_at(pw_team *team, const pw_layout *layout, int64_t row_bytes, const void *own,
                       void *all, int root);

/* Collective over team. Rank r sends send_count[q] elements of `size` bytes to rank q, taken from `send`
 * in the order of q; `receive` is allocated to hold what comes, in the order of the sending ranks, and is
 * the caller's to free. `receive_count` (team size) tells how many came from each rank. `send` may be NULL
 * where all counts are 0. Memory: fails together on all ranks before any transfer. */
pw_code pw_exchange(pw_team *team, const void *send, const int64_t *send_count, size_t size,
                    void **receive, int64_t *receive_count);

/* Collective over team. The same where every rank knows what comes: receive_count[q] elements of rank q, into the
 * caller's `receive`. Either may be NULL where its counts are all 0. */
void pw_exchange_into(pw_team *team, const void *send, const int64_t *send_count, size_t size,
                      void *receive, const int64_t *receive_count);

#endif
