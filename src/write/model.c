/* The model file: the factors and all that tells how they came about. */
#include "write/parts.h"

static pw_code write_one(pw_team *team, pw_writer *writer, const char *group,
                         const pw_result *result, const pw_model *model)
{
    pw_code code = PW_OK;
    PW_TRY(pw_write_parts(team, writer, group, result, model));
    PW_TRY(pw_write_scale(team, writer, group, result, model));
    if (result->bound)
        PW_TRY(pw_writer_attribute_double(writer, group, "svd_bound", result->bound[model->k - 1]));
done:
    return code;
}

/* Those that are kept beside the best. */
static pw_code write_others(pw_team *team, pw_writer *writer, const pw_result *result)
{
    pw_code code = PW_OK;
    if (result->models > 1)
        PW_TRY(pw_writer_group(writer, "/models"));
    for (int64_t i = 1; i < result->models; i++) {
        char group[PW_PLACE];
        pw_place_of_model(i, group);
        PW_TRY(pw_writer_group(writer, group));
        PW_TRY(write_one(team, writer, group, result, &result->model[i]));
    }
done:
    return code;
}

static int64_t bytes_of(pw_team *team, const pw_result *result)
{
    int64_t bytes = pw_write_run_bytes(team, result);
    for (int64_t i = 0; i < result->models; i++)
        bytes += pw_write_model_bytes(result->V, &result->model[i]);
    return bytes;
}

pw_code pw_write_model(pw_team *team, const char *path, const pw_result *result)
{
    pw_writer *writer = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_writer_create(team, path, bytes_of(team, result), &writer));
    PW_TRY(write_one(team, writer, "/", result, result->model));
    PW_TRY(write_others(team, writer, result));
    PW_TRY(pw_write_head(team, writer, "model", result));
    code = pw_writer_commit(&writer, false);
done:
    pw_writer_discard(&writer);
    return code;
}
