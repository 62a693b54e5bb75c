/* Rows of all models are packed side by side, a tile at a time, each column divided by its largest entry; what is added up
 * is the Gram matrix of all components. */
#include "select/components.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "linalg/gram.h"
#include "select/columns.h"

#include <math.h>
#include <string.h>

enum { TILE_BYTES = 4 << 20, LEAST_TILE = 64 /* rows */ };

pw_factor_part pw_components_part(const pw_team *team, const pw_components *components, int restart)
{
    const pw_model *model = components->model[restart];
    return components->of_h ? pw_factor_H(team, components->V, model)
                            : pw_factor_W(team, components->V, model);
}

static int64_t width_of(const pw_components *components)
{
    return (int64_t)components->restarts * components->k;
}

/* Collective over team. All components, in their order, the caller's to free. */
static pw_code measure_all(pw_team *team, const pw_components *components,
                           pw_column_measure **measure)
{
    pw_code code = PW_OK;
    PW_TRY(pw_agree(team, PW_NEW(*measure, width_of(components))));
    for (int r = 0; r < components->restarts; r++) {
        const pw_factor_part part = pw_components_part(team, components, r);
        PW_TRY(
            pw_columns_measure(team, &part, components->k, *measure + (int64_t)r * components->k));
    }
done:
    return code;
}

/* ---- cosines ---- */

/* Rows first … first + rows - 1 of this rank's. */
static void pack(const pw_team *team, const pw_components *components,
                 const pw_column_measure *measure, int64_t first, int64_t rows, double *tile)
{
    const int64_t k = components->k, width = width_of(components);
    for (int r = 0; r < components->restarts; r++) {
        const double *X = pw_components_part(team, components, r).X + first * k;
        for (int64_t i = 0; i < rows; i++)
            for (int64_t c = 0; c < k; c++)
                tile[i * width + r * k + c] = pw_column_share(&measure[r * k + c], X[i * k + c]);
    }
}

/* Local. */
static void add_products(const pw_team *team, const pw_components *components,
                         const pw_column_measure *measure, int64_t tile_rows, double *tile,
                         double *G)
{
    const int64_t count = pw_components_part(team, components, 0).count,
                  width = width_of(components);
    for (int64_t first = 0; first < count; first += tile_rows) {
        const int64_t rows = first + tile_rows < count ? tile_rows : count - first;
        pack(team, components, measure, first, rows, tile);
        pw_gram_add(rows, (int)width, tile, width, G);
    }
}

/* The Gram matrix becomes the cosines. */
static void divide_by_lengths(int64_t width, const pw_column_measure *measure, double *G)
{
    for (int64_t a = 0; a < width; a++)
        for (int64_t b = 0; b < width; b++) {
            const double lengths = sqrt(measure[a].squares) * sqrt(measure[b].squares);
            const double cosine = lengths > 0 ? G[a * width + b] / lengths : 0;
            G[a * width + b] = cosine > 1 || (a == b && lengths > 0) ? 1 : cosine;
        }
}

pw_code pw_components_cosines(pw_team *team, const pw_components *components, double **cosines)
{
    const int64_t width = width_of(components), size = (int64_t)sizeof(double);
    const int64_t fits = TILE_BYTES / size / width,
                  tile_rows = fits > LEAST_TILE ? fits : LEAST_TILE;
    pw_column_measure *measure = NULL;
    double *tile = NULL;
    pw_code code = PW_OK;
    *cosines = NULL;
    PW_TRY(pw_memory_check(team, (width + tile_rows) * width * size, components->V->path,
                           "the cosines of the components of all restarts"));
    PW_TRY(measure_all(team, components, &measure));
    code = PW_NEW(*cosines, width * width);
    if (code == PW_OK)
        code = PW_NEW(tile, tile_rows * width);
    PW_TRY(pw_agree(team, code));
    add_products(team, components, measure, tile_rows, tile, *cosines);
    pw_reduce_sum(team, *cosines, width * width);
    divide_by_lengths(width, measure, *cosines);
done:
    free(measure);
    free(tile);
    if (code != PW_OK) {
        free(*cosines);
        *cosines = NULL;
    }
    return code;
}

pw_code pw_components_stability(pw_team *team, const pw_components *components, int best,
                                pw_stability *stability)
{
    double *cosines = NULL;
    pw_code code = PW_OK;
    *stability = (pw_stability){.k = 0};
    PW_TRY(pw_components_cosines(team, components, &cosines));
    PW_TRY(pw_agree(
        team, pw_stability_find(components->restarts, components->k, best, cosines, stability)));
done:
    free(cosines);
    if (code != PW_OK)
        pw_stability_destroy(stability);
    return code;
}

/* ---- averages ---- */

/* What component i has in a row when it is scaled to sum 1. */
static double scaled(const pw_column_measure *measure, double x)
{
    return measure->sum > 0 ? pw_column_share(measure, x) / measure->sum : 0;
}

/* Adds what one restart has to `total`: its entries, or with `mean` the squares of their distance from that. */
static void add_restart(const pw_factor_part *part, int64_t k, const pw_column_measure *measure,
                        const int *cluster, const double *mean, double *total)
{
    for (int64_t i = 0; i < part->count; i++)
        for (int64_t c = 0; c < k; c++) {
            if (measure[c].top == 0)
                continue;
            const int64_t at = i * k + cluster[c];
            const double x = scaled(&measure[c], part->X[i * k + c]);
            total[at] += mean ? (x - mean[at]) * (x - mean[at]) : x;
        }
}

/* Local. `counted`: components of each cluster that are not zero. */
static void average(const pw_team *team, const pw_components *components,
                    const pw_column_measure *measure, const int *cluster, const int *counted,
                    double *mean, double *sd)
{
    const int64_t k = components->k, entries = pw_components_part(team, components, 0).count * k;
    memset(mean, 0, (size_t)entries * sizeof *mean);
    memset(sd, 0, (size_t)entries * sizeof *sd);
    for (int r = 0; r < components->restarts; r++) {
        const pw_factor_part part = pw_components_part(team, components, r);
        add_restart(&part, k, measure + r * k, cluster + r * k, NULL, mean);
    }
    for (int64_t e = 0; e < entries; e++)
        mean[e] /= counted[e % k] > 0 ? counted[e % k] : 1;
    for (int r = 0; r < components->restarts; r++) {
        const pw_factor_part part = pw_components_part(team, components, r);
        add_restart(&part, k, measure + r * k, cluster + r * k, mean, sd);
    }
    for (int64_t e = 0; e < entries; e++)
        sd[e] = counted[e % k] > 1 ? sqrt(sd[e] / (counted[e % k] - 1)) : NAN;
}

pw_code pw_components_average(pw_team *team, const pw_components *components, const int *cluster,
                              double *mean, double *sd)
{
    pw_column_measure *measure = NULL;
    int *counted = NULL;
    pw_code code = PW_OK;
    PW_TRY(measure_all(team, components, &measure));
    PW_TRY(pw_agree(team, PW_NEW(counted, components->k)));
    for (int64_t i = 0; i < width_of(components); i++)
        counted[cluster[i]] += measure[i].top > 0;
    average(team, components, measure, cluster, counted, mean, sd);
done:
    free(measure);
    free(counted);
    return code;
}
