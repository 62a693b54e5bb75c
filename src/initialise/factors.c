#include "initialise/factors.h"

#include "base/memory.h"
#include "base/smaller.h"
#include "dist/collective.h"
#include "store/place.h"

#include <float.h>
#include <inttypes.h>
#include <string.h>

enum { BUFFER_BYTES = 16 << 20, LEAST_WIDTH = 8192 }; /* of what is transposed at a time */

/* ---- checking ---- */

static pw_code check_factor(pw_reader *reader, const char *name, const char *shape, int64_t rows,
                            int64_t columns)
{
    pw_dataset found;
    const char *path = pw_reader_path(reader);
    if (pw_reader_kind(reader, name) != PW_OBJECT_DATASET)
        return pw_fail(PW_ERROR_INPUT,
                       "%s: has no data set '%s' of %s numbers (%" PRId64 " × %" PRId64 ").", path,
                       name, shape, rows, columns);
    const pw_code code = pw_reader_describe(reader, name, &found);
    if (code != PW_OK)
        return code;
    if (found.content != PW_CONTENT_NUMBER)
        return pw_fail(PW_ERROR_INPUT, "%s: '%s' holds %s where numbers belong.", path, name,
                       found.words);
    if (found.dimensions != 2)
        return pw_fail(PW_ERROR_INPUT, "%s: '%s' has %d dimensions; it needs 2.", path, name,
                       found.dimensions);
    if (found.extent[0] != rows || found.extent[1] != columns)
        return pw_fail(
            PW_ERROR_INPUT,
            "%s: '%s' is %" PRId64 " × %" PRId64 " where %s is %" PRId64 " × %" PRId64 ".%s", path,
            name, found.extent[0], found.extent[1], shape, rows, columns,
            found.extent[0] == columns && found.extent[1] == rows ? " Store it the other way round."
                                                                  : "");
    return PW_OK;
}

pw_code pw_factors_check(pw_reader *reader, pw_factor_names names, const pw_matrix *V, int k)
{
    const int64_t m = V->transposed ? V->cols : V->rows, n = V->transposed ? V->rows : V->cols;
    const pw_code code = check_factor(reader, names.W, "m × k", m, k);
    return code == PW_OK ? check_factor(reader, names.H, "k × n", k, n) : code;
}

pw_code pw_factor_components(pw_reader *reader, const char *name, const pw_matrix *V, int k,
                             int *components)
{
    const bool is_W = strcmp(name, "/W") == 0;
    const int64_t length = is_W == V->transposed ? V->cols : V->rows;
    const char *path = pw_reader_path(reader), *shape = is_W ? "m × c" : "c × n";
    pw_dataset found;
    if (pw_reader_kind(reader, name) != PW_OBJECT_DATASET)
        return pw_fail(PW_ERROR_INPUT, "%s: has no data set '%s' of %s numbers.", path, name,
                       shape);
    const pw_code code = pw_reader_describe(reader, name, &found);
    if (code != PW_OK)
        return code;
    const int64_t c = found.dimensions == 2 ? found.extent[is_W] : 1;
    if (c < 1 || c > k)
        return pw_fail(PW_ERROR_INPUT,
                       "%s: '%s' gives %" PRId64 " components; 1 to k = %d can be given. It is to "
                       "be %s.",
                       path, name, c, k, shape);
    *components = (int)c;
    return check_factor(reader, name, shape, is_W ? length : c, is_W ? c : length);
}

/* ---- what was taken out ---- */

/* Whether /scale was taken out of this factor. */
static bool is_scaled(pw_reader *reader, const char *name)
{
    if (pw_reader_kind(reader, "/scale") != PW_OBJECT_DATASET)
        return false;
    char *side = pw_reader_attribute_text(reader, "/scale", "side");
    const bool of_H = side && strcmp(side, "h") == 0;
    free(side);
    return of_H == (strcmp(name, "/H") == 0);
}

