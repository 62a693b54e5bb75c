/* Zeros of a start become small positive numbers, for methods that cannot leave zeros and losses that cannot take them. */
#include "initialise/initialise.h"

#include "dist/collective.h"

static const double SHARE = 0.01; /* of the mean of the component */

static void add_columns(int64_t rows, int k, const double *X, double *sums)
{
    for (int64_t i = 0; i < rows; i++)
        for (int c = 0; c < k; c++)
            sums[c] += X[i * k + c];
}

/* What zeros of each component become, from the sums of a factor of so many rows. */
static void choose_values(int64_t rows, int k, double *value)
{
    double all = 0;
    for (int c = 0; c < k; c++)
        all += value[c] / k;
    for (int c = 0; c < k; c++)
        value[c] = SHARE * (value[c] > 0 ? value[c] : all > 0 ? all : (double)rows) / (double)rows;
}

static void fill(int64_t rows, int k, const double *value, double *X)
{
    for (int64_t i = 0; i < rows; i++)
        for (int c = 0; c < k; c++)
            X[i * k + c] = X[i * k + c] > 0 ? X[i * k + c] : value[c];
}

void pw_initialise_positive(pw_team *team, const pw_matrix *V, pw_model *model)
{
    const int k = model->k;
    double value[k];
    for (int replicated = 0; replicated < 2; replicated++) {
        double *X = replicated ? model->replicated : model->distributed;
        const int64_t rows = replicated ? V->cols : V->count;
        for (int c = 0; c < k; c++)
            value[c] = 0;
        add_columns(rows, k, X, value);
        if (!replicated)
            pw_reduce_sum(team, value, k);
        choose_values(replicated ? V->cols : V->rows, k, value);
        fill(rows, k, value, X);
    }
}
