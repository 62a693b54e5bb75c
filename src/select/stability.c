#include "select/stability.h"

#include "base/memory.h"
#include "linalg/assignment.h"
#include "select/silhouette.h"

#include <math.h>
#include <stdbool.h>

enum {
    MOST_ROUNDS = 100
}; /* it takes a handful: every round but one in a tie makes the sum of cosines larger */

/* Distances that rounding of the cosines alone explains are 0. */
static const double ROUNDING = 1e-12;

typedef struct clustering {
    int restarts, k;
    const double *cosines;
    int *cluster;   /* restarts × k */
    int64_t *given; /* k: one restart's assignment */
    double
        *gain; /* k × k: cosines of one restart's components (rows) with what they are matched to */
    double *product; /* restarts · k × k: of each component with the sum of each cluster */
    double *length;  /* k: of those sums */
    int64_t *size;   /* k: members of each cluster, one of each restart */
} clustering;

static void clustering_destroy(clustering *c)
{
    free(c->given);
    free(c->gain);
    free(c->product);
    free(c->length);
    free(c->size);
}

static pw_code clustering_create(clustering *c)
{
    const int64_t k = c->k;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(c->given, k));
    PW_TRY(PW_NEW(c->gain, k * k));
    PW_TRY(PW_NEW(c->product, c->restarts * k * k));
    PW_TRY(PW_NEW(c->length, k));
    PW_TRY(PW_NEW(c->size, k));
    for (int64_t a = 0; a < k; a++)
        c->size[a] = c->restarts;
done:
    return code;
}

static const double *cosines_of(const clustering *c, int64_t component)
{
    return c->cosines + component * c->restarts * c->k;
}

/* ---- where the centroids begin ---- */

/* Matches restart r with restart s. The sum of the cosines of the pairs. */
static pw_code match(clustering *c, int r, int s, double *sum)
{
    const int64_t k = c->k;
    for (int64_t a = 0; a < k; a++)
        for (int64_t b = 0; b < k; b++)
            c->gain[a * k + b] = cosines_of(c, r * k + a)[s * k + b];
    const pw_code code = pw_assignment(k, k, c->gain, c->given);
    *sum = 0;
    for (int64_t a = 0; code == PW_OK && a < k; a++)
        *sum += c->gain[a * k + c->given[a]];
    return code;
}

/* The restart that matches the others best, the first of equals. */
static pw_code find_medoid(clustering *c, int *medoid)
{
    double *total = NULL;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(total, c->restarts));
    for (int r = 0; r < c->restarts; r++)
        for (int s = 0; s < r; s++) {
            double sum;
            PW_TRY(match(c, r, s, &sum));
            total[r] += sum;
            total[s] += sum;
        }
    *medoid = 0;
    for (int r = 1; r < c->restarts; r++)
        if (total[r] > total[*medoid] + ROUNDING)
            *medoid = r;
done:
    free(total);
    return code;
}

static pw_code begin(clustering *c)
{
    int medoid = 0;
    double sum;
    pw_code code = PW_OK;
    PW_TRY(find_medoid(c, &medoid));
    for (int r = 0; r < c->restarts; r++) {
        PW_TRY(match(c, r, medoid, &sum));
        for (int a = 0; a < c->k; a++)
            c->cluster[r * c->k + a] = (int)c->given[a];
    }
done:
    return code;
}

/* ---- rounds ---- */

/* Sums of each component's cosines over the members of each cluster, which are its products with the clusters' sums of
 * unit components; the members' own give the lengths of these. */
static void find_products(clustering *c)
{
    const int64_t k = c->k, n = c->restarts * k;
    for (int a = 0; a < k; a++)
        c->length[a] = 0;
    for (int64_t i = 0; i < n; i++) {
        double *product = c->product + i * k;
        for (int a = 0; a < k; a++)
            product[a] = 0;
        for (int64_t j = 0; j < n; j++)
            product[c->cluster[j]] += cosines_of(c, i)[j];
        c->length[c->cluster[i]] += product[c->cluster[i]];
    }
    for (int a = 0; a < k; a++)
        c->length[a] = sqrt(c->length[a] > 0 ? c->length[a] : 0);
}