static pw_code read_scale(pw_reader *reader, int components, double *scale)
{
    pw_dataset found;
    pw_code code = PW_OK;
    PW_TRY(pw_reader_describe(reader, "/scale", &found));
    if (found.content != PW_CONTENT_NUMBER || found.dimensions != 1 ||
        found.extent[0] != components)
        return pw_fail(PW_ERROR_INPUT, "%s: '/scale' is no list of %d numbers.",
                       pw_reader_path(reader), components);
    PW_TRY(pw_reader_range(reader, "/scale", 0, components, PW_F64, scale));
    for (int c = 0; c < components; c++)
        if (!(scale[c] >= 0 && scale[c] <= DBL_MAX))
            return pw_fail(PW_ERROR_INPUT,
                           "%s: '/scale' is %g at %d (counted from 0); it must be finite and not "
                           "negative.",
                           pw_reader_path(reader), scale[c], c);
done:
    return code;
}

static pw_code multiply_back(pw_reader *reader, const char *name, pw_factor_part part, int k,
                             int components)
{
    double *scale = NULL;
    pw_code code = PW_OK;
    if (!is_scaled(reader, name))
        return PW_OK;
    PW_TRY(PW_NEW(scale, components));
    PW_TRY(read_scale(reader, components, scale));
    for (int64_t i = 0; i < part.count; i++)
        for (int c = 0; c < components; c++)
            part.X[i * k + c] *= scale[c];
done:
    free(scale);
    return code;
}

/* ---- reading ---- */

/* Columns of H become rows of X, block by block. */
static pw_code read_columns(pw_reader *reader, const char *name, pw_factor_part part, int k,
                            int components)
{
    const int64_t room = BUFFER_BYTES / (int64_t)sizeof(double);
    const int height = (int)pw_smaller(components, room / LEAST_WIDTH);
    const int64_t width = pw_smaller(part.count, room / height);
    double *block = NULL;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(block, width * height));
    for (int64_t j = 0; j < part.count; j += width)
        for (int c = 0; c < components; c += height) {
            const int64_t columns = pw_smaller(width, part.count - j);
            const int rows = (int)pw_smaller(height, components - c);
            PW_TRY(pw_reader_block(reader, name, c, rows, part.first + j, columns, PW_F64, block));
            for (int64_t q = 0; q < columns; q++)
                for (int r = 0; r < rows; r++)
                    part.X[(j + q) * k + c + r] = block[r * columns + q];
        }
done:
    free(block);
    return code;
}

/* Rows of W become the beginnings of rows of X. */
static pw_code read_rows(pw_reader *reader, const char *name, pw_factor_part part, int k,
                         int components)
{
    const int64_t room = BUFFER_BYTES / (int64_t)sizeof(double) / components;
    const int64_t height = pw_smaller(part.count, room);
    double *block = NULL;
    pw_code code = PW_OK;
    if (components == k)
        return pw_reader_rows(reader, name, part.first, part.count, PW_F64, part.X);
    PW_TRY(PW_NEW(block, height * components));
    for (int64_t i = 0; i < part.count; i += height) {
        const int64_t rows = pw_smaller(height, part.count - i);
        PW_TRY(pw_reader_rows(reader, name, part.first + i, rows, PW_F64, block));
        for (int64_t q = 0; q < rows; q++)
            memcpy(part.X + (i + q) * k, block + q * components,
                   (size_t)components * sizeof *block);
    }
done:
    free(block);
    return code;
}

pw_code pw_factors_read(const pw_team *team, pw_reader *reader, pw_factor_names names,
                        const pw_matrix *V, pw_model *model)
{
    const int k = model->k;
    const pw_code code = read_rows(reader, names.W, pw_factor_W(team, V, model), k, k);
    return code == PW_OK ? read_columns(reader, names.H, pw_factor_H(team, V, model), k, k) : code;
}

/* ---- given by the user ---- */

