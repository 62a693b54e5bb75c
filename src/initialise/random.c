#include "initialise/initialise.h"

#include "base/random.h"

#include <math.h>

static void fill(double *X, int64_t rows, int64_t first, int k, double scale, pw_random_key key)
{
    for (int64_t i = 0; i < rows; i++)
        for (int c = 0; c < k; c++)
            X[i * k + c] = scale * pw_random_uniform(key, first + i, (uint32_t)c);
}

/* Entries of WH have mean k · (scale / 2)²: that of V. */
void pw_initialise_random_factor(const pw_matrix *V, const pw_summary *summary, bool replicated,
                                 pw_model *model)
{
    const double scale = 2 * sqrt(pw_summary_mean(summary) / model->k);
    const bool is_W = replicated == V->transposed;
    const pw_random_key key = {.seed = model->seed, .stream = is_W ? PW_RANDOM_W : PW_RANDOM_H};
    if (replicated)
        fill(model->replicated, V->cols, 0, model->k, scale, key);
    else
        fill(model->distributed, V->count, V->first, model->k, scale, key);
}

void pw_initialise_random(const pw_matrix *V, const pw_summary *summary, pw_model *model)
{
    pw_initialise_random_factor(V, summary, false, model);
    pw_initialise_random_factor(V, summary, true, model);
}
