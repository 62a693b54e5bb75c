/* Each entry (i, j, v) off the diagonal is hashed into the sum of its row i and into that of its column j: V is
 * symmetric if and only if both sums agree for every index, but for a chance of 2⁻⁶⁴. Only where they do
 * not is a row compared with its column, entry by entry. */
#include "matrix/symmetry.h"

#include "base/hash.h"
#include "base/memory.h"
#include "dist/collective.h"
#include "matrix/visit.h"

#include <inttypes.h>

typedef struct hashes {
    uint64_t *rows, *columns;
} hashes;

static void add_hash(void *context, int64_t row, int64_t column, double v)
{
    hashes *h = context;
    if (row == column)
        return;
    /* the other end and the value: what row and column of the same index must share */
    h->rows[row] += pw_hash_mix(pw_hash_bits(v) + pw_hash_mix((uint64_t)column));
    h->columns[column] += pw_hash_mix(pw_hash_bits(v) + pw_hash_mix((uint64_t)row));
}

/* The first index whose row and column differ, n if there is none. */
static pw_code find_index(pw_team *team, const pw_matrix *V, int64_t *index)
{
    const int64_t n = V->rows;
    hashes h = {.rows = NULL};
    pw_code code = PW_NEW(h.rows, 2 * n);
    PW_TRY(pw_agree(team, code));
    h.columns = h.rows + n;
    pw_matrix_visit(V, add_hash, &h);
    pw_reduce_sum_int(team, (int64_t *)h.rows, 2 * n);
    for (*index = 0; *index < n && h.rows[*index] == h.columns[*index];)
        ++*index;
done:
    free(h.rows);
    return code;
}

typedef struct cross {
    int64_t index;
    double *row, *column;
} cross;

static void add_to_cross(void *context, int64_t row, int64_t column, double v)
{
    cross *c = context;
    if (row == c->index)
        c->row[column] = v;
    if (column == c->index)
        c->column[row] = v;
}

static pw_code name_pair(pw_team *team, const pw_matrix *V, int64_t index)
{
    const int64_t n = V->rows;
    cross c = {.index = index};
    int64_t j = 0;
    pw_code code = PW_NEW(c.row, 2 * n);
    PW_TRY(pw_agree(team, code));
    c.column = c.row + n;
    pw_matrix_visit(V, add_to_cross, &c);
    pw_reduce_sum(team, c.row, 2 * n);
    while (j < n - 1 && c.row[j] == c.column[j])
        j++;
    code = pw_fail(PW_ERROR_INPUT,
                   "%s: is not symmetric: the entry at row %" PRId64 ", column %" PRId64
                   " (counted from 0) is %g, that at row %" PRId64 ", column %" PRId64
                   " is %g. Take V + Vᵀ, or a method that takes any V.",
                   V->path, index, j, c.row[j], j, index, c.column[j]);
done:
    free(c.row);
    return code;
}

pw_code pw_matrix_check_symmetric(pw_team *team, const pw_matrix *V)
{
    int64_t index;
    if (V->rows != V->cols)
        return pw_fail(PW_ERROR_INPUT,
                       "%s: is %" PRId64 " × %" PRId64
                       "; a symmetric method needs a square matrix.",
                       V->path, V->rows, V->cols);
    const pw_code code = find_index(team, V, &index);
    return code != PW_OK || index == V->rows ? code : name_pair(team, V, index);
}
