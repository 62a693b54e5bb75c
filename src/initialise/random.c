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
void pw_initialise_random(const pw_matrix *V, const pw_summary *summary, pw_model *model)
{
    const double mean = pw_summary_mean(summary);
    const double scale = 2 * sqrt(mean / model->k);
    const pw_random_key W = {.seed = model->seed, .stream = PW_RANDOM_W};
    const pw_random_key H = {.seed = model->seed, .stream = PW_RANDOM_H};
    fill(model->distributed, V->count, V->first, model->k, scale, V->transposed ? H : W);
    fill(model->replicated, V->cols, 0, model->k, scale, V->transposed ? W : H);
}
