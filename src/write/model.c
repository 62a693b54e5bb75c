/* The model file: the factors and all that tells how they came about. */
#include "write/parts.h"

pw_code pw_write_model(pw_team *team, const char *path, const pw_result *result)
{
    const int64_t bytes =
        pw_write_run_bytes(team, result) + pw_write_model_bytes(result->V, result->model);
    pw_writer *writer = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_writer_create(team, path, bytes, &writer));
    PW_TRY(pw_write_parts(team, writer, "/", result, result->model));
    PW_TRY(pw_write_scale(team, writer, "/", result, result->model));
    PW_TRY(pw_write_head(team, writer, "model", result));
    code = pw_writer_commit(&writer, false);
done:
    pw_writer_discard(&writer);
    return code;
}
