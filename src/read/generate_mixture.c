/* A mixture of normal distributions, one around each of k centroids: dense rows with planted clusters. */
#include "read/generate.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <stdlib.h>

/* Centroids stay so many standard deviations above 0, where entries are cut off. */
static const double ABOVE_ZERO = 4;

typedef struct mixture {
    const pw_options *options;
    pw_scatter clusters;
    double scale;      /* how far a coordinate of the centroids ranges */
    double deviation;  /* of a cluster, in every direction */
    double *centroids; /* k × n; owned */
} mixture;

static double centroid_entry(const mixture *g, int64_t c, int64_t j)
{
    const pw_random_key key = {(uint64_t)g->options->seed, PW_RANDOM_GENERATE_H, 0};
    return ABOVE_ZERO * g->deviation + g->scale * pw_random_uniform(key, c, (uint32_t)j);
}

/* Two uniform numbers differ by 1/6 in the mean square, so √(n/6) is how far two centroids are typically apart. */
static pw_code prepare(pw_team *team, const pw_options *options, pw_type type, mixture *g,
                       pw_planted *planted)
{
    const int64_t n = options->columns, k = options->k;
    const double deviation = options->noise * sqrt((double)n / 6);
    pw_code code = PW_OK;
    g->scale = pw_generate_scale(type, 1 + 2 * ABOVE_ZERO * deviation);
    g->deviation = deviation * g->scale;
    PW_TRY(PW_NEW(g->centroids, k * n));
    for (int64_t c = 0; c < k; c++)
        for (int64_t j = 0; j < n; j++)
            g->centroids[c * n + j] = centroid_entry(g, c, j);
    PW_TRY(pw_planted_add_groups(planted, team, "labels", &g->clusters));
    PW_TRY(pw_planted_add_block(planted, team, "centroids", k, n, g->centroids));
done:
    return code;
}

static void entries(const void *context, int64_t row, int64_t from, int64_t count, double *v)
{
    const mixture *g = context;
    const int64_t cluster = pw_scatter_group(&g->clusters, row);
    const double *centroid = g->centroids + cluster * g->options->columns + from;
    for (int64_t j = 0; j < count; j++)
        v[j] = pw_generate_additive_noise(g->options, row, from + j, g->deviation, centroid[j]);
}

pw_code pw_generate_mixture(pw_team *team, const pw_options *options, pw_matrix *V,
                            pw_planted *planted)
{
    const pw_type type = pw_generate_type(options, PW_F64);
    mixture g = {.options = options, .clusters = pw_generate_groups(options, 0, options->rows)};
    pw_code code = PW_OK;
    PW_TRY(pw_generate_check_k("mixture", options->k, options->rows, "row"));
    PW_TRY(pw_matrix_new_dense(team, options->rows, options->columns, false, type, V));
    PW_TRY(pw_agree(team, prepare(team, options, type, &g, planted)));
    pw_generate_dense(team, V, entries, &g);
done:
    free(g.centroids);
    return code;
}
