/* Sparse V: a row of R gathers rows of Hᵀ, a row of W is scattered to rows of P. */
#include "base/clones.h"
#include "matrix/products_kernels.h"

#include <string.h>

/* sum (K) += Σ_i value[i] · H[column[i]]; four rows of H at a time spare loads and stores of the sum. */
#define DEFINE_GATHER(real)                                                                        \
    PW_CLONES static void gather_##real(int64_t count, const uint32_t *column, const real *value,  \
                                        const real *H, int K, real *restrict sum)                  \
    {                                                                                              \
        int64_t i = 0;                                                                             \
        for (; i + 4 <= count; i += 4) {                                                           \
            const real *h0 = H + (int64_t)column[i] * K, *h1 = H + (int64_t)column[i + 1] * K;     \
            const real *h2 = H + (int64_t)column[i + 2] * K, *h3 = H + (int64_t)column[i + 3] * K; \
            const real v0 = value[i], v1 = value[i + 1], v2 = value[i + 2], v3 = value[i + 3];     \
            for (int c = 0; c < K; c++)                                                            \
                sum[c] += v0 * h0[c] + v1 * h1[c] + v2 * h2[c] + v3 * h3[c];                       \
        }                                                                                          \
        for (; i < count; i++) {                                                                   \
            const real *h = H + (int64_t)column[i] * K;                                            \
            for (int c = 0; c < K; c++)                                                            \
                sum[c] += value[i] * h[c];                                                         \
        }                                                                                          \
    }

DEFINE_GATHER(float)
DEFINE_GATHER(double)

PW_CLONES static void scatter(int64_t count, const uint32_t *column, const double *value,
                              const double *restrict w, int K, double *restrict P)
{
    for (int64_t i = 0; i < count; i++) {
        double *restrict p = P + (int64_t)column[i] * K;
        for (int c = 0; c < K; c++)
            p[c] += value[i] * w[c];
    }
}

/* x[i] = Σ_c w[c] · H[column[i]][c] */
#define DEFINE_DOTS(real)                                                                          \
    PW_CLONES static void dots_##real(int64_t count, const uint32_t *column, const real *w,        \
                                      const real *H, int K, double scale, double *restrict x)      \
    {                                                                                              \
        for (int64_t i = 0; i < count; i++) {                                                      \
            const real *h = H + (int64_t)column[i] * K;                                            \
            real part[8] = {0};                                                                    \
            int c = 0;                                                                             \
            for (; c + 8 <= K; c += 8)                                                             \
                for (int l = 0; l < 8; l++)                                                        \
                    part[l] += w[c + l] * h[c + l];                                                \
            for (; c < K; c++)                                                                     \
                part[c & 7] += w[c] * h[c];                                                        \
            x[i] = scale * (double)(((part[0] + part[1]) + (part[2] + part[3])) +                  \
                                    ((part[4] + part[5]) + (part[6] + part[7])));                  \
        }                                                                                          \
    }

DEFINE_DOTS(float)
DEFINE_DOTS(double)

/* Stored entries of one row of V, and what goes with them. */
typedef struct segment {
    int64_t count;
    const uint32_t *column;
    double a[PW_MOST_PARTS][PW_SEGMENT]; /* of A */
} segment;

/* w: the row of W, in float where the products are. */
static void load(const pw_products *p, const pw_tile *tile, int thread, int64_t row, int64_t first,
                 int64_t end, const void *w, bool measure, segment *s)
{
    const int64_t count = end - first < PW_SEGMENT ? end - first : PW_SEGMENT;
    s->count = count;
    s->column = tile->column + first;
    if (p->terms == PW_TERMS_V) {
        pw_tile_read(tile, row, first, count, s->a[0]);
        return;
    }
    double v[PW_SEGMENT], x[PW_SEGMENT];
    pw_tile_read(tile, row, first, count, v);
    if (p->single)
        dots_float(count, s->column, w, p->H_single, p->K, p->scale * p->scale, x);
    else
        dots_double(count, s->column, w, p->H, p->K, 1, x);
    if (measure)
        pw_terms_measure(p, tile, row, first, count, v, x, &p->share[thread]);
    pw_terms_derive(p, count, v, x, s->a);
}

/* A row of W as the dots take it. */
static const void *row_of_w(const pw_products *p, int thread, const double *w)
{
    if (!p->single || p->terms == PW_TERMS_V)
        return w;
    float *copy = pw_workspace_of(p, thread)->room[PW_ROOM_W];
    for (int c = 0; c < p->K; c++)
        copy[c] = (float)(w[c] / p->scale);
    return copy;
}

static void add_float(const pw_products *p, const pw_part *part, float *sum, double *R)
{
    const double scale = pw_part_scale(p, part);
    for (int64_t c = 0; c < part->width; c++) {
        R[c] += scale * (double)sum[c];
        sum[c] = 0;
    }
}

static const uint32_t IN_ORDER[PW_GATHERED] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                               11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                               22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

