/* The model file: the factors and all that tells how they came about. */
#include "write/parts.h"

pw_code pw_write_model(pw_team *team, const char *path, const pw_result *result)
{
    pw_writer *writer = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_writer_create(team, path, pw_write_bytes(team, result), &writer));
    PW_TRY(pw_write_parts(team, writer, "model", result));
    code = pw_writer_commit(&writer, false);
done:
    pw_writer_discard(&writer);
    return code;
}
