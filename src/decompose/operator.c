#include "decompose/operator.h"

#include "base/memory.h"
#include "dist/collective.h"

#include <omp.h>
#include <string.h>

pw_code pw_operator_create(pw_team *team, const pw_matrix *V, int width, pw_operator *op)
{
    const pw_products_request request = {.K = width,
                                         .precision = PW_PRECISION_DOUBLE,
                                         .typical = 1,
                                         .terms = PW_TERMS_V,
                                         .loss = {.exponent = 1}};
    pw_code code = PW_OK;
    *op = (pw_operator){.team = team, .V = V, .width = width, .scale = 1};
    op->source = pw_source_of(V, team->threads);
    PW_TRY(PW_NEW(op->dot, width));
    PW_TRY(PW_NEW(op->zeros, V->cols * width));
    PW_TRY(pw_workspace_create(&op->source, team->threads, &op->workspace));
    PW_TRY(pw_products_create(&op->workspace, &request, &op->products));
done:
    return pw_agree(team, code);
}

void pw_operator_destroy(pw_operator *op)
{
    if (!op)
        return;
    pw_products_destroy(&op->products);
    pw_workspace_destroy(&op->workspace);
    free(op->zeros);
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

static void sweep_thread(const sweep *s, int thread)
{
    pw_operator *op = s->op;
    const int threads = op->team->threads;
    for (int64_t t = 0; t < op->source.tiles; t++) {
        const pw_tile tile = pw_source_tile(&op->source, t);
        double *Y = s->Y + tile.first * op->width;
        const int64_t from = pw_share(tile.rows, threads, thread);
        const int64_t to = pw_share(tile.rows, threads, thread + 1);
        if (s->times_x)
            pw_products_times_h(&op->products, &tile, thread, from, to, NULL, Y + from * op->width);
        if (s->times_x)
            multiply((to - from) * op->width, op->scale, Y + from * op->width);
        if (s->times_x && op->a)
            subtract(tile.first + from, tile.first + to, op->width, op->a, op->dot, s->Y);
#pragma omp barrier
        if (s->times_y)
            pw_products_times_w(&op->products, &tile, thread, Y);
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
    run(&s, op->zeros, Z);
}

/* Σ (v − a_i b_j)² − (a_i b_j)² over the entries of a row that are stored, and all of Σ (a_i b_j)² beside it. */
static double row_square(const pw_operator *op, const pw_tile *tile, int64_t row, double b_square)
{
    enum { PIECE = 256 };
    const double a = op->a[tile->first + row];
    double v[PIECE], sum = tile->sparse ? a * a * b_square : 0;
    int64_t at = tile->sparse ? tile->row_pointer[row] : 0;
    const int64_t end = tile->sparse ? tile->row_pointer[row + 1] : tile->cols;
    for (; at < end; at += PIECE) {
        const int64_t count = end - at < PIECE ? end - at : PIECE;
        pw_tile_read(tile, row, at, count, v);
        for (int64_t i = 0; i < count; i++) {
            const double mean = a * op->b[tile->sparse ? (int64_t)tile->column[at + i] : at + i];
            const double x = op->scale * v[i];
            sum += tile->sparse ? x * (x - 2 * mean) : (x - mean) * (x - mean);
        }
    }
    return sum;
}

double pw_operator_square(pw_operator *op)
{
    double sum = 0, b_square = 0;
    for (int64_t j = 0; j < op->V->cols; j++)
        b_square += op->b[j] * op->b[j];
    for (int64_t t = 0; t < op->source.tiles; t++) {
        const pw_tile tile = pw_source_tile(&op->source, t);
        for (int64_t row = 0; row < tile.rows; row++)
            sum += row_square(op, &tile, row, b_square);
    }
    op->sweeps++;
    pw_reduce_sum(op->team, &sum, 1);
    return sum;
}

static void fill(int64_t count, double value, double *x)
{
    for (int64_t i = 0; i < count; i++)
        x[i] = value;
}

/* Means over V's rows: of each of its columns where V is swept as it is, of each row of the swept matrix where it is
 * transposed. The other vector is all ones. */
pw_code pw_operator_center(pw_operator *op)
{
    const int64_t count = op->V->count, cols = op->V->cols;
    const int width = op->width;
    double *Y = NULL, *Z = NULL, *a = NULL, *b = NULL;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(Y, count * width));
    PW_TRY(PW_NEW(Z, cols * width));
    PW_TRY(PW_NEW(a, count));
    PW_TRY(PW_NEW(b, cols));
done:
    code = pw_agree(op->team, code);
    if (code == PW_OK && op->V->transposed) {
        fill(cols * width, 1 / (double)cols, Z);
        pw_operator_apply(op, Z, Y, NULL);
    } else if (code == PW_OK) {
        fill(count * width, 1 / (double)op->V->rows, Y);
        pw_operator_apply_transposed(op, Y, Z);
    }
    if (code == PW_OK) {
        for (int64_t i = 0; i < count; i++)
            a[i] = op->V->transposed ? Y[i * width] : 1;
        for (int64_t j = 0; j < cols; j++)
            b[j] = op->V->transposed ? 1 : Z[j * width];
        op->a = a;
        op->b = b;
        a = b = NULL;
    }
    free(a);
    free(b);
    free(Y);
    free(Z);
    return code;
}
