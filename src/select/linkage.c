/* Every rank follows the same chain. What it holds of two clusters is the sum of the distances between their members, kept
 * in the row and the column of the last member of each; their mean is divided out where it is compared. */
#include "select/linkage.h"

#include "base/memory.h"
#include "dist/collective.h"

#include <math.h>

typedef struct merge {
    int64_t a, b, number; /* a < b */
    double mean;
} merge;

typedef struct tree {
    pw_team *team;
    pw_layout layout;
    int64_t items, first, count;
    double *sum; /* items × count: of distances from cluster j to this rank's; INFINITY to itself */
    double *size;  /* items: members of the cluster; NAN: it is part of another */
    double *whole; /* items: a column of all ranks, on the rank that needs it */
    merge *merged; /* items - 1 */
    int64_t merges;
    int64_t *chain; /* each is the nearest neighbour of the one before */
    double *near;   /* mean distance to the one before */
    int64_t length;
} tree;

static void tree_destroy(tree *t)
{
    pw_layout_destroy(&t->layout);
    free(t->size);
    free(t->whole);
    free(t->merged);
    free(t->chain);
    free(t->near);
}

static pw_code tree_create(tree *t)
{
    pw_code code = PW_OK;
    PW_TRY(pw_layout_even(t->items, t->team->size, &t->layout));
    PW_TRY(PW_NEW(t->size, t->items));
    PW_TRY(PW_NEW(t->whole, t->items));
    PW_TRY(PW_NEW(t->merged, t->items));
    PW_TRY(PW_NEW(t->chain, t->items + 1));
    PW_TRY(PW_NEW(t->near, t->items + 1));
    t->first = pw_layout_first(&t->layout, t->team->rank);
    t->count = pw_layout_count(&t->layout, t->team->rank);
    for (int64_t i = 0; i < t->items; i++)
        t->size[i] = 1;
    for (int64_t i = 0; i < t->count; i++)
        t->sum[(t->first + i) * t->count + i] = INFINITY;
done:
    return code;
}

/* ---- the chain ---- */

/* Collective. The nearest neighbour of the last of the chain; of several the one before it, else the first. */
static void extend(tree *t)
{
    const int64_t c = t->chain[t->length - 1];
    const double *sum = t->sum + c * t->count, *size = t->size + t->first;
    double least = INFINITY;
    int64_t at = 0;
    for (int64_t i = 0; i < t->count; i++) {
        const double mean = sum[i] / (t->size[c] * size[i]);
        if (mean < least) {
            least = mean;
            at = t->first + i;
        }
    }
    pw_reduce_min_at(t->team, &least, &at);
    if (t->length > 1 && t->near[t->length - 1] <= least)
        at = t->chain[t->length - 2];
    t->chain[t->length] = at;
    t->near[t->length++] = least;
}

/* Collective. Cluster b takes a in: its column on all ranks, its row where it is held. */
static void join(tree *t, int64_t a, int64_t b)
{
    double *into = t->sum + b * t->count;
    const double *from = t->sum + a * t->count;
    const int owner = pw_layout_owner(&t->layout, b);
    for (int64_t i = 0; i < t->count; i++)
        into[i] += from[i];
    t->size[b] += t->size[a];
    t->size[a] = NAN;
    pw_gather_rows_at(t->team, &t->layout, sizeof *into, into, t->whole, owner);
    if (owner != t->team->rank)
        return;
    for (int64_t j = 0; j < t->items; j++)
        if (t->size[j] > 0)
            t->sum[j * t->count + b - t->first] = t->whole[j];
}

/* Collective. Two that are each other's nearest neighbours are merged, whatever else there is. */
static void grow(tree *t)
{
    int64_t start = 0;
    while (t->merges < t->items - 1) {
        if (t->length == 0) {
            while (!(t->size[start] > 0))
                start++;
            t->chain[t->length++] = start;
        }
        extend(t);
        const int64_t n = t->length;
        if (n < 3 || t->chain[n - 1] != t->chain[n - 3])
            continue;
        const int64_t x = t->chain[n - 1], y = t->chain[n - 2];
        merge *m = &t->merged[t->merges];
        *m = (merge){x < y ? x : y, x < y ? y : x, t->merges, t->near[n - 1]};
        t->merges++;
        t->length = n - 3;
        join(t, m->a, m->b);
    }
}

/* ---- scipy's format ---- */

static int compare_merges(const void *first, const void *second)
{
    const merge *a = first, *b = second;
    const int order = (a->mean > b->mean) - (a->mean < b->mean);
    return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

/* The cluster that has taken in what `i` stands for; shortens the way there. */
static int64_t find(int64_t *above, int64_t i)
{
    while (above[i] != i) {
        above[i] = above[above[i]];
        i = above[i];
    }
    return i;
}

/* Local. `above` has room for 2 items. */
static void number_clusters(const tree *t, double unit, int64_t *above, double *linkage)
{
    const int64_t n = t->items;
    for (int64_t i = 0; i < 2 * n; i++)
        above[i] = i;
    for (int64_t r = 0; r < n - 1; r++) {
        const merge *m = &t->merged[r];
        const int64_t a = find(above, m->a), b = find(above, m->b);
        double *row = linkage + 4 * r;
        row[0] = (double)(a < b ? a : b);
        row[1] = (double)(a < b ? b : a);
        row[2] = m->mean / unit;
        row[3] = (a < n ? 1 : linkage[4 * (a - n) + 3]) + (b < n ? 1 : linkage[4 * (b - n) + 3]);
        above[a] = above[b] = n + r;
    }
}

pw_code pw_linkage_average(pw_team *team, int64_t items, double unit, double *distance,
                           double *linkage)
{
    tree t = {.team = team, .items = items, .sum = distance};
    int64_t *above = NULL;
    pw_code code = tree_create(&t);
    if (code == PW_OK)
        code = PW_NEW(above, 2 * items);
    PW_TRY(pw_agree(team, code));
    grow(&t);
    qsort(t.merged, (size_t)t.merges, sizeof *t.merged, compare_merges);
    number_clusters(&t, unit, above, linkage);
done:
    tree_destroy(&t);
    free(above);
    return code;
}

/* ---- the dendrogram ---- */

pw_code pw_linkage_lay_out(int64_t items, const double *linkage, int64_t *order, int64_t *joint)
{
    int64_t *start; /* leaf that a cluster begins with */
    const pw_code code = PW_NEW(start, 2 * items);
    if (code != PW_OK)
        return code;
    for (int64_t r = items - 2; r >= 0; r--) {
        const int64_t left = (int64_t)linkage[4 * r], right = (int64_t)linkage[4 * r + 1];
        const int64_t members = left < items ? 1 : (int64_t)linkage[4 * (left - items) + 3];
        start[left] = start[items + r];
        start[right] = start[items + r] + members;
        joint[start[right] - 1] = r;
    }
    for (int64_t i = 0; i < items; i++)
        order[start[i]] = i;
    free(start);
    return PW_OK;
}

void pw_linkage_cut(int64_t items, int64_t k, const int64_t *order, const int64_t *joint,
                    int64_t *cluster)
{
    int64_t number = 0;
    for (int64_t p = 0; p < items; p++) {
        number += p > 0 && joint[p - 1] >= items - k;
        cluster[order[p]] = number;
    }
}