/* Assigns the components of one restart anew, if that makes the sum of their cosines larger. */
static pw_code assign(clustering *c, int r, bool *changed)
{
    const int64_t k = c->k;
    const double *product = c->product + r * k * k;
    int *cluster = c->cluster + r * k;
    double before = 0, after = 0;
    for (int64_t a = 0; a < k; a++)
        for (int64_t b = 0; b < k; b++)
            c->gain[a * k + b] = c->length[b] > 0 ? product[a * k + b] / c->length[b] : 0;
    const pw_code code = pw_assignment(k, k, c->gain, c->given);
    if (code != PW_OK)
        return code;
    for (int64_t a = 0; a < k; a++) {
        before += c->gain[a * k + cluster[a]];
        after += c->gain[a * k + c->given[a]];
    }
    if (after <= before + ROUNDING)
        return PW_OK;
    *changed = true;
    for (int64_t a = 0; a < k; a++)
        cluster[a] = (int)c->given[a];
    return PW_OK;
}

static pw_code find_clusters(clustering *c)
{
    bool changed = true;
    pw_code code = PW_OK;
    PW_TRY(begin(c));
    for (int round = 0; round < MOST_ROUNDS && changed; round++) {
        changed = false;
        find_products(c);
        for (int r = 0; r < c->restarts; r++)
            PW_TRY(assign(c, r, &changed));
    }
done:
    return code;
}

/* ---- the outcome ---- */

/* Numbers the clusters as the components of restart `best`; `given` is room for it. */
static void number_clusters(clustering *c, int best)
{
    for (int a = 0; a < c->k; a++)
        c->given[c->cluster[best * c->k + a]] = a;
    for (int64_t i = 0; i < (int64_t)c->restarts * c->k; i++)
        c->cluster[i] = (int)c->given[c->cluster[i]];
}

static double distance(const clustering *c, int64_t i, int64_t j)
{
    const double d = 1 - cosines_of(c, i)[j];
    return d > ROUNDING ? d : 0;
}

/* Of at least two restarts and two clusters. */
static double silhouette_of(clustering *c, int64_t i)
{
    double *sum = c->length;
    for (int a = 0; a < c->k; a++)
        sum[a] = 0;
    for (int64_t j = 0; j < (int64_t)c->restarts * c->k; j++)
        if (j != i)
            sum[c->cluster[j]] += distance(c, i, j);
    return pw_silhouette_of(c->k, sum, c->size, c->cluster[i]);
}

static void find_silhouettes(clustering *c, pw_stability *stability)
{
    const int64_t n = (int64_t)c->restarts * c->k;
    for (int64_t i = 0; i < n; i++) {
        stability->component[i] = c->restarts == 1 ? NAN : c->k == 1 ? 1 : silhouette_of(c, i);
        stability->silhouette[c->cluster[i]] += stability->component[i];
    }
    stability->minimum = HUGE_VAL;
    for (int a = 0; a < c->k; a++) {
        stability->silhouette[a] /= c->restarts;
        stability->mean += stability->silhouette[a];
        stability->minimum = fmin(stability->minimum, stability->silhouette[a]);
    }
    stability->mean /= c->k;
    stability->minimum = c->restarts == 1 ? NAN : stability->minimum;
}

pw_code pw_stability_find(int restarts, int k, int best, const double *cosines,
                          pw_stability *stability)
{
    clustering c = {.restarts = restarts, .k = k, .cosines = cosines};
    pw_code code = PW_OK;
    *stability = (pw_stability){.restarts = restarts, .k = k};
    PW_TRY(PW_NEW(stability->cluster, (int64_t)restarts * k));
    PW_TRY(PW_NEW(stability->component, (int64_t)restarts * k));
    PW_TRY(PW_NEW(stability->silhouette, k));
    c.cluster = stability->cluster;
    PW_TRY(clustering_create(&c));
    PW_TRY(find_clusters(&c));
    number_clusters(&c, best);
    find_silhouettes(&c, stability);
done:
    clustering_destroy(&c);
    if (code != PW_OK)
        pw_stability_destroy(stability);
    return code;
}

void pw_stability_destroy(pw_stability *stability)
{
    if (stability) {
        free(stability->cluster);
        free(stability->component);
        free(stability->silhouette);
        *stability = (pw_stability){.k = 0};
    }
}
