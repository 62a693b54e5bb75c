#include "initialise/earlier.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "matrix/weight.h"
#include "store/reader.h"
#include "update/update.h"

#include <float.h>
#include <inttypes.h>
#include <string.h>

enum { MOST_REPEATS = 100 }; /* of an update within a sweep, which says the same each time */

/* ---- options ---- */

static char *look_up(void *context, const char *name)
{
    return pw_reader_attribute_text(context, "/options", name);
}

static pw_code check_kind(pw_reader *reader)
{
    char *kind = pw_reader_attribute_text(reader, "/", "partwise");
    const bool good =
        kind && strcmp(kind, "model") == 0 && pw_reader_kind(reader, "/options") == PW_OBJECT_GROUP;
    free(kind);
    return good
               ? PW_OK
               : pw_fail(PW_ERROR_INPUT,
                         "%s: is no model that `partwise fit` made. Components of any other origin "
                         "are given by --fix-h and --fix-w of fit.",
                         pw_reader_path(reader));
}

/* The factor that stays. */
static const char *fixed_factor(const pw_options *options)
{
    return options->side == PW_FACTOR_H ? "/W" : "/H";
}

static pw_code describe_fixed(pw_reader *reader, const pw_options *options, pw_dataset *found)
{
    const char *name = fixed_factor(options);
    if (pw_reader_kind(reader, name) != PW_OBJECT_DATASET ||
        pw_reader_describe(reader, name, found) != PW_OK || found->dimensions != 2)
        return pw_fail(PW_ERROR_INPUT, "%s: has no matrix '%s'.", pw_reader_path(reader), name);
    return PW_OK;
}

static pw_code give_factor(const pw_options *options, pw_options *fit)
{
    char **path = options->side == PW_FACTOR_H ? &fit->fix_w : &fit->fix_h;
    const pw_code code = PW_NEW(*path, (int64_t)strlen(options->model) + 1);
    if (code == PW_OK)
        strcpy(*path, options->model);
    return code;
}

/* Local. */
static pw_code read_options(const pw_options *options, pw_options *fit)
{
    pw_reader *reader = NULL;
    pw_dataset factor;
    pw_code code = PW_OK;
    PW_TRY(pw_options_adopt(options, PW_COMMAND_FIT, fit));
    PW_TRY(pw_reader_open(options->model, &reader));
    PW_TRY(check_kind(reader));
    PW_TRY(describe_fixed(reader, options, &factor));
    PW_TRY(pw_options_inherit(fit, options->model, look_up, reader));
    if (fit->method == PW_METHOD_ccd)
        PW_TRY(pw_fail(PW_ERROR_INPUT,
                       "%s: was made by method ccd, whose biases new rows would lack. Fit them "
                       "together with the others.",
                       options->model));
    PW_TRY(give_factor(options, fit));
    fit->k = factor.extent[options->side == PW_FACTOR_H];
    if (fit->k < 1 || fit->k > PW_MOST_COMPONENTS)
        PW_TRY(pw_fail(PW_ERROR_INPUT, "%s: has %" PRId64 " components; 1 to %d can be.",
                       options->model, fit->k, PW_MOST_COMPONENTS));
    fit->extrapolate = PW_PRESENT_NO; /* one factor is all there is to find */
    if (pw_method_at(fit->method)->traits & PW_REPEATS)
        fit->inner_iterations = MOST_REPEATS;
done:
    pw_reader_close(&reader);
    return code;
}

pw_code pw_earlier_options(pw_team *team, const pw_options *options, pw_options *fit)
{
    return pw_agree(team, read_options(options, fit));
}

/* ---- does it fit? ---- */

/* This rank's names of V beside those of the model. */
typedef struct comparison {
    const pw_names *names;
    int64_t next;      /* of this rank's names */
    int64_t different; /* index over all ranks of the first that differs; INT64_MAX: none */
    char there[64];    /* its name in the model */
} comparison;

static pw_code compare(void *context, const char *text, int64_t length)
{
    comparison *c = context;
    const int64_t i = c->next++, *offset = c->names->offset;
    if (c->different == INT64_MAX && (length != offset[i + 1] - offset[i] ||
                                      memcmp(text, c->names->text + offset[i], (size_t)length))) {
        c->different = c->names->first + i;
        snprintf(c->there, sizeof c->there, "%.*s", (int)(length < 60 ? length : 60), text);
    }
    return PW_OK;
}

static pw_code compare_names(pw_reader *reader, const char *list, comparison *c)
{
    pw_dataset found;
    if (c->names->total == 0 || pw_reader_kind(reader, list) != PW_OBJECT_DATASET ||
        pw_reader_describe(reader, list, &found) != PW_OK || found.dimensions != 1 ||
        found.content != PW_CONTENT_TEXT || found.extent[0] != c->names->total)
        return PW_OK;
    return pw_reader_text(reader, list, c->names->first, c->names->count, compare, c);
}

