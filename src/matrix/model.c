#include "matrix/model.h"

#include "base/memory.h"
#include "matrix/touch.h"
#include "update/update.h"

#include <math.h>

pw_code pw_model_create(pw_team *team, const pw_matrix *V, int k, pw_model *model)
{
    *model = (pw_model){.k = k};
    int64_t elements, bytes;
    const bool absurd = __builtin_mul_overflow(V->count + V->cols, (int64_t)k, &elements) ||
                        __builtin_mul_overflow(elements, (int64_t)sizeof(double), &bytes);
    pw_code code =
        pw_memory_check(team, absurd ? INT64_MAX / team->size : bytes, V->path, "W and H");
    if (code != PW_OK)
        return code;
    code = PW_NEW(model->distributed, V->count * k);
    pw_touch_rows(team, V, (size_t)k * sizeof *model->distributed, model->distributed);
    if (code == PW_OK)
        code = PW_NEW(model->replicated, V->cols * k);
    if (code == PW_OK)
        code = PW_NEW(model->revivals, k);
    return pw_agree(team, code);
}

pw_code pw_model_add_momentum(pw_team *team, const pw_matrix *V, pw_model *model)
{
    pw_momentum *m = &model->momentum;
    const int64_t bytes = (V->count + V->cols) * model->k * (int64_t)sizeof(double);
    if (pw_memory_check(team, bytes, V->path, "the copies of W and H to extrapolate from") !=
        PW_OK) {
        pw_log_say(&team->log, "note: extrapolation is off: %s", pw_failure());
        return PW_OK;
    }
    pw_code code = PW_NEW(m->distributed, V->count * model->k);
    pw_touch_rows(team, V, (size_t)model->k * sizeof *m->distributed, m->distributed);
    if (code == PW_OK)
        code = PW_NEW(m->replicated, V->cols * model->k);
    return pw_agree(team, code);
}

void pw_model_drop_momentum(pw_model *model)
{
    free(model->momentum.distributed);
    free(model->momentum.replicated);
    model->momentum = (pw_momentum){.beta = 0};
}

pw_code pw_model_add_bias(pw_team *team, const pw_matrix *V, pw_model *model)
{
    pw_bias *bias = &model->bias;
    pw_code code = PW_NEW(bias->distributed, V->count);
    if (code == PW_OK)
        code = PW_NEW(bias->replicated, V->cols);
    return pw_agree(team, code);
}

double pw_sums_per_entry(const pw_options *o, double k)
{
    const bool missing = o->missing != PW_MISSING_NONE || o->mask || o->holdout > 0;
    const pw_method *method = pw_method_at(o->method);
    if (o->loss == PW_LOSS_FROBENIUS)
        return missing && method->missing != PW_SUMS_IMPUTED ? 2 : 1;
    const bool one_row = o->loss == PW_LOSS_KL && !missing; /* of denominators: sums of W */
    const double curvature = method->kl != PW_SUMS_NEWTON ? 0 : k > PW_MOST_EXACT ? 1 : (k + 1) / 2;
    return (one_row ? 1 : 2) + curvature;
}

double pw_most_sums_per_entry(const pw_options *options, const int *k, int count)
{
    double most = 0;
    for (int i = 0; i < count; i++)
        most = fmax(most, pw_sums_per_entry(options, k[i]));
    return most;
}

/* Products in float have copies of H and P; those of several models together have H and P side by side. */
double pw_models_bytes(const pw_options *options, double rows, double columns, double all,
                       double at_once, double sums)
{
    const bool copies = options->extrapolate == PW_PRESENT_YES;
    const double products = columns * at_once * (1.5 * sums + 1.5);
    return 8 * ((rows + columns) * (all + copies * at_once) + products);
}

pw_code pw_model_allocate(pw_team *team, const pw_matrix *V, const pw_options *options, int k,
                          uint64_t seed, pw_model *model)
{
    pw_code code = PW_OK;
    PW_TRY(pw_model_create(team, V, k, model));
    model->seed = seed;
    if (options->extrapolate == PW_PRESENT_YES)
        PW_TRY(pw_model_add_momentum(team, V, model));
    if (options->bias)
        PW_TRY(pw_model_add_bias(team, V, model));
done:
    return code;
}

double pw_model_entry(const pw_model *model, int64_t row, int64_t column)
{
    const double *w = model->distributed + row * model->k;
    const double *h = model->replicated + column * model->k;
    const pw_bias *bias = &model->bias;
    double sum = 0;
    if (bias->distributed)
        sum = bias->offset + bias->distributed[row] + bias->replicated[column];
    for (int c = 0; c < model->k; c++)
        sum += w[c] * h[c];
    return sum;
}

void pw_model_destroy(pw_model *model)
{
    if (!model)
        return;
    free(model->distributed);
    free(model->replicated);
    free(model->scale);
    free(model->anchors);
    free(model->history.row);
    free(model->revivals);
    pw_model_drop_momentum(model);
    free(model->bias.distributed);
    free(model->bias.replicated);
    *model = (pw_model){.k = 0};
}

const char *pw_reason_text(pw_reason reason)
{
    static const char *const TEXTS[] = {
        "running",           "converged",           "stalled", "iteration limit", "time limit",
        "stopped by signal", "held-out error rises"};
    return TEXTS[reason];
}

pw_reason pw_reason_kept(const pw_model *model)
{
    return model->reason == PW_REASON_TIME || model->reason == PW_REASON_STOPPED ? PW_REASON_NONE
                                                                                 : model->reason;
}
