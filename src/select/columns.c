#include "select/columns.h"

#include "base/memory.h"
#include "dist/collective.h"

static void find_tops(const pw_factor_part *part, int k, double *top)
{
    for (int64_t i = 0; i < part->count; i++)
        for (int c = 0; c < k; c++) {
            const double x = part->X[i * k + c];
            top[c] = x > top[c] ? x : top[c];
        }
}

/* `sum` has k sums, then k sums of squares. */
static void add_up(const pw_factor_part *part, int k, const pw_column_measure *measure, double *sum)
{
    for (int64_t i = 0; i < part->count; i++)
        for (int c = 0; c < k; c++) {
            const double x = pw_column_share(&measure[c], part->X[i * k + c]);
            sum[c] += x;
            sum[k + c] += x * x;
        }
}

pw_code pw_columns_measure(pw_team *team, const pw_factor_part *part, int k,
                           pw_column_measure *measure)
{
    double *top = NULL, *sum = NULL;
    pw_code code = PW_NEW(top, k);
    if (code == PW_OK)
        code = PW_NEW(sum, 2 * (int64_t)k);
    PW_TRY(pw_agree(team, code));
    find_tops(part, k, top);
    pw_reduce_max(team, top, k);
    for (int c = 0; c < k; c++)
        measure[c].top = top[c];
    add_up(part, k, measure, sum);
    pw_reduce_sum(team, sum, 2 * (int64_t)k);
    for (int c = 0; c < k; c++) {
        measure[c].sum = sum[c];
        measure[c].squares = sum[k + c];
    }
done:
    free(top);
    free(sum);
    return code;
}
