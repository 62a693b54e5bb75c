/* What the generators share: the planted answer, filling dense rows, noise, and storing doubles in narrower types. */
#include "read/generate.h"

#include "base/memory.h"
#include "base/random.h"
#include "dist/layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PANEL = 512 }; /* columns of V made together, so that what they need stays in cache */
static const double MOST_WHOLE = 1e6; /* where the type has room for more than that */

pw_code pw_generate(pw_team *team, const pw_options *options, pw_matrix *V, pw_planted *planted)
{
    switch (options->kind) {
    case PW_KIND_SWIMMER:
        return pw_generate_swimmer(team, options, V, planted);
    case PW_KIND_LOWRANK:
        return pw_generate_lowrank(team, options, V, planted);
    case PW_KIND_MIXTURE:
        return pw_generate_mixture(team, options, V, planted);
    case PW_KIND_BICLUSTERS:
        return pw_generate_biclusters(team, options, V, planted);
    case PW_KIND_SBM:
        return pw_generate_sbm(team, options, V, planted);
    case PW_KIND_HYPERSPECTRAL:
        return pw_generate_hyperspectral(team, options, V, planted);
    default:
        return pw_generate_sparse(team, options, V, planted);
    }
}

pw_code pw_generate_check_k(const char *kind, int64_t k, int64_t items, const char *item)
{
    if (k > items)
        return pw_fail(PW_ERROR_USAGE,
                       "generate %s: every component needs a %s of its own. "
                       "Use more %ss or a smaller k.",
                       kind, item, item);
    return PW_OK;
}

pw_scatter pw_generate_groups(const pw_options *options, uint32_t which, int64_t total)
{
    return (pw_scatter){.key = {(uint64_t)options->seed, PW_RANDOM_GENERATE_GROUPS, which},
                        .total = total,
                        .groups = options->k};
}

pw_code pw_planted_add(pw_planted *planted, const pw_team *team, const char *name, pw_type type,
                       int64_t rows, int64_t columns, pw_planted_array **array)
{
    const int64_t first = pw_share(rows, team->size, team->rank);
    const int64_t count = pw_share(rows, team->size, team->rank + 1) - first;
    if (planted->count == PW_PLANTED_MOST)
        return pw_fail(PW_ERROR_INTERNAL, "generate: too many arrays in the planted answer.");
    *array = &planted->array[planted->count];
    **array = (pw_planted_array){.name = name,
                                 .type = type,
                                 .rows = rows,
                                 .columns = columns,
                                 .first = first,
                                 .count = count};
    (*array)->values = pw_new(count * (columns > 0 ? columns : 1), pw_type_size(type));
    if (!(*array)->values)
        return PW_ERROR_MEMORY;
    planted->count++;
    return PW_OK;
}

pw_code pw_planted_add_block(pw_planted *planted, const pw_team *team, const char *name,
                             int64_t rows, int64_t columns, const double *all)
{
    pw_planted_array *array;
    const pw_code code = pw_planted_add(planted, team, name, PW_F64, rows, columns, &array);
    if (code == PW_OK)
        memcpy(array->values, all + array->first * columns,
               (size_t)(array->count * columns) * sizeof *all);
    return code;
}

pw_code pw_planted_add_numbers(pw_planted *planted, const pw_team *team, const char *name,
                               int64_t rows, int64_t most, pw_planted_number number,
                               const void *context)
{
    const pw_type type = pw_type_for_whole_numbers((double)most);
    pw_planted_array *array;
    const pw_code code = pw_planted_add(planted, team, name, type, rows, 0, &array);
    for (int64_t i = 0; code == PW_OK && i < array->count; i++) {
        const double value = (double)number(context, array->first + i);
        pw_narrow(type, &value, 1, array->values, i);
    }
    return code;
}

static int64_t group_of(const void *scatter, int64_t item)
{
    return pw_scatter_group(scatter, item);
}

pw_code pw_planted_add_groups(pw_planted *planted, const pw_team *team, const char *name,
                              const pw_scatter *scatter)
{
    return pw_planted_add_numbers(planted, team, name, scatter->total, scatter->groups - 1,
                                  group_of, scatter);
}

void pw_planted_destroy(pw_planted *planted)
{
    if (!planted)
        return;
    for (int a = 0; a < planted->count; a++)
        free(planted->array[a].values);
    *planted = (pw_planted){.count = 0};
}

pw_type pw_generate_type(const pw_options *options, pw_type preferred)
{
    return options->value_type < PW_ONE ? (pw_type)options->value_type : preferred;
}

/* The largest double that converts to the type; 0 for types that need no rounding. */
static double largest_of(pw_type type)
{
    switch (type) {
    case PW_U8:
        return UINT8_MAX;
    case PW_I8:
        return INT8_MAX;
    case PW_U16:
        return UINT16_MAX;
    case PW_I16:
        return INT16_MAX;
    case PW_U32:
        return UINT32_MAX;
    case PW_I32:
        return INT32_MAX;
    case PW_U64:
    case PW_I64:
        return 0x1p53;
    default:
        return 0;
    }
}

bool pw_generate_is_whole(pw_type type)
{
    return largest_of(type) > 0;
}

double pw_generate_round(pw_type type, double value)
{
    const double largest = largest_of(type), whole = floor(value + 0.5);
    if (largest > 0)
        return whole < largest ? whole : largest;
    return value;
}

double pw_generate_scale(pw_type type, double most)
{
    const double largest = largest_of(type);
    return largest > 0 ? fmin(largest, MOST_WHOLE) / most : 1;
}

static double normal_of(const pw_options *options, int64_t row, int64_t column)
{
    const pw_random_key key = {(uint64_t)options->seed, PW_RANDOM_GENERATE_NOISE, 0};
    return pw_random_normal(key, row, (uint32_t)column);
}

double pw_generate_relative_noise(const pw_options *options, int64_t row, int64_t column,
                                  double value)
{
    if (options->noise > 0)
        return fmax(0, value * (1 + options->noise * normal_of(options, row, column)));
    return value;
}

double pw_generate_additive_noise(const pw_options *options, int64_t row, int64_t column,
                                  double deviation, double value)
{
    if (deviation > 0)
        return fmax(0, value + deviation * normal_of(options, row, column));
    return value;
}

void pw_generate_product(const double *w, const double *H, int64_t k, int64_t n, int64_t from,
                         int64_t count, double *v)
{
    for (int64_t j = 0; j < count; j++)
        v[j] = 0;
    for (int64_t c = 0; c < k; c++)
        if (w[c] > 0)
            for (int64_t j = 0; j < count; j++)
                v[j] += w[c] * H[c * n + from + j];
}

void pw_generate_dense(const pw_team *team, pw_matrix *V, pw_generate_entries entries,
                       const void *context)
{
    const int64_t n = V->cols;
#pragma omp parallel for num_threads(team->threads) schedule(static)
    for (int64_t i = 0; i < V->count; i++)
        for (int64_t from = 0; from < n; from += PANEL) {
            double v[PANEL];
            const int64_t count = n - from < PANEL ? n - from : PANEL;
            entries(context, V->first + i, from, count, v);
            for (int64_t j = 0; j < count; j++)
                v[j] = pw_generate_round(V->type, v[j]);
            pw_narrow(V->type, v, count, V->values, i * n + from);
        }
}
