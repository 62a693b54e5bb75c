#include "decompose/operator.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "matrix/row.h"
#include "matrix/share.h"

#include <omp.h>
#include <string.h>

static pw_code allocate(pw_operator *op)
{
    const bool drawn = op->V->perturb.kind != PW_PERTURB_NOT;
    const pw_products_request request = {.K = op->width,
                                         .drawn = drawn,
                                         .precision = PW_PRECISION_DOUBLE,
                                         .typical = 1,
                                         .terms = PW_TERMS_V};
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(op->dot, op->width));
    PW_TRY(pw_workspace_create(&op->source, op->team->threads, &op->workspace));
    PW_TRY(pw_products_create(&op->workspace, &request, &op->products));
    if (drawn)
        PW_TRY(PW_NEW(op->drawn, pw_source_most_entries(&op->source)));
done:
    return code;
}

pw_code pw_operator_create(pw_team *team, const pw_matrix *V, int width, pw_operator *op)
{
    *op = (pw_operator){.team = team, .V = V, .plain = *V, .width = width, .scale = 1};
    op->plain.perturb.kind = PW_PERTURB_NOT;
    op->source = pw_source_of(&op->plain, team->threads);
    return pw_agree(team, allocate(op));
}

void pw_operator_destroy(pw_operator *op)
{
    if (!op)
        return;
    pw_products_destroy(&op->products);
    pw_workspace_destroy(&op->workspace);
    free(op->drawn);
    free(op->dot);
    free(op->a);
    free(op->b);
    *op = (pw_operator){.width = 0};
}

/* sums = xᵀ X, for x of `rows` and X rows × width */
static void dot_rows(int64_t rows, int width, const double *x, const double *X, double *sums)
{
    memset(sums, 0, (size_t)width * sizeof *sums);
    for (int64_t i = 0; i < rows; i++)
        for (int c = 0; c < width; c++)
            sums[c] += x[i] * X[i * width + c];
}

/* X −= x sumsᵀ for rows `from` … `to` - 1 */
static void subtract(int64_t from, int64_t to, int width, const double *x, const double *sums,
                     double *X)
{
    for (int64_t i = from; i < to; i++)
        for (int c = 0; c < width; c++)
            X[i * width + c] -= x[i] * sums[c];
}

static void multiply(int64_t count, double by, double *X)
{
    for (int64_t i = 0; by != 1 && i < count; i++)
        X[i] *= by;
}

/* What a sweep does with each tile. */
typedef struct sweep {
    pw_operator *op;
    double *Y;
    bool times_x; /* Y = A X */
    bool times_y; /* P += Vᵀ Y */
} sweep;

/* The tile as the resample has it, of which this thread draws rows `from` … `to` - 1. */
static pw_tile draw_rows(pw_operator *op, const pw_tile *tile, int64_t from, int64_t to)
{
    const pw_tile resample = pw_tile_resampled(tile, op->V);
    pw_tile_copy(&resample, from, to, op->drawn);
    return pw_tile_of_values(tile, op->drawn);
}

/* This thread's rows of Y. */
static void times_x(const sweep *s, const pw_tile *tile, int thread, int64_t from, int64_t to)
{
    pw_operator *op = s->op;
    double *Y = s->Y + (tile->first + from) * op->width;
    pw_products_times_h(&op->products, tile, thread, from, to, NULL, Y);
    multiply((to - from) * op->width, op->scale, Y);
    if (op->a)
        subtract(tile->first + from, tile->first + to, op->width, op->a, op->dot, s->Y);
}

/* The same rows for all threads to sum P with. */
static void take_y(const sweep *s, const pw_tile *tile, int64_t from, int64_t to)
{
    pw_operator *op = s->op;
    pw_workspace_take(&op->workspace, tile, from, to);
    pw_products_take_w(&op->products, tile, from, to, s->Y + (tile->first + from) * op->width);
}

static void sweep_thread(const sweep *s, int thread)
{
    pw_operator *op = s->op;
    const int threads = op->team->threads;
    for (int64_t t = 0; t < op->source.tiles; t++) {
        const pw_tile stored = pw_source_tile(&op->source, t);
        int64_t from, to;
        pw_tile_share(&stored, PW_ROW_OF_PRODUCTS, threads, thread, &from, &to);
        const pw_tile tile = op->drawn ? draw_rows(op, &stored, from, to) : stored;
        if (s->times_x)
            times_x(s, &tile, thread, from, to);
        if (s->times_y)
            take_y(s, &tile, from, to);
#pragma omp barrier
        if (s->times_y)
            pw_products_times_w(&op->products, &tile, thread, s->Y + tile.first * op->width);
        if (op->drawn) {
#pragma omp barrier
        }
    }
    if (s->times_y)
        pw_products_end(&op->products, thread);
}

