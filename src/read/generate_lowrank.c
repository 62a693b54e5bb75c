/* A dense matrix with planted factors: V = W H with noise. */
#include "read/generate.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <stdlib.h>

enum { PANEL = 512 }; /* columns of V computed together: H's panel stays in cache */

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

/* Columns from … to - 1 of one row of V into `v`. Sums run over the components in order, whatever
 * the panel. */
static void row_times_h(const double *w, const double *H, int64_t k, int64_t n, int64_t from,
                        int64_t to, double *v)
{
    for (int64_t j = from; j < to; j++)
        v[j - from] = 0;
    for (int64_t c = 0; c < k; c++)
        if (w[c] > 0)
            for (int64_t j = from; j < to; j++)
                v[j - from] += w[c] * H[c * n + j];
}

static void add_noise(const pw_options *options, int64_t row, int64_t from, int64_t count,
                      double *v)
{
    const pw_random_key key = {(uint64_t)options->seed, PW_RANDOM_GENERATE_NOISE, 0};
    for (int64_t i = 0; i < count; i++) {
        const double z = pw_random_normal(key, row, (uint32_t)(from + i));
        v[i] = fmax(0, v[i] * (1 + options->noise * z));
    }
}

static void fill(const pw_team *team, const pw_options *options, const double *W, const double *H,
                 pw_matrix *V)
{
    const int64_t n = V->cols, k = options->k;
#pragma omp parallel for num_threads(team->threads) schedule(static)
    for (int64_t i = 0; i < V->count; i++)
        for (int64_t from = 0; from < n; from += PANEL) {
            double v[PANEL];
            const int64_t count = n - from < PANEL ? n - from : PANEL;
            row_times_h(W + i * k, H, k, n, from, from + count, v);
            if (options->noise > 0)
                add_noise(options, V->first + i, from, count, v);
            for (int64_t j = 0; j < count; j++)
                v[j] = pw_generate_round(V->type, v[j]);
            pw_narrow(V->type, v, count, V->values, i * n + from);
        }
}

/* W (this rank's rows × k) and all of H (k × n); the answer keeps an even share of
 * H's rows. */
static pw_code plant(pw_team *team, const pw_options *options, pw_type type, pw_planted *planted,
                     double **W, double **H)
{
    const int64_t m = options->rows, n = options->columns, k = options->k;
    const uint64_t seed = (uint64_t)options->seed;
    const double size = size_of_entries(type) * 4 / (double)(k + 2);
    pw_planted_array *part_W, *part_H;
    pw_code code = PW_OK;
    PW_TRY(pw_planted_add(planted, team, "W", PW_F64, m, k, &part_W));
    PW_TRY(pw_planted_add(planted, team, "H", PW_F64, k, n, &part_H));
    PW_TRY(PW_NEW(*H, k * n));
    *W = part_W->values;
    for (int64_t i = 0; i < part_W->count; i++)
        for (int64_t c = 0; c < k; c++)
            (*W)[i * k + c] =
                size * factor_entry(seed, PW_RANDOM_GENERATE_W, part_W->first + i, c, k);
    for (int64_t c = 0; c < k; c++)
        for (int64_t j = 0; j < n; j++)
            (*H)[c * n + j] = factor_entry(seed, PW_RANDOM_GENERATE_H, j, c, k);
    for (int64_t i = 0; i < part_H->count * n; i++)
        ((double *)part_H->values)[i] = (*H)[part_H->first * n + i];
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
    fill(team, options, W, H, V);
done:
    free(H);
    return code;
}
