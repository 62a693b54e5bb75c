/* Predictions for given entries, and how good they are. */
#include "predict/predict.h"

#include "base/memory.h"
#include "dist/collective.h"

#include <math.h>

void pw_predictions_destroy(pw_predictions *p)
{
    if (!p)
        return;
    free(p->own_pointer);
    free(p->own_column);
    free(p->own_actual);
    free(p->x);
    *p = (pw_predictions){.x = NULL};
}

static pw_code allocate(const pw_matrix *V, pw_predictions *p)
{
    const int64_t count = pw_matrix_local_entries(V);
    pw_code code = PW_NEW(p->x, count);
    if (code == PW_OK && V->type != PW_ONE) {
        code = PW_NEW(p->own_actual, count);
        if (code == PW_OK)
            pw_widen_to_double(V->type, V->values, 0, count, p->own_actual);
        p->actual = p->own_actual;
    }
    return code;
}

pw_code pw_predict_entries(pw_team *team, const pw_matrix *V, const pw_model *model,
                           pw_predictions *p)
{
    *p = (pw_predictions){.row_pointer = V->row_pointer, .column = V->column};
    pw_code code = PW_OK;
    if (!V->sparse)
        return pw_fail(PW_ERROR_INPUT,
                       "%s: is a dense matrix. Name the entries by a sparse one, such as Matrix "
                       "Market coordinates.",
                       V->path);
    PW_TRY(pw_memory_check(team, 2 * pw_matrix_local_entries(V) * (int64_t)sizeof(double), V->path,
                           "the predictions"));
    PW_TRY(pw_agree(team, allocate(V, p)));
#pragma omp parallel for num_threads(team->threads) schedule(static, 64)
    for (int64_t i = 0; i < V->count; i++)
        for (int64_t q = V->row_pointer[i]; q < V->row_pointer[i + 1]; q++)
            p->x[q] = pw_model_entry(model, i, V->column[q]);
done:
    return code;
}

pw_errors pw_predictions_compare(pw_team *team, const pw_matrix *V, const pw_predictions *p)
{
    double sums[] = {0, 0, 0};
    for (int64_t q = 0; p->actual && q < p->row_pointer[V->count]; q++) {
        const double error = p->actual[q] - p->x[q];
        sums[0]++;
        sums[1] += error * error;
        sums[2] += fabs(error);
    }
    pw_reduce_sum(team, sums, sizeof sums / sizeof *sums);
    const double count = fmax(sums[0], 1);
    return (pw_errors){.count = sums[0], .rmse = sqrt(sums[1] / count), .mae = sums[2] / count};
}
