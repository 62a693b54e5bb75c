/* Rows of V one by one, and drawing some of them. Within cluster/ only. */
#ifndef PW_CLUSTER_ROWS_H
#define PW_CLUSTER_ROWS_H

#include "base/random.h"
#include "matrix/source.h"

enum { PW_MOST_TRIALS = 16 }; /* of pw_trials */

/* Local. How many candidates greedy k-means++ has for each of k centroids: 2 + ln k. */
int pw_trials(int k);

/* Collective over team. Rows of V by their numbers, `count` of them, into X (count × V->cols), the same on every rank. */
void pw_rows_fetch(pw_team *team, const pw_matrix *V, int count, const int64_t *row, double *X);

/* Collective over team. Draws `trials` rows of V, each with a probability that goes as its weight, into `row`: by the numbers
 * (step, 0), (step, 1), … of the key. `weight`: of this rank's rows; `of_rank`: room for a number for each rank. False where all
 * weights are 0. Depends on how V is dealt by the rounding of sums only. */
bool pw_rows_draw(pw_team *team, const pw_matrix *V, const double *weight, double *of_rank,
                  pw_random_key key, int64_t step, int trials, int64_t *row);

/* Collective over team. The row that is farthest from the centre of its cluster, of clusters that have others: its number, and
 * its cluster; -1 where none is off its centre. `counts`: rows of each cluster; `label` and `distance`: of this rank's rows, where
 * the distance becomes 0, so that the next call finds another. Of equally far ones the first. */
int64_t pw_rows_farthest(pw_team *team, const pw_matrix *V, const double *counts,
                         const int32_t *label, float *distance, int64_t *cluster);

#endif