static pw_code check_length(pw_reader *reader, const pw_options *options, const pw_matrix *V,
                            const char *what)
{
    const bool of_columns = options->side == PW_FACTOR_W;
    const int64_t length = of_columns == V->transposed ? V->rows : V->cols;
    pw_dataset factor;
    const pw_code code = describe_fixed(reader, options, &factor);
    if (code != PW_OK || factor.extent[of_columns] == length)
        return code;
    return pw_fail(PW_ERROR_INPUT,
                   "%s: has %" PRId64 " %ss, but %s is of %" PRId64 ". New data need the %ss that "
                   "the model is of, in its order.",
                   V->path, length, what, options->model, factor.extent[of_columns], what);
}

/* Collective. The rank with the first difference tells. */
static pw_code tell_difference(pw_team *team, const pw_options *options, const pw_matrix *V,
                               const comparison *c, const char *what)
{
    int64_t first = -c->different;
    pw_code code = PW_OK;
    pw_reduce_max_int(team, &first, 1);
    if (-first == c->different && c->different != INT64_MAX) {
        const int64_t *offset = c->names->offset + (c->different - c->names->first);
        const int64_t length = offset[1] - offset[0];
        code = pw_fail(PW_ERROR_INPUT,
                       "%s: its %s %" PRId64 " (counted from 0) is named '%.*s', but '%s' in %s. "
                       "New data need the %ss that the model is of, in its order.",
                       V->path, what, c->different, (int)(length < 60 ? length : 60),
                       c->names->text + offset[0], c->there, options->model, what);
    }
    return pw_agree(team, code);
}

pw_code pw_earlier_check(pw_team *team, const pw_options *options, const pw_matrix *V)
{
    const bool of_columns = options->side == PW_FACTOR_W;
    const char *what = of_columns ? "column" : "row";
    comparison c = {.names = of_columns ? &V->column_names : &V->row_names, .different = INT64_MAX};
    pw_reader *reader = NULL;
    pw_code code = pw_reader_open(options->model, &reader);
    if (code == PW_OK)
        code = check_length(reader, options, V, what);
    if (code == PW_OK)
        code = compare_names(reader, of_columns ? "/col_names" : "/row_names", &c);
    PW_TRY(pw_agree(team, code));
    code = tell_difference(team, options, V, &c, what);
done:
    pw_reader_close(&reader);
    return code;
}

/* ---- weights ---- */

/* Whether the weights along what new data share with the model come from its data. */
static bool has_weights(const pw_options *options, const pw_options *fit)
{
    const bool of_columns = options->side == PW_FACTOR_W;
    if (fit->weight == PW_WEIGHT_NONE || fit->weight == PW_WEIGHT_LOG1P)
        return false;
    return (fit->weight != PW_WEIGHT_ROW_L1) == of_columns;
}

/* Local. Elements first … first + count - 1 of a list of `total`. */
static pw_code read_weights(const char *path, const char *list, int64_t total, int64_t first,
                            int64_t count, double *scale)
{
    pw_reader *reader = NULL;
    pw_dataset found;
    pw_code code = PW_OK;
    PW_TRY(pw_reader_open(path, &reader));
    if (pw_reader_kind(reader, list) != PW_OBJECT_DATASET ||
        pw_reader_describe(reader, list, &found) != PW_OK || found.dimensions != 1 ||
        found.extent[0] != total || found.content != PW_CONTENT_NUMBER)
        PW_TRY(pw_fail(PW_ERROR_INPUT, "%s: has no list '%s' of %" PRId64 " weights.", path, list,
                       total));
    PW_TRY(pw_reader_range(reader, list, first, count, PW_F64, scale));
    for (int64_t i = 0; i < count; i++)
        if (!(scale[i] >= 0 && scale[i] <= DBL_MAX))
            PW_TRY(pw_fail(PW_ERROR_INPUT,
                           "%s: '%s' is %g at %" PRId64 " (counted from 0); weights must be finite "
                           "and not negative.",
                           path, list, scale[i], first + i));
done:
    pw_reader_close(&reader);
    return code;
}

pw_code pw_earlier_weights(pw_team *team, const pw_options *options, const pw_options *fit,
                           pw_matrix *V)
{
    const bool of_columns = options->side == PW_FACTOR_W, swept_rows = of_columns == V->transposed;
    const char *list = of_columns ? "/weight/column_scale" : "/weight/row_scale";
    const int64_t total = swept_rows ? V->rows : V->cols;
    const int64_t first = swept_rows ? V->first : 0, count = swept_rows ? V->count : total;
    double *scale = NULL;
    pw_code code = PW_OK;
    if (!has_weights(options, fit))
        return PW_OK;
    code = PW_NEW(V->weight, 1);
    if (code == PW_OK)
        code = PW_NEW(scale, count);
    if (code == PW_OK) {
        *(swept_rows ? &V->weight->row : &V->weight->column) = scale;
        code = read_weights(options->model, list, total, first, count, scale);
    }
    return pw_agree(team, code);
}
