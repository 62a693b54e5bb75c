#include "initialise/factors.h"

#include "base/memory.h"

#include <inttypes.h>

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

pw_code pw_factors_check(pw_reader *reader, pw_factor_names names, const pw_matrix *V, int k)
{
    const int64_t m = V->transposed ? V->cols : V->rows, n = V->transposed ? V->rows : V->cols;
    const pw_code code = check_factor(reader, names.W, "m × k", m, k);
    return code == PW_OK ? check_factor(reader, names.H, "k × n", k, n) : code;
}

/* ---- reading ---- */

/* Columns of H become rows of X, block by block. */
static pw_code read_columns(pw_reader *reader, const char *name, pw_factor_part part, int k)
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
            PW_TRY(pw_reader_block(reader, name, c, rows, part.first + j, columns, PW_F64, block));
            for (int64_t q = 0; q < columns; q++)
                for (int r = 0; r < rows; r++)
                    part.X[(j + q) * k + c + r] = block[r * columns + q];
        }
done:
    free(block);
    return code;
}

pw_code pw_factors_read(const pw_team *team, pw_reader *reader, pw_factor_names names,
                        const pw_matrix *V, pw_model *model)
{
    const pw_factor_part W = pw_factor_W(team, V, model);
    pw_code code = pw_reader_block(reader, names.W, W.first, W.count, 0, model->k, PW_F64, W.X);
    return code == PW_OK ? read_columns(reader, names.H, pw_factor_H(team, V, model), model->k)
                         : code;
}
