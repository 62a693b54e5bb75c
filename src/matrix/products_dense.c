/* Dense V: products of blocks of a tile. A is V itself, V widened block by block where its type is not that of the
 * product, or what the loss makes of V and of a block of WH. */
#include "base/fetch.h"
#include "base/smaller.h"
#include "linalg/blas.h"
#include "linalg/skinny.h"
#include "matrix/products_kernels.h"

#include <string.h>

/* A block of a tile: rows `first` …, columns `column` … */
typedef struct block {
    int64_t first, rows, column, width;
} block;

/* A matrix of float or double, as the products run. */
typedef struct real_matrix {
    const void *values;
    int64_t ld;
} real_matrix;

static pw_type real_type(const pw_products *p)
{
    return p->single ? PW_F32 : PW_F64;
}

static const void *real_at(const pw_products *p, const void *values, int64_t element)
{
    return (const char *)values + element * (int64_t)pw_type_size(real_type(p));
}

/* C (m × width of B) += A B, or Aᵀ B. */
static void add_product(const pw_products *p, bool transpose, int64_t m, int64_t width,
                        int64_t inner, real_matrix A, real_matrix B, void *C)
{
    if (p->single)
        pw_skinny_float(transpose, m, width, inner, A.values, A.ld, B.values, B.ld, C, width);
    else
        pw_skinny_double(transpose, m, width, inner, A.values, A.ld, B.values, B.ld, C, width);
}

/* C (m × K) += A H, for rows `first` … of H, which is packed. */
static void add_packed(const pw_products *p, int64_t m, int64_t inner, real_matrix A, int64_t first,
                       void *C)
{
    const pw_skinny_packed H = {p->H_packed, p->V->cols, first};
    if (p->single)
        pw_skinny_packed_float(m, p->K, inner, A.values, A.ld, H, C, p->K);
    else
        pw_skinny_packed_double(m, p->K, inner, A.values, A.ld, H, C, p->K);
}

/* WH of a block (rows × width). */
static void model_of(const pw_products *p, int64_t rows, int64_t width, real_matrix W,
                     real_matrix H, void *X)
{
    if (p->single)
        pw_gemm_float(false, true, rows, width, p->K, W.values, W.ld, H.values, H.ld, 0, X, width);
    else
        pw_gemm_double(false, true, rows, width, p->K, W.values, W.ld, H.values, H.ld, 0, X, width);
}

/* Rows `first` … of the n × K factor H as the products take it. */
static real_matrix rows_of_h(const pw_products *p, int64_t first)
{
    return (real_matrix){pw_products_factor(p, first * p->K), p->K};
}

/* Rows of W likewise: a scaled copy where they are float. */
static real_matrix rows_of_w(const pw_products *p, int thread, int64_t rows, const double *W)
{
    float *copy = pw_workspace_of(p, thread)->room[PW_ROOM_W];
    if (p->single)
        pw_products_narrow_w(p, rows, W, copy);
    return (real_matrix){p->single ? (const void *)copy : W, p->K};
}

/* `count` rows of a factor, or what a part has in their place. */
static real_matrix operand_of(const pw_products *p, int thread, const pw_part *part, int64_t count,
                              real_matrix X)
{
    void *operand = pw_workspace_of(p, thread)->room[PW_ROOM_OPERAND];
    if (part->operand == PW_OPERAND_ROWS)
        return X;
    pw_part_operands(p, p->single, part, count, NULL, X.values, operand);
    return (real_matrix){operand, part->width};
}

/* ---- blocks of A ---- */

static const char *entry_at(const pw_tile *tile, int64_t row, int64_t column)
{
    return (const char *)tile->values +
           (row * tile->cols + column) * (int64_t)pw_type_size(tile->type);
}

/* Rows of a block are short: the processor does not see in time which lines of V those after the next one are in. */
static void fetch_ahead(const pw_tile *tile, block b, int64_t r)
{
    if (b.rows > 1)
        pw_fetch(entry_at(tile, b.first + r + 2, b.column),
                 (int)(b.width * (int64_t)pw_type_size(tile->type)));
}

