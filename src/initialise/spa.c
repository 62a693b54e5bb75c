/* One factor made of rows or columns of V: the start --init spa, and all of method spa but its last step. */
#include "initialise/initialise.h"

#include "base/memory.h"
#include "initialise/anchors.h"

#include <inttypes.h>
#include <stdio.h>

static bool of_rows(const pw_options *options)
{
    return options->anchors == PW_ANCHORS_ROWS;
}

/* Collective. Says which they are. */
static void tell(pw_team *team, const pw_options *options, const pw_model *model)
{
    char text[128] = "";
    int length = 0;
    for (int c = 0; c < model->k && length < (int)sizeof text - 32; c++)
        length +=
            snprintf(text + length, sizeof text - (size_t)length, " %" PRId64, model->anchors[c]);
    pw_log_detail(&team->log, "anchors: %s =%s%s", of_rows(options) ? "rows" : "columns", text,
                  length < (int)sizeof text - 32 ? "" : " …");
}

/* Collective. Whether they are rows of the swept matrix decides which factor they are. */
static pw_code find(pw_team *team, const pw_matrix *V, const pw_options *options, pw_model *model)
{
    pw_code code = PW_OK;
    PW_TRY(pw_agree(team, PW_NEW(model->anchors, model->k)));
    PW_TRY(pw_anchors_find(team, V, of_rows(options) != V->transposed, options->anchors_scaled,
                           model, model->anchors));
    tell(team, options, model);
done:
    return code;
}

pw_code pw_initialise_spa(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                          const pw_options *options, pw_model *model)
{
    pw_code code = PW_OK;
    (void)summary;
    PW_TRY(find(team, V, options, model));
    code = pw_initialise_solve(team, V, of_rows(options) == V->transposed, model);
done:
    free(model->anchors); /* they do not stay what they are */
    model->anchors = NULL;
    return code;
}

pw_code pw_initialise_selected(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                               const pw_options *options, pw_model *model)
{
    pw_code code = PW_OK;
    PW_TRY(find(team, V, options, model));
    pw_initialise_random_factor(V, summary, of_rows(options) == V->transposed, model);
    *(of_rows(options) ? &model->fixed_h : &model->fixed_w) = model->k;
done:
    return code;
}
