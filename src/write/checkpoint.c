/* The checkpoint: models of an unfinished run, with the state that resuming needs beyond their factors, and checksums that
 * tell whether it came whole. One model stands where a model file has it, several in /models/0, /models/1, …; those that
 * have not begun are not there. */
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

static pw_code write_checksum(pw_writer *writer, const char *state, const char *attribute,
                              uint64_t sum)
{
    char text[24];
    snprintf(text, sizeof text, "%016" PRIx64, sum);
    return pw_writer_attribute_text(writer, state, attribute, text);
}

/* Of the run as a whole. */
static pw_code write_identity(pw_writer *writer, const pw_result *result)
{
    char fingerprint[24];
    pw_code code = PW_OK;
    snprintf(fingerprint, sizeof fingerprint, "%016" PRIx64, result->summary->fingerprint);
    uint64_t identity = pw_text_checksum("input_fingerprint", fingerprint);
    PW_TRY(pw_options_visit(result->options, add_identity, &identity));
    PW_TRY(write_checksum(writer, "/state", "identity_checksum", identity));
done:
    return code;
}

/* ---- one model ---- */

static pw_code write_revivals(pw_team *team, pw_writer *writer, const char *group,
                              const char *state, const pw_model *model)
{
    const pw_part part = {.total = model->k, .count = team->rank == 0 ? model->k : 0};
    char name[PW_PLACE];
    pw_code code = PW_OK;
    PW_TRY(pw_writer_attribute_int(writer, state, "revived", model->revived));
    PW_TRY(pw_writer_list(writer, pw_place_name(group, "state/revivals", name), part, PW_I64,
                          PW_I64, model->revivals));
done:
    return code;
}

static int64_t momentum_bytes(const pw_matrix *V, const pw_model *model)
{
    return model->momentum.beta > 0 ? (V->rows + V->cols) * model->k * (int64_t)sizeof(double) : 0;
}

static pw_code write_momentum(pw_team *team, pw_writer *writer, const char *group,
                              const char *state, const pw_result *result, const pw_model *model)
{
    const pw_momentum *m = &model->momentum;
    const pw_model factors = pw_momentum_factors(model);
    char W[PW_PLACE], H[PW_PLACE];
    pw_code code = PW_OK;
    if (m->beta == 0)
        return PW_OK;
    PW_TRY(pw_writer_attribute_double(writer, state, "beta", m->beta));
    PW_TRY(pw_writer_attribute_double(writer, state, "last_beta", m->last));
    PW_TRY(pw_writer_attribute_double(writer, state, "most_beta", m->most));
    PW_TRY(pw_writer_attribute_int(writer, state, "adapted", model->adapted));
    PW_TRY(pw_write_factors(team, writer, result->V, &factors, pw_place_name(group, "state/W", W),
                            pw_place_name(group, "state/H", H)));
done:
    return code;
}

static pw_code write_state(pw_team *team, pw_writer *writer, const char *group,
                           const pw_result *result, const pw_model *model)
{
    char state[PW_PLACE];
    pw_code code = PW_OK;
    pw_place_name(group, "state", state);
    PW_TRY(pw_writer_group(writer, state));
    PW_TRY(pw_writer_attribute_int(writer, state, "iteration", model->iteration));
    PW_TRY(pw_writer_attribute_double(writer, state, "seconds", model->seconds));
    PW_TRY(pw_writer_attribute_double(writer, state, "first_residual", model->first_residual));
    PW_TRY(pw_writer_attribute_double(writer, state, "alpha", model->alpha));
    PW_TRY(pw_writer_attribute_int(writer, state, "reason", pw_reason_kept(model)));
    PW_TRY(pw_writer_attribute_int(writer, state, "finished", model->finished));
    PW_TRY(write_revivals(team, writer, group, state, model));
    PW_TRY(write_momentum(team, writer, group, state, result, model));
    PW_TRY(write_checksum(writer, state, "checksum", pw_model_checksum(team, result->V, model)));
done:
    return code;
}

static pw_code write_one(pw_team *team, pw_writer *writer, const char *group,
                         const pw_result *result, const pw_model *model)
{
    pw_code code = PW_OK;
    PW_TRY(pw_write_parts(team, writer, group, result, model));
    if (model->finished)
        PW_TRY(pw_write_scale(team, writer, group, result, model));
    PW_TRY(write_state(team, writer, group, result, model));
done:
    return code;
}

/* ---- several ---- */

/* One that has not would begin again in the same way. */
static bool has_begun(const pw_model *model)
{
    return model->distributed && (model->iteration > 0 || model->finished);
}

static pw_code write_several(pw_team *team, pw_writer *writer, const pw_result *result)
{
    pw_code code = PW_OK;
    PW_TRY(pw_writer_group(writer, "/state"));
    PW_TRY(pw_writer_attribute_double(writer, "/state", "seconds", result->seconds));
    PW_TRY(pw_writer_group(writer, "/models"));
    for (int64_t i = 0; i < result->models; i++) {
        char group[PW_PLACE];
        pw_place_of_model(i, group);
        if (!has_begun(&result->model[i]))
            continue;
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
        if (result->model[i].distributed)
            bytes += pw_write_model_bytes(result->V, &result->model[i]) +
                     momentum_bytes(result->V, &result->model[i]);
    return bytes;
}

pw_code pw_write_checkpoint(pw_team *team, const char *path, const pw_result *result)
{
    pw_writer *writer = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_writer_create_guarded(team, path, bytes_of(team, result), &writer));
    if (result->models == 1)
        PW_TRY(write_one(team, writer, "/", result, result->model));
    else
        PW_TRY(write_several(team, writer, result));
    PW_TRY(pw_write_head(team, writer, "checkpoint", result));
    PW_TRY(write_identity(writer, result));
    code = pw_writer_commit(&writer, true);
done:
    pw_writer_discard(&writer);
    return code;
}