static void widen(const pw_products *p, const pw_tile *tile, block b, void *wide)
{
    for (int64_t r = 0; r < b.rows; r++) {
        fetch_ahead(tile, b, r);
        pw_tile_read_as(tile, p->single, b.first + r, b.column, b.width, wide, r * b.width);
    }
}

/* Entries of a block that are no others than those of V. */
static void derive_numerator(const pw_products *p, const pw_tile *tile, int64_t row, int64_t column,
                             int64_t count, void *const A[], int64_t first,
                             pw_products_share *measured)
{
    union {
        double wide[PW_SEGMENT];
        float narrow[PW_SEGMENT];
    } copy;
    const void *v = &copy;
    if (tile->type == real_type(p))
        v = entry_at(tile, row, column);
    else
        pw_tile_read_as(tile, p->single, row, column, count, &copy, 0);
    const double loss = pw_terms_numerator(p, count, v, A, first, measured != NULL);
    if (measured)
        measured->loss += loss;
}

/* Any entries. */
static void derive_terms(const pw_products *p, const pw_tile *tile, int64_t row, int64_t column,
                         int64_t count, void *const A[], int64_t first, pw_products_share *measured)
{
    const double square = p->unit * p->unit;
    double v[PW_SEGMENT], x[PW_SEGMENT], a[PW_MOST_PARTS][PW_SEGMENT];
    pw_tile_read(tile, row, column, count, v);
    pw_widen_to_double(real_type(p), A[0], first, count, x);
    for (int64_t i = 0; i < count; i++)
        x[i] *= square;
    if (measured)
        pw_terms_measure(p, tile, row, column, count, v, x, measured);
    pw_terms_derive(p, count, v, x, a);
    for (int q = 0; q < p->parts; q++)
        pw_narrow(real_type(p), a[q], count, A[q], first);
}

/* WH of the block into A_block[0], then entry by entry what the loss makes of it. */
static void derive(const pw_products *p, const pw_tile *tile, int thread, block b, real_matrix W,
                   bool measure)
{
    void *const *A = pw_workspace_of(p, thread)->room + PW_ROOM_A;
    const bool plain = pw_tile_is_plain(tile);
    pw_products_share *measured = measure ? &p->share[thread] : NULL;
    model_of(p, b.rows, b.width, W, rows_of_h(p, b.column), A[0]);
    if (plain && b.width == tile->cols) { /* short rows fill no vectors */
        b.width *= b.rows;
        b.rows = 1;
    }
    for (int64_t r = 0; r < b.rows; r++) {
        fetch_ahead(tile, b, r);
        for (int64_t j = 0; j < b.width; j += PW_SEGMENT) {
            const int64_t count = b.width - j < PW_SEGMENT ? b.width - j : PW_SEGMENT;
            const int64_t row = b.first + r, column = b.column + j, first = r * b.width + j;
            if (plain && p->terms == PW_TERMS_NUMERATOR && p->loss.beta == 1)
                derive_numerator(p, tile, row, column, count, A, first, measured);
            else
                derive_terms(p, tile, row, column, count, A, first, measured);
        }
    }
}

/* The matrices A of a block: V itself where it has the type of the products. */
static void fill(const pw_products *p, const pw_tile *tile, int thread, block b, real_matrix W,
                 bool measure, real_matrix A[PW_MOST_PARTS])
{
    if (!p->widen) {
        A[0] = (real_matrix){real_at(p, tile->values, b.first * tile->cols + b.column), tile->cols};
        return;
    }
    void *const *blocks = pw_workspace_of(p, thread)->room + PW_ROOM_A;
    if (p->terms == PW_TERMS_V)
        widen(p, tile, b, blocks[0]);
    else
        derive(p, tile, thread, b, W, measure);
    for (int q = 0; q < p->parts; q++)
        A[q] = (real_matrix){blocks[q], b.width};
}

/* Blocks that are widened or derived are about what the second-level cache holds. */
int64_t pw_dense_columns(const pw_products *p, int64_t rows)
{
    enum { WIDE_ELEMENTS = 1 << 17 };
    return p->widen && rows > WIDE_ELEMENTS / PW_MOST_TERMS ? WIDE_ELEMENTS / rows : PW_MOST_TERMS;
}

