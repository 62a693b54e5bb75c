#include "select/consensus.h"

#include "base/memory.h"
#include "base/smaller.h"
#include "dist/collective.h"
#include "matrix/matrix.h"
#include "select/cophenetic.h"
#include "select/linkage.h"
#include "select/silhouette.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TILE = 64 };

void pw_consensus_destroy(pw_consensus *consensus)
{
    if (!consensus)
        return;
    free(consensus->C);
    free(consensus->linkage);
    free(consensus->order);
    free(consensus->cluster);
    free(consensus->silhouette);
    free(consensus->cluster_silhouette);
    *consensus = (pw_consensus){.items = 0};
}

/* Collective over team. `distance` is items × count. */
static pw_code allocate(pw_team *team, pw_consensus *s, double **distance)
{
    const int64_t entry_bytes = sizeof *s->C + sizeof **distance;
    int64_t entries, bytes;
    char what[64];
    snprintf(what, sizeof what, "the consensus of %" PRId64 " items", s->items);
    const bool absurd = __builtin_mul_overflow(s->count, s->items, &entries) ||
                        __builtin_mul_overflow(entries, entry_bytes, &bytes);
    pw_code code = pw_memory_check(team, absurd ? INT64_MAX / team->size : bytes, NULL, what);
    if (code != PW_OK)
        return code;
    if ((code = PW_NEW(*distance, entries)) == PW_OK && (code = PW_NEW(s->C, entries)) == PW_OK &&
        (code = PW_NEW(s->linkage, 4 * s->items)) == PW_OK &&
        (code = PW_NEW(s->order, s->items)) == PW_OK &&
        (code = PW_NEW(s->cluster, s->items)) == PW_OK &&
        (code = PW_NEW(s->silhouette, s->items)) == PW_OK)
        code = PW_NEW(s->cluster_silhouette, s->k);
    return pw_agree(team, code);
}

/* ---- the matrix ---- */

/* Rows i … of this rank and columns j …. */
typedef struct tile {
    int64_t i, rows, j, columns;
    int32_t together[TILE][TILE]; /* restarts in which two items have the same label */
} tile;

static void count_tile(const pw_consensus *s, int restarts, const int32_t *labels, tile *t)
{
    memset(t->together, 0, sizeof t->together);
    for (int r = 0; r < restarts; r++) {
        const int32_t *row = labels + r * s->items + s->first + t->i;
        const int32_t *column = labels + r * s->items + t->j;
        for (int64_t i = 0; i < t->rows; i++) {
            if (row[i] < 0)
                continue;
            for (int64_t j = 0; j < t->columns; j++)
                t->together[i][j] += column[j] == row[i];
        }
    }
}

static void keep_tile(const pw_consensus *s, int restarts, const tile *t, double *distance)
{
    for (int64_t i = 0; i < t->rows; i++)
        for (int64_t j = 0; j < t->columns; j++)
            s->C[(t->i + i) * s->items + t->j + j] =
                (float)((double)t->together[i][j] / (double)restarts);
    for (int64_t j = 0; j < t->columns; j++)
        for (int64_t i = 0; i < t->rows; i++)
            distance[(t->j + j) * s->count + t->i + i] = (double)(restarts - t->together[i][j]);
}

/* Local. C, and in `distance`, transposed, in how many restarts two items are apart. */
static void fill(const pw_team *team, const pw_consensus *s, int restarts, const int32_t *labels,
                 double *distance)
{
#pragma omp parallel for num_threads(team->threads) schedule(dynamic)
    for (int64_t i = 0; i < s->count; i += TILE)
        for (int64_t j = 0; j < s->items; j += TILE) {
            tile t = {.i = i,
                      .rows = pw_smaller(TILE, s->count - i),
                      .j = j,
                      .columns = pw_smaller(TILE, s->items - j)};
            count_tile(s, restarts, labels, &t);
            keep_tile(s, restarts, &t, distance);
        }
    for (int64_t i = 0; i < s->count; i++)
        s->C[i * s->items + s->first + i] = 1;
}

/* ---- what it comes to ---- */

/* Collective over team. */
static double find_dispersion(pw_team *team, const pw_consensus *s)
{
    double sum = 0;
    for (int64_t i = 0; i < s->count; i++) {
        double row = 0;
        for (int64_t j = 0; j < s->items; j++) {
            const double off = (double)s->C[i * s->items + j] - 0.5;
            row += 4 * off * off;
        }
        sum += row;
    }
    pw_reduce_sum(team, &sum, 1);
    return sum / (double)s->items / (double)s->items;
}

static double mean_of(const double *values, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

/* Collective over team. All that follows from C and the linkage. */
static pw_code evaluate(pw_team *team, pw_consensus *s)
{
    int64_t *joint = NULL;
    double *height = NULL;
    pw_code code = PW_NEW(joint, s->items);
    if (code == PW_OK)
        code = PW_NEW(height, s->items);
    if (code == PW_OK)
        code = pw_linkage_lay_out(s->items, s->linkage, s->order, joint);
    PW_TRY(pw_agree(team, code));
    for (int64_t p = 0; p < s->items - 1; p++)
        height[p] = s->linkage[4 * joint[p] + 2];
    pw_linkage_cut(s->items, s->k, s->order, joint, s->cluster);
    PW_TRY(pw_cophenetic_correlate(team, s->items, s->C, s->order, height, &s->cophenetic));
    PW_TRY(pw_silhouette_find(team, s->items, s->C, s->k, s->cluster, s->silhouette,
                              s->cluster_silhouette));
    s->mean_silhouette = mean_of(s->silhouette, s->items);
    s->dispersion = find_dispersion(team, s);
done:
    free(joint);
    free(height);
    return code;
}

pw_code pw_consensus_create(pw_team *team, int64_t items, int restarts, const int32_t *labels,
                            int64_t k, pw_consensus *consensus)
{
    const int64_t first = pw_share(items, team->size, team->rank);
    double *distance = NULL;
    pw_code code = PW_OK;
    *consensus = (pw_consensus){.items = items,
                                .k = pw_smaller(k, items),
                                .first = first,
                                .count = pw_share(items, team->size, team->rank + 1) - first};
    PW_TRY(allocate(team, consensus, &distance));
    fill(team, consensus, restarts, labels, distance);
    PW_TRY(pw_linkage_average(team, items, restarts, distance, consensus->linkage));
    free(distance);
    distance = NULL;
    PW_TRY(evaluate(team, consensus));
done:
    free(distance);
    return code;
}
