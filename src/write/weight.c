/* /weight: by what rows and columns of V, as the user sees it, were multiplied on the way in. */
#include "matrix/weight.h"
#include "write/parts.h"

static pw_code write_scale(pw_team *team, pw_writer *writer, const pw_matrix *V, bool of_rows)
{
    const bool swept_rows = of_rows != V->transposed;
    const double *scale = swept_rows ? V->weight->row : V->weight->column;
    const char *name = of_rows ? "/weight/row_scale" : "/weight/column_scale";
    pw_part part = {.total = V->rows, .first = V->first, .count = V->count};
    if (!scale)
        return PW_OK;
    if (!swept_rows) {
        part.total = V->cols;
        part.first = pw_share(V->cols, team->size, team->rank);
        part.count = pw_share(V->cols, team->size, team->rank + 1) - part.first;
        scale += part.first;
    }
    return pw_writer_list(writer, name, part, PW_F64, PW_F64, scale);
}

pw_code pw_write_weight(pw_team *team, pw_writer *writer, const pw_matrix *V)
{
    pw_code code = PW_OK;
    if (!V->weight || (!V->weight->row && !V->weight->column))
        return PW_OK;
    PW_TRY(pw_writer_group(writer, "/weight"));
    PW_TRY(write_scale(team, writer, V, true));
    PW_TRY(write_scale(team, writer, V, false));
done:
    return code;
}
