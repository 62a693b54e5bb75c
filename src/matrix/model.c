#include "matrix/model.h"

#include "base/memory.h"
#include <stdlib.h>

pw_code pw_model_create(pw_team *team, const pw_matrix *V, int k, pw_model *model)
{
    *model = (pw_model){.k = k};
    pw_code code = PW_NEW(model->distributed, V->count * k);
    if (code == PW_OK)
        code = PW_NEW(model->replicated, V->cols * k);
    return pw_agree(team, code);
}

void pw_model_destroy(pw_model *model)
{
    if (!model)
        return;
    free(model->distributed);
    free(model->replicated);
    free(model->history.row);
    *model = (pw_model){.k = 0};
}

const char *pw_reason_text(pw_reason reason)
{
    static const char *const TEXTS[] = {"running",         "converged",  "stalled",
                                        "iteration limit", "time limit", "stopped by signal"};
    return TEXTS[reason];
}
