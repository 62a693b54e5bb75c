#include "select/silhouette.h"

#include "base/memory.h"
#include "dist/collective.h"

#include <math.h>

typedef struct clusters {
    int64_t k;
    const int64_t *of; /* of each item */
    int64_t *size;     /* k */
    double *sum;       /* k: of one item's distances to the members of each */
} clusters;

static pw_code clusters_create(int64_t items, clusters *all)
{
    pw_code code = PW_NEW(all->size, all->k);
    if (code == PW_OK)
        code = PW_NEW(all->sum, all->k);
    for (int64_t j = 0; code == PW_OK && j < items; j++)
        all->size[all->of[j]]++;
    return code;
}

static void clusters_destroy(clusters *all)
{
    free(all->size);
    free(all->sum);
}

double pw_silhouette_of(int64_t k, const double *sum, const int64_t *size, int64_t own)
{
    double nearest = INFINITY;
    if (size[own] == 1)
        return 0;
    const double within = sum[own] / (double)(size[own] - 1);
    for (int64_t c = 0; c < k; c++)
        if (c != own)
            nearest = fmin(nearest, sum[c] / (double)size[c]);
    const double larger = fmax(within, nearest);
    return larger > 0 ? (nearest - within) / larger : 0;
}

/* Of item i, whose row of C is given. */
static double silhouette_of(const clusters *all, int64_t items, const float *row, int64_t i)
{
    if (all->k == 1)
        return NAN;
    for (int64_t c = 0; c < all->k; c++)
        all->sum[c] = 0;
    for (int64_t j = 0; j < items; j++)
        all->sum[all->of[j]] += j == i ? 0 : 1 - (double)row[j];
    return pw_silhouette_of(all->k, all->sum, all->size, all->of[i]);
}

static void find_means(const clusters *all, int64_t items, const double *silhouette, double *mean)
{
    for (int64_t c = 0; c < all->k; c++)
        mean[c] = 0;
    for (int64_t j = 0; j < items; j++)
        mean[all->of[j]] += silhouette[j];
    for (int64_t c = 0; c < all->k; c++)
        mean[c] /= (double)all->size[c];
}

pw_code pw_silhouette_find(pw_team *team, int64_t items, const float *C, int64_t k,
                           const int64_t *cluster, double *silhouette, double *mean)
{
    clusters all = {.k = k, .of = cluster};
    pw_layout layout = {.size = 0};
    double *own = NULL;
    pw_code code = clusters_create(items, &all);
    if (code == PW_OK)
        code = pw_layout_even(items, team->size, &layout);
    if (code == PW_OK)
        code = PW_NEW(own, pw_layout_count(&layout, team->rank));
    PW_TRY(pw_agree(team, code));
    for (int64_t i = 0; i < pw_layout_count(&layout, team->rank); i++)
        own[i] =
            silhouette_of(&all, items, C + i * items, pw_layout_first(&layout, team->rank) + i);
    pw_gather_rows(team, &layout, sizeof *own, own, silhouette);
    find_means(&all, items, silhouette, mean);
done:
    clusters_destroy(&all);
    pw_layout_destroy(&layout);
    free(own);
    return code;
}
