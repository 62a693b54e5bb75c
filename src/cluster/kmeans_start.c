/* The first centroids, by greedy k-means++ (Arthur & Vassilvitskii 2007): each is the best of some rows that are drawn with
 * probabilities that go as their squared distances to the nearest centroid so far. One sweep over V for each. */
#include "cluster/kmeans_state.h"

#include "cluster/rows.h"
#include "dist/collective.h"

#include <math.h>
#include <string.h>

/* Candidates whose sums differ by less than rounding are equally good: the first is taken, on any number of ranks. */
static const double SAME = 1e-12;

/* Squared distance of each row to the nearest centroid, if candidate t were one. Those within rounding are 0, so that no row
 * is drawn that is a centroid already. */
static void try_row(pw_kmeans_state *s, void *context, int64_t row, const double *D)
{
    const double slack = pw_points_own_slack(s, &s->candidates, row);
    (void)context;
    for (int t = 0; t < s->trials; t++) {
        const double d = D[t] > slack ? D[t] : 0;
        s->trial[row * s->trials + t] = d < s->nearest[row] ? d : s->nearest[row];
    }
}

/* Collective over team. The best of the candidates in s->row, which becomes centroid c. */
static void take_best(pw_kmeans_state *s, int c)
{
    const int64_t n = s->V->cols, trials = s->trials;
    double sum[PW_MOST_TRIALS] = {0};
    int best = 0;
    pw_points_set(s, &s->candidates, s->row);
    pw_points_visit(s, &s->candidates, try_row, NULL);
    for (int64_t i = 0; i < s->V->count; i++)
        for (int64_t t = 0; t < trials; t++)
            sum[t] += s->trial[i * trials + t] * (s->weight ? s->weight[i] : 1);
    pw_reduce_sum(s->team, sum, trials);
    for (int t = 1; t < trials; t++)
        if (sum[t] < sum[best] * (1 - SAME))
            best = t;
    for (int64_t i = 0; i < s->V->count; i++) {
        s->nearest[i] = s->trial[i * trials + best];
        s->chance[i] = s->nearest[i] * (s->weight ? s->weight[i] : 1);
    }
    memcpy(s->C + c * n, s->row + best * n, (size_t)n * sizeof *s->C);
}

void pw_kmeans_start(pw_kmeans_state *s, uint64_t seed)
{
    const pw_random_key key = {.seed = seed, .stream = PW_RANDOM_CLUSTER};
    const int64_t n = s->V->cols;
    int64_t row[PW_MOST_TRIALS];
    for (int64_t i = 0; i < s->V->count; i++) {
        s->nearest[i] = INFINITY;
        s->chance[i] = s->weight ? s->weight[i] : 1;
    }
    for (int c = 0; c < s->k; c++) {
        if (!pw_rows_draw(s->team, s->V, s->chance, s->of_rank, key, c, s->trials, row)) {
            memcpy(s->C + c * n, s->C, (size_t)n * sizeof *s->C); /* all rows are centroids */
            continue;
        }
        pw_rows_fetch(s->team, s->V, s->trials, row, s->row);
        take_best(s, c);
    }
}
