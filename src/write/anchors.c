/* Which rows or columns of V a factor is made of. */
#include "write/parts.h"

#include <string.h>

/* Local. Those of the names that this rank holds. */
static pw_code collect(const pw_names *names, const pw_model *model, pw_names *own, int64_t *index)
{
    pw_code code = PW_OK;
    for (int c = 0; c < model->k && code == PW_OK; c++) {
        const int64_t i = model->anchors[c] - names->first;
        if (i < 0 || i >= names->count)
            continue;
        index[own->count] = c;
        code = pw_names_add(own, names->text + names->offset[i],
                            names->offset[i + 1] - names->offset[i]);
    }
    return code;
}

static pw_code write_names(pw_team *team, pw_writer *writer, const char *name,
                           const pw_names *names, const pw_model *model)
{
    int64_t index[model->k];
    pw_names own = {.total = 0}, dealt = {.total = 0};
    pw_code code = PW_OK;
    if (names->total == 0)
        return PW_OK;
    PW_TRY(pw_agree(team, collect(names, model, &own, index)));
    PW_TRY(pw_names_deal(team, &own, index, model->k, &dealt));
    code = pw_write_names(writer, name, &dealt);
done:
    pw_names_destroy(&own);
    pw_names_destroy(&dealt);
    return code;
}

pw_code pw_write_anchors(pw_team *team, pw_writer *writer, const char *group,
                         const pw_options *options, const pw_matrix *V, const pw_model *model)
{
    const bool rows = options->anchors == PW_ANCHORS_ROWS;
    const pw_part part = {.total = model->k, .count = team->rank == 0 ? model->k : 0};
    char name[PW_PLACE];
    pw_code code = PW_OK;
    if (!model->anchors)
        return PW_OK;
    pw_place_name(group, "anchors", name);
    PW_TRY(pw_writer_list(writer, name, part, PW_I64, PW_I64, model->anchors));
    PW_TRY(pw_writer_attribute_text(writer, name, "of", rows ? "rows" : "columns"));
    code = write_names(team, writer, pw_place_name(group, "anchor_names", name),
                       rows ? &V->row_names : &V->column_names, model);
done:
    return code;
}
