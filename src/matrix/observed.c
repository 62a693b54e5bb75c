/* Kernels over the observed entries: each reads R and its columns once, and gathers from or scatters to vectors as
 * long as a row of V. 2 to 4 flops an entry. */
#include "matrix/observed.h"

#include "base/clones.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { PIECE = 1024 }; /* entries read at a time */

/* ---- which entries there are ---- */

static void read_entries(const pw_observed *e, const pw_tile *tile, int64_t row, int64_t first,
                         int64_t count, double *v)
{
    (e->held_out ? pw_tile_read_held_out : pw_tile_read)(tile, row, first, count, v);
}

/* What is done with a row's observed entries; `v` has NaN for the missing ones. */
typedef void (*piece_visitor)(pw_observed *e, int64_t row, int64_t count, const uint32_t *column,
                              int64_t first, const double *v);

static void visit_pieces(pw_observed *e, piece_visitor visit)
{
    const pw_source source = pw_source_of(e->V, 1);
    double v[PIECE];
    for (int64_t b = 0; b < source.tiles; b++) {
        const pw_tile tile = pw_source_tile(&source, b);
        for (int64_t row = 0; row < tile.rows; row++) {
            const int64_t begin = tile.sparse ? tile.row_pointer[row] : 0;
            const int64_t end = tile.sparse ? tile.row_pointer[row + 1] : tile.cols;
            for (int64_t i = begin; i < end; i += PIECE) {
                const int64_t count = end - i < PIECE ? end - i : PIECE;
                read_entries(e, &tile, row, i, count, v);
                visit(e, tile.first + row, count, tile.sparse ? tile.column + i : NULL, i, v);
            }
        }
    }
}

static void count_piece(pw_observed *e, int64_t row, int64_t count, const uint32_t *column,
                        int64_t first, const double *v)
{
    (void)column;
    (void)first;
    for (int64_t i = 0; i < count; i++)
        e->own_pointer[row + 1] += !isnan(v[i]);
}

pw_code pw_observed_find(const pw_matrix *V, bool held_out, pw_observed *e)
{
    *e = (pw_observed){.V = V, .held_out = held_out, .rows = V->count};
    if (!V->sparse && V->cols > UINT32_MAX)
        return pw_fail(PW_ERROR_INPUT, "%s: has too many columns; use --distribute columns.",
                       V->path ? V->path : "V");
    const pw_code code = PW_NEW(e->own_pointer, V->count + 1);
    if (code != PW_OK)
        return code;
    visit_pieces(e, count_piece);
    for (int64_t i = 0; i < V->count; i++)
        e->own_pointer[i + 1] += e->own_pointer[i];
    e->row_pointer = e->own_pointer;
    e->count = e->own_pointer[V->count];
    if (V->sparse && e->count == pw_matrix_local_entries(V)) {
        free(e->own_pointer);
        e->own_pointer = NULL;
        e->row_pointer = V->row_pointer;
        e->column = V->column;
    }
    return PW_OK;
}

int64_t pw_observed_bytes(const pw_observed *e)
{
    const int64_t columns = e->own_pointer ? e->count * (int64_t)sizeof *e->column : 0;
    return e->count * (int64_t)sizeof *e->R + columns;
}

static void list_piece(pw_observed *e, int64_t row, int64_t count, const uint32_t *column,
                       int64_t first, const double *v)
{
    (void)row;
    for (int64_t i = 0; i < count; i++)
        if (!isnan(v[i]))
            e->own_column[e->count++] = column ? column[i] : (uint32_t)(first + i);
}

pw_code pw_observed_allocate(pw_observed *e)
{
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(e->R, e->count));
    if (!e->own_pointer)
        goto done;
    PW_TRY(PW_NEW(e->own_column, e->count));
    e->count = 0;
    visit_pieces(e, list_piece);
    e->column = e->own_column;
done:
    return code;
}

void pw_observed_destroy(pw_observed *e)
{
    free(e->own_pointer);
    free(e->own_column);
    free(e->R);
    *e = (pw_observed){.count = 0};
}

/* ---- the residual ---- */

/* R of one row, from the observed entries of V that a read gave. */
static int64_t keep_observed(int64_t count, const double *v, double *R)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < count; i++)
        if (!isnan(v[i]))
            R[kept++] = v[i];
    return kept;
}

static void read_row(pw_observed *e, const pw_tile *tile, int64_t row)
{
    double v[PIECE], *R = e->R + e->row_pointer[tile->first + row];
    const int64_t begin = tile->sparse ? tile->row_pointer[row] : 0;
    const int64_t end = tile->sparse ? tile->row_pointer[row + 1] : tile->cols;
    for (int64_t i = begin; i < end; i += PIECE) {
        const int64_t count = end - i < PIECE ? end - i : PIECE;
        read_entries(e, tile, row, i, count, v);
        R += keep_observed(count, v, R);
    }
}

