#include "select/labels.h"

#include "base/memory.h"
#include "base/search.h"
#include "dist/collective.h"
#include "matrix/factors.h"

#include <string.h>

void pw_labels_factors(pw_team *team, const pw_matrix *V, const pw_model *model, bool of_columns,
                       double *factor)
{
    const pw_factor_part other =
        of_columns ? pw_factor_W(team, V, model) : pw_factor_H(team, V, model);
    const int k = model->k;
    double largest = 0;
    memset(factor, 0, (size_t)k * sizeof *factor);
    for (int64_t i = 0; i < other.count; i++)
        for (int c = 0; c < k; c++)
            factor[c] += other.X[i * k + c];
    pw_reduce_sum(team, factor, k);
    for (int c = 0; c < k; c++) {
        factor[c] *= model->scale ? model->scale[c] : 1;
        largest = factor[c] > largest ? factor[c] : largest;
    }
    for (int c = 0; c < k; c++)
        factor[c] = largest > 0 ? factor[c] / largest : 0;
}

static int32_t label_of(int k, const double *x, const double *factor)
{
    int32_t label = -1;
    double largest = 0;
    for (int c = 0; c < k; c++)
        if (x[c] * factor[c] > largest) {
            largest = x[c] * factor[c];
            label = c;
        }
    return label;
}

/* Local. Which of the asked items are whose. */
static void deal(const pw_matrix *V, bool distributed, int64_t items, const int64_t *item,
                 pw_layout *asked)
{
    for (int r = 0; r < asked->size; r++) {
        const int64_t first =
            distributed ? pw_layout_first(&V->layout, r) : pw_share(V->cols, asked->size, r);
        asked->offset[r] = item            ? pw_first_not_below(item, items, first)
                           : first < items ? first
                                           : items;
    }
    asked->offset[asked->size] = items;
}

pw_code pw_labels_find(pw_team *team, const pw_matrix *V, const pw_model *model, bool of_columns,
                       bool raw, int64_t items, const int64_t *item, int32_t *labels)
{
    const pw_factor_part own =
        of_columns ? pw_factor_H(team, V, model) : pw_factor_W(team, V, model);
    double *factor = NULL;
    int32_t *found = NULL;
    pw_layout asked = {.size = 0};
    pw_code code = PW_NEW(factor, model->k);
    if (code == PW_OK)
        code = PW_NEW(found, own.count);
    if (code == PW_OK)
        code = pw_layout_even(items, team->size, &asked);
    PW_TRY(pw_agree(team, code));
    deal(V, of_columns == V->transposed, items, item, &asked);
    if (raw)
        for (int c = 0; c < model->k; c++)
            factor[c] = 1;
    else
        pw_labels_factors(team, V, model, of_columns, factor);
    const int64_t first = pw_layout_first(&asked, team->rank);
    for (int64_t a = 0; a < pw_layout_count(&asked, team->rank); a++) {
        const int64_t i = item ? item[first + a] : first + a;
        found[a] = label_of(model->k, own.X + (i - own.first) * model->k, factor);
    }
    pw_gather_rows(team, &asked, sizeof *found, found, labels);
done:
    free(factor);
    free(found);
    pw_layout_destroy(&asked);
    return code;
}