static void run(const sweep *s, const double *X, double *Z)
{
    pw_operator *op = s->op;
    const int64_t cols = op->V->cols;
    if (op->a && s->times_x)
        dot_rows(cols, op->width, op->b, X, op->dot);
    pw_products_begin(&op->products, X, Z, PW_MEASURE_NOT);
    pw_source_begin(&op->source, op->team->threads);
#pragma omp parallel num_threads(op->team->threads)
    sweep_thread(s, omp_get_thread_num());
    op->sweeps++;
    if (!Z)
        return;
    multiply(cols * op->width, op->scale, Z);
    pw_reduce_sum(op->team, Z, cols * op->width);
    if (!op->a)
        return;
    dot_rows(op->V->count, op->width, op->a, s->Y, op->dot);
    pw_reduce_sum(op->team, op->dot, op->width);
    subtract(0, cols, op->width, op->b, op->dot, Z);
}

void pw_operator_apply(pw_operator *op, const double *X, double *Y, double *Z)
{
    const sweep s = {.op = op, .Y = Y, .times_x = true, .times_y = Z != NULL};
    run(&s, X, Z);
}

void pw_operator_apply_transposed(pw_operator *op, const double *Y, double *Z)
{
    const sweep s = {.op = op, .Y = (double *)Y, .times_y = true};
    run(&s, NULL, Z);
}

double pw_operator_square(pw_operator *op)
{
    double sum = 0, b_square = 0;
    for (int64_t j = 0; j < op->V->cols; j++)
        b_square += op->b[j] * op->b[j];
    pw_source_begin(&op->source, 1);
    for (int64_t t = 0; t < op->source.tiles; t++) {
        const pw_tile tile = pw_source_tile(&op->source, t);
        for (int64_t row = 0; row < tile.rows; row++)
            sum += pw_row_distance(&tile, row, op->scale, op->a[tile.first + row], op->b, b_square);
    }
    op->sweeps++;
    pw_reduce_sum(op->team, &sum, 1);
    return sum;
}

/* ---- blocks of vectors ---- */

int pw_block_take(int64_t rows, int k, const double *X, int first, int block, double *Y)
{
    const int count = k - first < block ? k - first : block;
    memset(Y, 0, (size_t)rows * (size_t)block * sizeof *Y);
    for (int64_t i = 0; i < rows; i++)
        memcpy(Y + i * block, X + i * k + first, (size_t)count * sizeof *Y);
    return count;
}

void pw_block_put(int64_t rows, int block, const double *Y, int count, int64_t ldx, double *X)
{
    for (int64_t i = 0; i < rows; i++)
        memcpy(X + i * ldx, Y + i * block, (size_t)count * sizeof *X);
}

pw_code pw_operator_dense(pw_operator *op, double *B)
{
    const int64_t cols = op->V->cols, count = op->V->count, width = op->width;
    double *X = NULL, *Y = NULL;
    pw_code code = PW_NEW(X, cols * width);
    if (code == PW_OK)
        code = PW_NEW(Y, count * width);
    code = pw_agree(op->team, code);
    for (int64_t first = 0; code == PW_OK && first < cols; first += width) {
        const int64_t few = cols - first < width ? cols - first : width;
        memset(X, 0, (size_t)(cols * width) * sizeof *X);
        for (int64_t c = 0; c < few; c++)
            X[(first + c) * width + c] = 1;
        pw_operator_apply(op, X, Y, NULL);
        pw_block_put(count, op->width, Y, (int)few, cols, B + first);
    }
    free(X);
    free(Y);
    return code;
}

/* ---- means ---- */

static void fill(int64_t count, double value, double *x)
{
    for (int64_t i = 0; i < count; i++)
        x[i] = value;
}

static void set_width(pw_operator *op, int width)
{
    op->width = width;
    pw_products_narrow(&op->products, width);
}

/* Means over V's rows: of each of its columns where V is swept as it is, of each row of the swept matrix where it is
 * transposed. The other vector is all ones. */
pw_code pw_operator_center(pw_operator *op)
{
    const int64_t count = op->V->count, cols = op->V->cols;
    const int width = op->width;
    double *a = NULL, *b = NULL;
    pw_code code = PW_NEW(a, count);
    if (code == PW_OK)
        code = PW_NEW(b, cols);
    PW_TRY(pw_agree(op->team, code));
    set_width(op, 1);
    if (op->V->transposed) {
        fill(cols, 1 / (double)cols, b);
        pw_operator_apply(op, b, a, NULL);
        fill(cols, 1, b);
    } else {
        fill(count, 1 / (double)op->V->rows, a);
        pw_operator_apply_transposed(op, a, b);
        fill(count, 1, a);
    }
    set_width(op, width);
    op->a = a;
    op->b = b;
    return PW_OK;
done:
    free(a);
    free(b);
    return code;
}
