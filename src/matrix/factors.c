#include "matrix/factors.h"

#include "base/hash.h"
#include "dist/collective.h"

/* ---- parts ---- */

static pw_factor_part own_rows(const pw_matrix *V, const pw_model *model)
{
    return (pw_factor_part){
        .X = model->distributed, .total = V->rows, .first = V->first, .count = V->count};
}

static pw_factor_part share(const pw_team *team, const pw_matrix *V, const pw_model *model)
{
    const int64_t first = pw_share(V->cols, team->size, team->rank);
    return (pw_factor_part){.X = model->replicated + first * model->k,
                            .total = V->cols,
                            .first = first,
                            .count = pw_share(V->cols, team->size, team->rank + 1) - first};
}

pw_factor_part pw_factor_W(const pw_team *team, const pw_matrix *V, const pw_model *model)
{
    return V->transposed ? share(team, V, model) : own_rows(V, model);
}

pw_factor_part pw_factor_H(const pw_team *team, const pw_matrix *V, const pw_model *model)
{
    return V->transposed ? own_rows(V, model) : share(team, V, model);
}

pw_model pw_momentum_factors(const pw_model *model)
{
    return (pw_model){.k = model->k,
                      .distributed = model->momentum.distributed,
                      .replicated = model->momentum.replicated};
}

pw_model pw_bias_vectors(const pw_model *model)
{
    return (pw_model){
        .k = 1, .distributed = model->bias.distributed, .replicated = model->bias.replicated};
}

void pw_factors_replicate(pw_team *team, const pw_matrix *V, pw_model *model)
{
    const int64_t row_bytes = model->k * (int64_t)sizeof(double);
    for (int r = 0; r < team->size; r++) {
        const int64_t first = pw_share(V->cols, team->size, r);
        const int64_t count = pw_share(V->cols, team->size, r + 1) - first;
        pw_broadcast(team, model->replicated + first * model->k, count * row_bytes, r);
    }
}

/* ---- checksum: a sum modulo 2^64 of mixed (what, place, value) ---- */

typedef enum checked {
    CHECKED_W = 1,
    CHECKED_H,
    CHECKED_HISTORY,
    CHECKED_STATE,
    CHECKED_REVIVALS,
    CHECKED_MOMENTUM_W,
    CHECKED_MOMENTUM_H,
    CHECKED_BIAS_W,
    CHECKED_BIAS_H,
    CHECKED_RATINGS,
    CHECKED_END,
    CHECKED_SCALE
} checked;

static uint64_t sum_values(checked what, int64_t first, int64_t count, const double *values)
{
    const uint64_t step = UINT64_C(0x9e3779b97f4a7c15), key = pw_hash_mix(step * (uint64_t)what);
    uint64_t sum = 0;
    for (int64_t i = 0; i < count; i++) {
        sum +=
            pw_hash_mix(pw_hash_bits(values[i]) + pw_hash_mix(key + step * (uint64_t)(first + i)));
    }
    return sum;
}

static uint64_t sum_part(checked what, pw_factor_part part, int k)
{
    return sum_values(what, part.first * k, part.count * k, part.X);
}

static uint64_t sum_state(const pw_model *model)
{
    const double state[] = {(double)model->k,
                            (double)model->iteration,
                            model->seconds,
                            model->first_residual,
                            model->objective,
                            model->relative_error,
                            model->projected_gradient,
                            model->holdout_error,
                            (double)model->history.count,
                            (double)model->revived,
                            model->momentum.beta,
                            model->momentum.last,
                            model->momentum.most,
                            model->alpha};
    const double end[] = {(double)model->adapted, (double)pw_reason_kept(model),
                          (double)model->finished};
    uint64_t sum = sum_values(CHECKED_STATE, 0, sizeof state / sizeof *state, state);
    sum += sum_values(CHECKED_END, 0, sizeof end / sizeof *end, end);
    for (int c = 0; model->finished && model->scale && c < model->k; c++)
        sum += sum_values(CHECKED_SCALE, c, 1, &model->scale[c]);
    for (int c = 0; c < model->k; c++)
        sum += sum_values(CHECKED_REVIVALS, c, 1, &(double){(double)model->revivals[c]});
    for (int64_t i = 0; i < model->history.count; i++) {
        const pw_history_row *row = &model->history.row[i];
        const double values[] = {(double)row->iteration,  row->seconds,
                                 row->objective,          row->relative_error,
                                 row->projected_gradient, row->holdout_error};
        enum { VALUES = sizeof values / sizeof *values };
        sum += sum_values(CHECKED_HISTORY, i * VALUES, VALUES, values);
    }
    return sum;
}

/* What only runs of the rank-one method have. */
static uint64_t sum_ratings(pw_team *team, const pw_matrix *V, const pw_model *model)
{
    const pw_model bias = pw_bias_vectors(model);
    const double numbers[] = {model->bias.offset, model->l2_w, model->l2_h};
    uint64_t sum = 0;
    if (bias.distributed)
        sum += sum_part(CHECKED_BIAS_W, pw_factor_W(team, V, &bias), 1) +
               sum_part(CHECKED_BIAS_H, pw_factor_H(team, V, &bias), 1);
    if (team->rank == 0 && (bias.distributed || model->l2_w > 0 || model->l2_h > 0))
        sum += sum_values(CHECKED_RATINGS, 0, sizeof numbers / sizeof *numbers, numbers);
    return sum;
}

/* Of state and history those of rank 0 count: clocks differ. */
uint64_t pw_model_checksum(pw_team *team, const pw_matrix *V, const pw_model *model)
{
    const pw_model momentum = pw_momentum_factors(model);
    uint64_t sum = sum_part(CHECKED_W, pw_factor_W(team, V, model), model->k) +
                   sum_part(CHECKED_H, pw_factor_H(team, V, model), model->k);
    if (model->momentum.beta > 0)
        sum += sum_part(CHECKED_MOMENTUM_W, pw_factor_W(team, V, &momentum), model->k) +
               sum_part(CHECKED_MOMENTUM_H, pw_factor_H(team, V, &momentum), model->k);
    sum += sum_ratings(team, V, model);
    if (team->rank == 0)
        sum += sum_state(model);
    MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_UINT64_T, MPI_SUM, team->comm);
    return sum;
}

/* FNV-1a (Fowler, Noll, Vo) over both with their closing zeros. */
uint64_t pw_text_checksum(const char *name, const char *value)
{
    const char *const texts[] = {name, value};
    uint64_t hash = UINT64_C(14695981039346656037);
    for (int t = 0; t < 2; t++) {
        const char *c = texts[t];
        do
            hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
        while (*c++);
    }
    return pw_hash_mix(hash);
}
