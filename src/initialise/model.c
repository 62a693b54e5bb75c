/* A model that an earlier fit has left, to be used as it is. */
#include "initialise/initialise.h"

#include "dist/collective.h"
#include "initialise/factors.h"

#include <inttypes.h>

/* What the file holds. */
typedef struct outline {
    int64_t k;
    bool biased;
} outline;

static pw_code check_shape(pw_reader *reader, const char *name, bool first, int64_t wanted,
                           const pw_matrix *V, int64_t *k)
{
    pw_dataset found = {.dimensions = 0};
    pw_code code = PW_OK;
    if (pw_reader_kind(reader, name) == PW_OBJECT_DATASET)
        code = pw_reader_describe(reader, name, &found);
    if (code != PW_OK)
        return code;
    if (found.dimensions != 2 || found.content != PW_CONTENT_NUMBER || found.extent[first] < 1 ||
        found.extent[first] > INT32_MAX)
        return pw_fail(PW_ERROR_INPUT, "%s: has no matrix '%s'; it is no result of partwise fit.",
                       pw_reader_path(reader), name);
    *k = found.extent[first];
    if (found.extent[!first] == wanted)
        return PW_OK;
    return pw_fail(
        PW_ERROR_INPUT, "%s: has %" PRId64 " %s, but %s is the model of a matrix with %" PRId64 ".",
        V->path, wanted, first ? "rows" : "columns", pw_reader_path(reader), found.extent[!first]);
}

/* Local. */
static pw_code look(pw_reader *reader, const pw_matrix *V, outline *o)
{
    const int64_t m = V->transposed ? V->cols : V->rows, n = V->transposed ? V->rows : V->cols;
    int64_t of_h;
    pw_code code = PW_OK;
    PW_TRY(check_shape(reader, "/W", true, m, V, &o->k));
    PW_TRY(check_shape(reader, "/H", false, n, V, &of_h));
    o->biased = pw_reader_kind(reader, "/row_bias") == PW_OBJECT_DATASET;
done:
    return code;
}

pw_code pw_initialise_model(pw_team *team, const pw_matrix *V, const char *path, pw_model *model)
{
    outline o = {.k = 0};
    pw_reader *reader = NULL;
    *model = (pw_model){.k = 0};
    pw_code code = pw_reader_open(path, &reader);
    if (code == PW_OK)
        code = look(reader, V, &o);
    PW_TRY(pw_agree(team, code));
    PW_TRY(pw_model_create(team, V, (int)o.k, model));
    if (o.biased)
        PW_TRY(pw_model_add_bias(team, V, model));
    PW_TRY(pw_initialise_file(team, V, path, model));
    code = pw_biases_read(team, reader, "/", V, model);
    PW_TRY(pw_agree(team, code));
    pw_model bias = pw_bias_vectors(model);
    if (bias.distributed)
        pw_factors_replicate(team, V, &bias);
done:
    pw_reader_close(&reader);
    return code;
}
