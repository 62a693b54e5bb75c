#include "initialise/factors.h"

#include "base/memory.h"

#include <float.h>
#include <inttypes.h>
#include <string.h>

enum { BUFFER_BYTES = 16 << 20, LEAST_WIDTH = 8192 }; /* of what is transposed at a time */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

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

pw_code pw_factors_check(pw_reader *reader, const pw_matrix *V, int k)
{
    const int64_t m = V->transposed ? V->cols : V->rows, n = V->transposed ? V->rows : V->cols;
    const pw_code code = check_factor(reader, "/W", "m × k", m, k);
    return code == PW_OK ? check_factor(reader, "/H", "k × n", k, n) : code;
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

static pw_code read_scale(pw_reader *reader, int k, double *scale)
{
    pw_dataset found;
    pw_code code = PW_OK;
    PW_TRY(pw_reader_describe(reader, "/scale", &found));
    if (found.content != PW_CONTENT_NUMBER || found.dimensions != 1 || found.extent[0] != k)
        return pw_fail(PW_ERROR_INPUT, "%s: '/scale' is no list of k = %d numbers.",
                       pw_reader_path(reader), k);
    PW_TRY(pw_reader_range(reader, "/scale", 0, k, PW_F64, scale));
    for (int c = 0; c < k; c++)
        if (!(scale[c] >= 0 && scale[c] <= DBL_MAX))
            return pw_fail(PW_ERROR_INPUT,
                           "%s: '/scale' is %g at %d (counted from 0); it must be finite and not "
                           "negative.",
                           pw_reader_path(reader), scale[c], c);
done:
    return code;
}

pw_code pw_factors_scale(pw_reader *reader, const char *name, pw_factor_part part, int k)
{
    double *scale = NULL;
    pw_code code = PW_OK;
    if (!is_scaled(reader, name))
        return PW_OK;
    PW_TRY(PW_NEW(scale, k));
    PW_TRY(read_scale(reader, k, scale));
    for (int64_t i = 0; i < part.count; i++)
        for (int c = 0; c < k; c++)
            part.X[i * k + c] *= scale[c];
done:
    free(scale);
    return code;
}

/* ---- reading ---- */

/* Columns of /H become rows of X, block by block. */
static pw_code read_columns(pw_reader *reader, pw_factor_part part, int k)
{
    const int64_t room = BUFFER_BYTES / (int64_t)sizeof(double);
    const int components = (int)least(k, room / LEAST_WIDTH);
    const int64_t width = least(part.count, room / components);
    double *block = NULL;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(block, width * components));
    for (int64_t j = 0; j < part.count; j += width)
        for (int c = 0; c < k; c += components) {
            const int64_t columns = least(width, part.count - j);
            const int rows = (int)least(components, k - c);
            PW_TRY(pw_reader_block(reader, "/H", c, rows, part.first + j, columns, PW_F64, block));
            for (int64_t q = 0; q < columns; q++)
                for (int r = 0; r < rows; r++)
                    part.X[(j + q) * k + c + r] = block[r * columns + q];
        }
done:
    free(block);
    return code;
}

pw_code pw_factors_read(const pw_team *team, pw_reader *reader, const pw_matrix *V, pw_model *model)
{
    const pw_factor_part W = pw_factor_W(team, V, model);
    pw_code code = pw_reader_block(reader, "/W", W.first, W.count, 0, model->k, PW_F64, W.X);
    return code == PW_OK ? read_columns(reader, pw_factor_H(team, V, model), model->k) : code;
}