void pw_observed_read(pw_observed *e, int64_t from, int64_t to)
{
    const pw_source source = pw_source_of(e->V, 1);
    for (int64_t b = from / source.tile_rows; b < source.tiles && b * source.tile_rows < to; b++) {
        const pw_tile tile = pw_source_tile(&source, b);
        for (int64_t row = 0; row < tile.rows; row++)
            if (tile.first + row >= from && tile.first + row < to)
                read_row(e, &tile, row);
    }
}

void pw_observed_subtract_model(pw_observed *e, const pw_model *model, int64_t from, int64_t to)
{
    pw_observed_read(e, from, to);
    for (int64_t i = from; i < to; i++)
        for (int64_t q = e->row_pointer[i]; q < e->row_pointer[i + 1]; q++)
            e->R[q] -= pw_model_entry(model, i, e->column[q]);
}

double pw_observed_squared_error(const pw_observed *e, const pw_model *model, int64_t from,
                                 int64_t to)
{
    double sum = 0;
    for (int64_t i = from; i < to; i++)
        for (int64_t q = e->row_pointer[i]; q < e->row_pointer[i + 1]; q++) {
            const double error = e->R[q] - pw_model_entry(model, i, e->column[q]);
            sum += error * error;
        }
    return sum;
}

/* ---- kernels ---- */

static inline double x_of(pw_component x, int64_t i)
{
    return x.x ? x.x[i * x.step] : 1;
}

static inline void shift(int64_t count, const uint32_t *column, double x, const double *y,
                         double *R)
{
#pragma omp simd
    for (int64_t q = 0; q < count; q++)
        R[q] -= x * y[column[q]];
}

PW_CLONES void pw_observed_shift_columns(pw_observed *e, int64_t from, int64_t to, pw_component x,
                                         const double *dy)
{
    for (int64_t i = from; i < to; i++) {
        const int64_t first = e->row_pointer[i];
        if (x_of(x, i) != 0)
            shift(e->row_pointer[i + 1] - first, e->column + first, x_of(x, i), dy, e->R + first);
    }
}

PW_CLONES void pw_observed_shift_rows(pw_observed *e, int64_t from, int64_t to, const double *dx,
                                      const double *y)
{
    for (int64_t i = from; i < to; i++) {
        const int64_t first = e->row_pointer[i];
        if (dx[i - from] != 0)
            shift(e->row_pointer[i + 1] - first, e->column + first, dx[i - from], y, e->R + first);
    }
}

static inline void sum_row(int64_t count, const uint32_t *column, const double *R, const double *y,
                           double *ry, double *yy)
{
    double n = 0, d = 0;
#pragma omp simd reduction(+ : n, d)
    for (int64_t q = 0; q < count; q++) {
        const double z = y[column[q]];
        n += R[q] * z;
        d += z * z;
    }
    *ry = n;
    *yy = d;
}

PW_CLONES void pw_observed_row_sums(const pw_observed *e, int64_t from, int64_t to, pw_component x,
                                    const double *y, double *N, double *D)
{
    for (int64_t i = from; i < to; i++) {
        const int64_t first = e->row_pointer[i];
        double n, d;
        sum_row(e->row_pointer[i + 1] - first, e->column + first, e->R + first, y, &n, &d);
        N[i - from] = n + x_of(x, i) * d;
        D[i - from] = d;
    }
}

static inline void scatter(int64_t count, const uint32_t *column, const double *R, double x,
                           double *sums)
{
    for (int64_t q = 0; q < count; q++) {
        double *sum = sums + 2 * (int64_t)column[q];
        sum[0] += R[q] * x;
        sum[1] += x * x;
    }
}

PW_CLONES void pw_observed_column_sums(const pw_observed *e, int64_t from, int64_t to,
                                       pw_component x, double *sums)
{
    for (int64_t i = from; i < to; i++) {
        const int64_t first = e->row_pointer[i];
        if (x_of(x, i) != 0)
            scatter(e->row_pointer[i + 1] - first, e->column + first, e->R + first, x_of(x, i),
                    sums);
    }
}

PW_CLONES void pw_observed_add_up(const pw_observed *e, int64_t from, int64_t to, double *sum,
                                  double *squares)
{
    double s = 0, q = 0;
    const int64_t end = e->row_pointer[to];
#pragma omp simd reduction(+ : s, q)
    for (int64_t i = e->row_pointer[from]; i < end; i++) {
        s += e->R[i];
        q += e->R[i] * e->R[i];
    }
    *sum += s;
    *squares += q;
}