/* sum (the width of the part) += Σ_i value[i] · operand of H[column[i]] */
static void gather_part_double(const pw_products *p, int thread, const pw_part *part,
                               const segment *s, const double *value, double *sum)
{
    double *operand = pw_workspace_of(p, thread)->room[PW_ROOM_OPERAND];
    if (part->operand == PW_OPERAND_ROWS)
        gather_double(s->count, s->column, value, p->H, (int)part->width, sum);
    for (int64_t i = 0; part->operand != PW_OPERAND_ROWS && i < s->count; i += PW_GATHERED) {
        const int64_t count = s->count - i < PW_GATHERED ? s->count - i : PW_GATHERED;
        pw_operand_double(p, part, count, s->column + i, p->H, operand);
        gather_double(count, IN_ORDER, value + i, operand, (int)part->width, sum);
    }
}

static void gather_part_float(const pw_products *p, int thread, const pw_part *part,
                              const segment *s, const double *value, float *sum)
{
    float *operand = pw_workspace_of(p, thread)->room[PW_ROOM_OPERAND];
    float values[PW_SEGMENT];
    for (int64_t e = 0; e < s->count; e++)
        values[e] = (float)value[e];
    if (part->operand == PW_OPERAND_ROWS)
        gather_float(s->count, s->column, values, p->H_single, (int)part->width, sum);
    for (int64_t i = 0; part->operand != PW_OPERAND_ROWS && i < s->count; i += PW_GATHERED) {
        const int64_t count = s->count - i < PW_GATHERED ? s->count - i : PW_GATHERED;
        pw_operand_float(p, part, count, s->column + i, p->H_single, operand);
        gather_float(count, IN_ORDER, values + i, operand, (int)part->width, sum);
    }
}

/* One row of each R in double, or in float sums of at most PW_MOST_TERMS terms. */
static void row_times_h(pw_products *p, const pw_tile *tile, int thread, int64_t row,
                        const double *W, double *const R[PW_MOST_PARTS])
{
    const int64_t end = tile->row_pointer[row + 1];
    const void *w = row_of_w(p, thread, W);
    float *sums = pw_workspace_of(p, thread)->room[PW_ROOM_R];
    int64_t terms = 0;
    segment s;
    for (int64_t i = tile->row_pointer[row]; i < end; i += s.count) {
        load(p, tile, thread, row, i, end, w, p->measure == PW_MEASURE_ROWS, &s);
        terms += s.count;
        const bool full = terms + PW_SEGMENT > PW_MOST_TERMS || i + s.count == end;
        for (int q = 0; q < p->parts; q++) {
            const pw_part *part = &p->part[q];
            if (!p->single)
                gather_part_double(p, thread, part, &s, s.a[q], R[q]);
            else
                gather_part_float(p, thread, part, &s, s.a[q], sums + part->offset);
            if (p->single && full)
                add_float(p, part, sums + part->offset, R[q]);
        }
        terms = full ? 0 : terms;
    }
}

void pw_sparse_times_h(pw_products *p, const pw_tile *tile, int thread, int64_t from, int64_t to,
                       const double *W, double *R)
{
    for (int64_t row = from; row < to; row++) {
        double *of_row[PW_MOST_PARTS];
        for (int q = 0; q < p->parts; q++)
            of_row[q] = R + (to - from) * p->part[q].offset + (row - from) * p->part[q].width;
        row_times_h(p, tile, thread, row, W + (row - from) * p->K, of_row);
    }
}

/* The first of the ascending columns[from … to - 1] that is not below `column`. */
static int64_t first_not_below(const uint32_t *columns, int64_t from, int64_t to, int64_t column)
{
    while (from < to) {
        const int64_t middle = from + (to - from) / 2;
        if (columns[middle] < column)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static const double *row_operand(const pw_products *p, int thread, const pw_part *part,
                                 const double *w)
{
    if (part->operand == PW_OPERAND_ROWS)
        return w;
    double *operand = pw_workspace_of(p, thread)->room[PW_ROOM_OPERAND];
    pw_operand_double(p, part, 1, NULL, w, operand);
    return operand;
}

/* P is always summed in double here: popular columns have far more terms than a float sum can bear. */
void pw_sparse_times_w(pw_products *p, const pw_tile *tile, int thread, const double *W)
{
    const pw_workspace_share *columns = pw_workspace_of(p, thread);
    segment s;
    for (int64_t row = 0; row < tile->rows; row++) {
        int64_t i = tile->row_pointer[row], end = tile->row_pointer[row + 1];
        if (p->threads > 1) {
            i = first_not_below(tile->column, i, end, columns->column_from);
            end = first_not_below(tile->column, i, end, columns->column_to);
        }
        const void *w = row_of_w(p, thread, W + row * p->K);
        const double *operand[PW_MOST_PARTS];
        for (int q = 0; q < p->parts; q++)
            operand[q] = row_operand(p, thread, &p->part[q], W + row * p->K);
        for (; i < end; i += s.count) {
            load(p, tile, thread, row, i, end, w, p->measure == PW_MEASURE_COLUMNS, &s);
            for (int q = 0; q < p->parts; q++)
                scatter(s.count, s.column, s.a[q], operand[q], (int)p->part[q].width,
                        p->P + p->V->cols * p->part[q].offset);
        }
    }
}