/* An entry that no factor may have. */
typedef struct bad_entry {
    int64_t place; /* row · columns + column in the file; INT64_MAX: there is none */
    double value;
} bad_entry;

static bool is_good(double x)
{
    return x >= 0 && x <= DBL_MAX;
}

/* The first by place in this rank's part. `by_columns`: X holds columns of the file. */
static bad_entry find_bad(pw_factor_part part, int k, int components, bool by_columns)
{
    bad_entry first = {.place = INT64_MAX};
    for (int64_t i = 0; i < part.count; i++)
        for (int c = 0; c < components; c++) {
            const int64_t row = part.first + i;
            const int64_t place = by_columns ? c * part.total + row : row * components + c;
            if (!is_good(part.X[i * k + c]) && place < first.place)
                first = (bad_entry){place, part.X[i * k + c]};
        }
    return first;
}

/* Collective. Every rank looks through its part; the one with the first bad entry tells. */
static pw_code check_entries(pw_team *team, const char *path, const char *name, pw_factor_part part,
                             int k, int components)
{
    const bool by_columns = strcmp(name, "/H") == 0;
    const int64_t columns = by_columns ? part.total : components;
    const bad_entry bad = find_bad(part, k, components, by_columns);
    int64_t first = -bad.place;
    pw_code code = PW_OK;
    pw_reduce_max_int(team, &first, 1);
    if (-first == bad.place && bad.place != INT64_MAX)
        code = pw_fail(PW_ERROR_INPUT,
                       "%s: '%s' is %g at row %" PRId64 ", column %" PRId64
                       " (counted from 0); factors must be finite and not negative.",
                       path, name, bad.value, bad.place / columns, bad.place % columns);
    return pw_agree(team, code);
}

pw_code pw_factor_take(pw_team *team, pw_reader *reader, const char *name, pw_factor_part part,
                       int k, int components)
{
    pw_code code =
        (strcmp(name, "/W") == 0 ? read_rows : read_columns)(reader, name, part, k, components);
    if (code == PW_OK)
        code = multiply_back(reader, name, part, k, components);
    code = pw_agree(team, code);
    return code == PW_OK ? check_entries(team, pw_reader_path(reader), name, part, k, components)
                         : code;
}

/* ---- biases ---- */

static pw_code read_bias(pw_reader *reader, const char *name, pw_factor_part part)
{
    pw_dataset found;
    const char *path = pw_reader_path(reader);
    if (pw_reader_kind(reader, name) != PW_OBJECT_DATASET)
        return pw_fail(PW_ERROR_INPUT, "%s: has no data set '%s'.", path, name);
    const pw_code code = pw_reader_describe(reader, name, &found);
    if (code != PW_OK)
        return code;
    if (found.content != PW_CONTENT_NUMBER || found.dimensions != 1 ||
        found.extent[0] != part.total)
        return pw_fail(PW_ERROR_INPUT, "%s: '%s' is no list of %" PRId64 " numbers.", path, name,
                       part.total);
    return pw_reader_range(reader, name, part.first, part.count, PW_F64, part.X);
}

pw_code pw_biases_read(const pw_team *team, pw_reader *reader, const char *group,
                       const pw_matrix *V, pw_model *model)
{
    const pw_model bias = pw_bias_vectors(model);
    char name[PW_PLACE];
    pw_code code = PW_OK;
    if (!bias.distributed)
        return PW_OK;
    if (pw_reader_attribute_doubles(reader, group, "offset", 1, &model->bias.offset) != 1)
        return pw_fail(PW_ERROR_INPUT, "%s: has no attribute 'offset', which belongs to biases.",
                       pw_reader_path(reader));
    PW_TRY(read_bias(reader, pw_place_name(group, "row_bias", name), pw_factor_W(team, V, &bias)));
    PW_TRY(
        read_bias(reader, pw_place_name(group, "column_bias", name), pw_factor_H(team, V, &bias)));
done:
    return code;
}
