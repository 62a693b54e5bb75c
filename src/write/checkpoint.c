/* The checkpoint: a model file of an unfinished run, with the state that resuming needs beyond the factors, and
 * checksums that tell whether it came whole. */
#include "write/parts.h"

#include "matrix/factors.h"

#include <inttypes.h>
#include <stdio.h>

static pw_code add_identity(void *context, const char *name, const char *value, bool identity)
{
    uint64_t *sum = context;
    if (identity)
        *sum += pw_text_checksum(name, value);
    return PW_OK;
}

static pw_code write_checksum(pw_writer *writer, const char *attribute, uint64_t sum)
{
    char text[24];
    snprintf(text, sizeof text, "%016" PRIx64, sum);
    return pw_writer_attribute_text(writer, "/state", attribute, text);
}

static pw_code write_revivals(pw_team *team, pw_writer *writer, const pw_model *model)
{
    const pw_part part = {.total = model->k, .count = team->rank == 0 ? model->k : 0};
    pw_code code = pw_writer_attribute_int(writer, "/state", "revived", model->revived);
    if (code == PW_OK)
        code = pw_writer_list(writer, "/state/revivals", part, PW_I64, PW_I64, model->revivals);
    return code;
}

static int64_t momentum_bytes(const pw_result *result)
{
    const int64_t rows = result->V->rows + result->V->cols;
    return result->model->momentum.beta > 0 ? rows * result->model->k * (int64_t)sizeof(double) : 0;
}

static pw_code write_momentum(pw_team *team, pw_writer *writer, const pw_result *result)
{
    const pw_momentum *m = &result->model->momentum;
    const pw_model factors = pw_momentum_factors(result->model);
    pw_code code = PW_OK;
    if (m->beta == 0)
        return PW_OK;
    PW_TRY(pw_writer_attribute_double(writer, "/state", "beta", m->beta));
    PW_TRY(pw_writer_attribute_double(writer, "/state", "last_beta", m->last));
    PW_TRY(pw_writer_attribute_double(writer, "/state", "most_beta", m->most));
    PW_TRY(pw_write_factors(team, writer, result->V, &factors, "/state/W", "/state/H"));
done:
    return code;
}

static pw_code write_state(pw_team *team, pw_writer *writer, const pw_result *result)
{
    const pw_model *model = result->model;
    char fingerprint[24];
    uint64_t identity = 0;
    pw_code code = PW_OK;
    snprintf(fingerprint, sizeof fingerprint, "%016" PRIx64, result->summary->fingerprint);
    identity = pw_text_checksum("input_fingerprint", fingerprint);
    PW_TRY(pw_options_visit(result->options, add_identity, &identity));
    PW_TRY(pw_writer_group(writer, "/state"));
    PW_TRY(pw_writer_attribute_int(writer, "/state", "iteration", model->iteration));
    PW_TRY(pw_writer_attribute_double(writer, "/state", "seconds", model->seconds));
    PW_TRY(pw_writer_attribute_double(writer, "/state", "first_residual", model->first_residual));
    PW_TRY(pw_writer_attribute_double(writer, "/state", "alpha", model->alpha));
    PW_TRY(write_revivals(team, writer, model));
    PW_TRY(write_momentum(team, writer, result));
    PW_TRY(write_checksum(writer, "identity_checksum", identity));
    PW_TRY(write_checksum(writer, "checksum", pw_model_checksum(team, result->V, model)));
done:
    return code;
}

pw_code pw_write_checkpoint(pw_team *team, const char *path, const pw_result *result)
{
    pw_writer *writer = NULL;
    pw_code code = PW_OK;
    const int64_t bytes = pw_write_bytes(team, result) + momentum_bytes(result);
    PW_TRY(pw_writer_create_guarded(team, path, bytes, &writer));
    PW_TRY(pw_write_parts(team, writer, "checkpoint", result));
    PW_TRY(write_state(team, writer, result));
    code = pw_writer_commit(&writer, true);
done:
    pw_writer_discard(&writer);
    return code;
}