/* ---- R_b = A_b Hᵀ ---- */

/* A block's terms of one part. */
static void add_block(const pw_products *p, int thread, const pw_part *part, block b, real_matrix A,
                      void *sum)
{
    if (p->H_packed && part->operand == PW_OPERAND_ROWS)
        add_packed(p, b.rows, b.width, A, b.column, sum);
    else
        add_product(p, false, b.rows, part->width, b.width, A,
                    operand_of(p, thread, part, b.width, rows_of_h(p, b.column)), sum);
}

void pw_dense_times_h(pw_products *p, const pw_tile *tile, int thread, int64_t from, int64_t to,
                      const double *W, double *R)
{
    const int64_t rows = to - from, columns = pw_dense_columns(p, p->rows);
    const bool derived = p->terms != PW_TERMS_V, measure = p->measure == PW_MEASURE_ROWS;
    const real_matrix W_rows = derived ? rows_of_w(p, thread, rows, W) : (real_matrix){.ld = 0};
    float *sum = pw_workspace_of(p, thread)->room[PW_ROOM_R];
    for (int64_t j = 0; j < tile->cols; j += columns) {
        const int64_t width = pw_smaller(columns, tile->cols - j);
        const block b = {from, rows, j, width};
        real_matrix A[PW_MOST_PARTS];
        fill(p, tile, thread, b, W_rows, measure, A);
        for (int q = 0; q < p->parts; q++) {
            const pw_part *part = &p->part[q];
            const double scale = pw_part_scale(p, part);
            double *to_R = R + rows * part->offset;
            if (p->single)
                memset(sum, 0, (size_t)(rows * part->width) * sizeof *sum);
            add_block(p, thread, part, b, A[q], p->single ? (void *)sum : to_R);
            for (int64_t i = 0; p->single && i < rows * part->width; i++)
                to_R[i] += scale * (double)sum[i];
        }
    }
}

/* ---- P += A_bᵀ W_b ---- */

void pw_dense_fold(pw_products *p, int thread)
{
    const pw_workspace_share *share = pw_workspace_of(p, thread);
    pw_products_fold(p, share->column_from, share->column_to);
    p->share[thread].terms = 0;
}

/* Rows `first` … of the tile and of W: at most as many as a float sum may have terms. */
static void add_slab(pw_products *p, const pw_tile *tile, int thread, int64_t first, int64_t rows,
                     real_matrix W)
{
    const pw_workspace_share *own = pw_workspace_of(p, thread);
    const int64_t to = own->column_to, columns = pw_dense_columns(p, p->slab);
    const real_matrix W_rows = {real_at(p, W.values, first * W.ld), W.ld};
    real_matrix B[PW_MOST_PARTS];
    for (int q = 0; q < p->parts; q++)
        B[q] = operand_of(p, thread, &p->part[q], rows, W_rows);
    for (int64_t j = own->column_from; j < to; j += columns) {
        const int64_t width = pw_smaller(columns, to - j);
        real_matrix A[PW_MOST_PARTS];
        fill(p, tile, thread, (block){first, rows, j, width}, W_rows,
             p->measure == PW_MEASURE_COLUMNS, A);
        for (int q = 0; q < p->parts; q++) {
            const pw_part *part = &p->part[q];
            const int64_t at = p->V->cols * part->offset + j * part->width;
            add_product(p, true, width, part->width, rows, A[q], B[q], pw_products_sums(p, at));
        }
    }
}

void pw_dense_times_w(pw_products *p, const pw_tile *tile, int thread, const double *W)
{
    const real_matrix all = {pw_products_w(p, tile, W), p->K};
    int64_t *terms = &p->share[thread].terms;
    for (int64_t first = 0; first < tile->rows; first += p->slab) {
        const int64_t rows = pw_smaller(p->slab, tile->rows - first);
        if (p->single && *terms + rows > PW_MOST_TERMS)
            pw_dense_fold(p, thread);
        *terms += rows;
        add_slab(p, tile, thread, first, rows, all);
    }
}
