/* The model file: the factors and all that tells how they came about. */
#include "write/parts.h"

/* What was taken out of the factors, and out of which. */
static pw_code write_scale(pw_team *team, pw_writer *writer, const pw_result *result)
{
    const pw_model *model = result->model;
    const pw_part part = {.total = model->k, .count = team->rank == 0 ? model->k : 0};
    const char *side = result->options->normalise_side == PW_FACTOR_H ? "h" : "w";
    if (!model->scale)
        return PW_OK;
    const pw_code code = pw_writer_list(writer, "/scale", part, PW_F64, PW_F64, model->scale);
    return code == PW_OK ? pw_writer_attribute_text(writer, "/scale", "side", side) : code;
}

pw_code pw_write_model(pw_team *team, const char *path, const pw_result *result)
{
    pw_writer *writer = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_writer_create(team, path, pw_write_bytes(team, result), &writer));
    PW_TRY(pw_write_parts(team, writer, "model", result));
    PW_TRY(write_scale(team, writer, result));
    code = pw_writer_commit(&writer, false);
done:
    pw_writer_discard(&writer);
    return code;
}
