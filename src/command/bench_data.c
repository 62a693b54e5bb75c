/* Random V of any shape, without structure: what products and updates take does not depend on it. */
#include "base/hash.h"
#include "base/memory.h"
#include "command/bench.h"
#include "read/csr.h"

#include <math.h>

enum { PIECE = 256 }; /* entries made together */

/* The same for the same place, in 64 bits. */
static uint64_t draw(int64_t row, int64_t i)
{
    return pw_hash_mix(pw_hash_mix((uint64_t)row + 1) + (uint64_t)(i + 1) * 0x9e3779b97f4a7c15u);
}

/* Whole numbers from 1 to 100, which all types hold. */
static double value(uint64_t bits)
{
    return (double)(1 + (bits >> 32) % 100);
}

static pw_code make_dense(pw_team *team, const pw_bench_shape *shape, pw_type type, pw_matrix *V)
{
    const pw_code code = pw_matrix_new_dense(team, shape->rows, shape->columns, false, type, V);
    if (code != PW_OK)
        return code;
#pragma omp parallel for num_threads(team->threads) schedule(static)
    for (int64_t i = 0; i < V->count; i++)
        for (int64_t j = 0; j < V->cols; j += PIECE) {
            const int64_t piece = V->cols - j < PIECE ? V->cols - j : PIECE;
            double v[PIECE];
            for (int64_t e = 0; e < piece; e++)
                v[e] = value(draw(V->first + i, j + e));
            pw_narrow(type, v, piece, V->values, i * V->cols + j);
        }
    return PW_OK;
}

/* Draws the columns of a row, ascending; returns how many different ones there are. */
static int64_t draw_columns(const pw_bench_shape *shape, int64_t row, int64_t draws,
                            uint32_t *column)
{
    int64_t different = 0;
    for (int64_t d = 0; d < draws; d++)
        column[d] = (uint32_t)((double)shape->columns *
                               pow((double)(draw(row, d) >> 11) * 0x1p-53, shape->skew));
    pw_csr_sort(column, draws);
    for (int64_t d = 0; d < draws; d++)
        if (d == 0 || column[d] != column[d - 1])
            column[different++] = column[d];
    return different;
}

static pw_code make_sparse(pw_team *team, const pw_bench_shape *shape, pw_type type, pw_matrix *V)
{
    const int64_t most = shape->entries / shape->rows + 1;
    uint32_t *column = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_csr_create(team, shape->rows, shape->columns, type, V));
    PW_TRY(pw_csr_allocate(team,
                           pw_share(shape->entries, shape->rows, V->first + V->count) -
                               pw_share(shape->entries, shape->rows, V->first),
                           V));
    PW_TRY(pw_agree(team, PW_NEW(column, most)));
    for (int64_t i = 0; i < V->count; i++) {
        const int64_t row = V->first + i;
        const int64_t draws = pw_share(shape->entries, shape->rows, row + 1) -
                              pw_share(shape->entries, shape->rows, row);
        const int64_t count = draw_columns(shape, row, draws, column);
        int64_t at = V->row_pointer[i];
        for (int64_t e = 0; e < count; e++)
            at = pw_csr_store(V, at, column[e], value(draw(row, column[e])));
        V->row_pointer[i + 1] = at;
    }
    pw_csr_finish(team, V);
done:
    free(column);
    return code;
}

pw_code pw_bench_make(pw_team *team, const pw_bench_shape *shape, pw_type type, pw_matrix *V)
{
    *V = (pw_matrix){.rows = 0};
    return shape->sparse ? make_sparse(team, shape, type, V) : make_dense(team, shape, type, V);
}
