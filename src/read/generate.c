/* What the generators share: the planted answer, and storing doubles in narrower types. */
#include "read/generate.h"

#include "base/memory.h"
#include "dist/layout.h"

#include <math.h>
#include <stdlib.h>

pw_code pw_generate(pw_team *team, const pw_options *options, pw_matrix *V, pw_planted *planted)
{
    switch (options->kind) {
    case PW_KIND_SWIMMER:
        return pw_generate_swimmer(team, options, V, planted);
    case PW_KIND_LOWRANK:
        return pw_generate_lowrank(team, options, V, planted);
    default:
        return pw_generate_sparse(team, options, V, planted);
    }
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

double pw_generate_round(pw_type type, double value)
{
    const double largest = largest_of(type), whole = floor(value + 0.5);
    if (largest > 0)
        return whole < largest ? whole : largest;
    return value;
}
