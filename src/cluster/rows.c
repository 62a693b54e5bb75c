#include "cluster/rows.h"

#include "dist/collective.h"
#include "matrix/row.h"

#include <math.h>
#include <string.h>

int pw_trials(int k)
{
    return 2 + (int)log(k);
}

void pw_rows_fetch(pw_team *team, const pw_matrix *V, int count, const int64_t *row, double *X)
{
    const pw_tile all = pw_matrix_tile(V, 0, V->count);
    memset(X, 0, (size_t)(count * V->cols) * sizeof *X);
    for (int c = 0; c < count; c++)
        if (row[c] >= V->first && row[c] < V->first + V->count)
            pw_row_add(&all, row[c] - V->first, X + c * V->cols);
    pw_reduce_sum(team, X, count * V->cols);
}

/* The row at which the running sum of the weights over all ranks passes `share` of the whole; -1 where it is not this rank's,
 * or all are 0. */
static int64_t find_row(const pw_team *team, const pw_matrix *V, const double *weight,
                        const double *of_rank, double share)
{
    double total = 0, before = 0;
    int64_t last = -1;
    int owner = 0, heaviest = 0;
    for (int r = 0; r < team->size; r++) {
        total += of_rank[r];
        heaviest = of_rank[r] > 0 ? r : heaviest;
    }
    const double wanted = share * total;
    while (owner < heaviest && !(wanted < before + of_rank[owner]))
        before += of_rank[owner++];
    for (int64_t i = 0; owner == team->rank && i < V->count; i++) {
        if (!(weight[i] > 0))
            continue;
        last = i;
        before += weight[i];
        if (wanted < before)
            break;
    }
    return last < 0 ? -1 : V->first + last;
}

bool pw_rows_draw(pw_team *team, const pw_matrix *V, const double *weight, double *of_rank,
                  pw_random_key key, int64_t step, int trials, int64_t *row)
{
    memset(of_rank, 0, (size_t)team->size * sizeof *of_rank);
    for (int64_t i = 0; i < V->count; i++)
        of_rank[team->rank] += weight[i];
    pw_reduce_sum(team, of_rank, team->size);
    for (int t = 0; t < trials; t++)
        row[t] = find_row(team, V, weight, of_rank, pw_random_uniform(key, step, (uint32_t)t));
    pw_reduce_max_int(team, row, trials);
    return row[0] >= 0;
}

int64_t pw_rows_farthest(pw_team *team, const pw_matrix *V, const double *counts,
                         const int32_t *label, float *distance, int64_t *cluster)
{
    int64_t own = -1, found[2] = {-1, -1}, owner = team->rank;
    for (int64_t i = 0; i < V->count; i++)
        if (counts[label[i]] > 1 && distance[i] > 0 && (own < 0 || distance[i] > distance[own]))
            own = i;
    double least = own < 0 ? 0 : -(double)distance[own];
    pw_reduce_min_at(team, &least, &owner);
    if (least == 0)
        return -1;
    if (owner == team->rank) {
        found[0] = V->first + own;
        found[1] = label[own];
        distance[own] = 0;
    }
    pw_reduce_max_int(team, found, 2);
    *cluster = found[1];
    return found[0];
}
