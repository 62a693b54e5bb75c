#include "select/sparseness.h"

#include "base/memory.h"
#include "select/columns.h"

#include <math.h>

pw_code pw_sparseness(pw_team *team, const pw_factor_part *part, int k, double *sparseness)
{
    const double root = sqrt((double)part->total);
    pw_column_measure *measure = NULL;
    double sum = 0;
    int counted = 0;
    pw_code code = PW_OK;
    PW_TRY(pw_agree(team, PW_NEW(measure, k)));
    PW_TRY(pw_columns_measure(team, part, k, measure));
    for (int c = 0; c < k; c++)
        if (measure[c].top > 0) {
            sum += (root - measure[c].sum / sqrt(measure[c].squares)) / (root - 1);
            counted++;
        }
    *sparseness = counted > 0 && part->total > 1 ? sum / counted : NAN;
done:
    free(measure);
    return code;
}
