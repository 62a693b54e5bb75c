/* A dense matrix with planted factors: V = W H with noise. */
#include "read/generate.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <stdlib.h>

/* How large entries of V are on average: large in whole numbers, but rarely beyond their range. */
static double size_of_entries(pw_type type)
{
    switch (type) {
    case PW_U8:
        return 8;
    case PW_I8:
        return 4;
    case PW_U16:
        return 600;
    case PW_I16:
        return 300;
    case PW_F32:
    case PW_F64:
        return 1;
    default:
        return 1e6;
    }
}

/* An entry of a factor: with probability ½ zero, else exponentially distributed; never zero where
 * the row belongs to the component, so that no row of a factor is empty and no component fades
 * away. */
static double factor_entry(uint64_t seed, pw_random_stream stream, int64_t row, int64_t c,
                           int64_t k)
{
    const pw_random_key key = {seed, stream, 0};
    const double u = pw_random_uniform(key, row, (uint32_t)c);
    if (row % k == c)
        return -log(u);
    return u < 0.5 ? -log(2 * u) : 0;
}

typedef struct lowrank {
    const pw_options *options;
    const double *W, *H; /* rows from `first` on; all */
    int64_t first;
} lowrank;

static void entries(const void *context, int64_t row, int64_t from, int64_t count, double *v)
{
    const lowrank *g = context;
    const int64_t k = g->options->k;
    pw_generate_product(g->W + (row - g->first) * k, g->H, k, g->options->columns, from, count, v);
    for (int64_t j = 0; j < count; j++)
        v[j] = pw_generate_relative_noise(g->options, row, from + j, v[j]);
}

/* W (this rank's rows × k) and all of H (k × n); the answer keeps an even share of
 * H's rows. */
static pw_code plant(pw_team *team, const pw_options *options, pw_type type, pw_planted *planted,
                     double **W, double **H)
{
    const int64_t m = options->rows, n = options->columns, k = options->k;
    const uint64_t seed = (uint64_t)options->seed;
    const double size = size_of_entries(type) * 4 / (double)(k + 2);
    pw_planted_array *part_W;
    pw_code code = PW_OK;
    PW_TRY(pw_planted_add(planted, team, "W", PW_F64, m, k, &part_W));
    PW_TRY(PW_NEW(*H, k * n));
    *W = part_W->values;
    for (int64_t i = 0; i < part_W->count; i++)
        for (int64_t c = 0; c < k; c++)
            (*W)[i * k + c] =
                size * factor_entry(seed, PW_RANDOM_GENERATE_W, part_W->first + i, c, k);
    for (int64_t c = 0; c < k; c++)
        for (int64_t j = 0; j < n; j++)
            (*H)[c * n + j] = factor_entry(seed, PW_RANDOM_GENERATE_H, j, c, k);
    PW_TRY(pw_planted_add_block(planted, team, "H", k, n, *H));
done:
    return code;
}

pw_code pw_generate_lowrank(pw_team *team, const pw_options *options, pw_matrix *V,
                            pw_planted *planted)
{
    const pw_type type = pw_generate_type(options, PW_F64);
    double *W = NULL, *H = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_matrix_new_dense(team, options->rows, options->columns, false, type, V));
    PW_TRY(pw_agree(team, plant(team, options, type, planted, &W, &H)));
    const lowrank g = {.options = options, .W = W, .H = H, .first = V->first};
    pw_generate_dense(team, V, entries, &g);
done:
    free(H);
    return code;
}
