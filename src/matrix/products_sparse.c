/* Sparse V: a row of R gathers rows of Hᵀ, a row of W is scattered to rows of P, some rows of V at a time. */
#include "matrix/products_kernels.h"
#include "matrix/stretch.h"

#include <string.h>

/* What a stretch has in each part, in the type of the products. */
typedef union terms {
    double wide[PW_MOST_PARTS][PW_STRETCH];
    float narrow[PW_MOST_PARTS][PW_STRETCH];
} terms;

/* Those of part q from entry `first` on. */
static void *terms_at(const pw_products *p, const terms *a, int q, int first)
{
    return p->single ? (void *)(a->narrow[q] + first) : (void *)(a->wide[q] + first);
}

/* x = W H at the entries; rows of W from where the stretch counts on. */
static void find_products(const pw_products *p, const pw_stretch *s, const double *W, double *x)
{
    pw_sparse_rows_dot(&s->entries, p->single, W, pw_products_factor(p, 0), p->K, p->unit,
                       p->unit * p->unit, x);
}

static void measure_loss(const pw_products *p, const pw_stretch *s, const double *v,
                         const double *x, pw_products_share *share)
{
    const bool at_once = !(p->V->holdout.share > 0); /* held-out entries are read row by row */
    if (at_once)
        pw_terms_measure(p, s->tile, s->row, pw_stretch_place(s, 0), s->count, v, x, share);
    for (int r = 0; !at_once && r < s->entries.rows; r++)
        pw_terms_measure(p, s->tile, s->row + s->which[r], pw_stretch_place(s, r),
                         s->start[r + 1] - s->start[r], v + s->start[r], x + s->start[r], share);
}

/* Entries of the matrices A, and of the loss where `measure`. */
static void derive(const pw_products *p, const pw_stretch *s, int thread, const double *W,
                   bool measure, double a[PW_MOST_PARTS][PW_STRETCH])
{
    double v[PW_STRETCH], x[PW_STRETCH];
    pw_stretch_read(s, false, v);
    find_products(p, s, W, x);
    if (measure)
        measure_loss(p, s, v, x, &p->share[thread]);
    pw_terms_derive(p, s->count, v, x, a);
}

static const uint32_t IN_ORDER[PW_GATHERED] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                               11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                               22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

/* Products of pairs do not stay: those of some rows of H are made at a time. */
static void gather_pairs(const pw_products *p, const pw_stretch *s, int thread, int q,
                         const terms *a, double *R)
{
    const pw_part *part = &p->part[q];
    void *operand = pw_workspace_of(p, thread)->room[PW_ROOM_OPERAND];
    for (int r = 0; r < s->entries.rows; r++, R += part->width)
        for (int i = s->start[r], count; i < s->start[r + 1]; i += count) {
            count = s->start[r + 1] - i < PW_GATHERED ? s->start[r + 1] - i : PW_GATHERED;
            const pw_sparse_rows some = {1, (const int[]){0, count}, NULL, IN_ORDER, NULL};
            pw_part_operands(p, p->single, part, count, s->entries.column + i,
                             pw_products_factor(p, 0), operand);
            pw_sparse_rows_gather(&some, p->single, terms_at(p, a, q, i), operand, (int)part->width,
                                  PW_POWER_ONE, 1, R);
        }
}

static void gather(const pw_products *p, const pw_stretch *s, int thread, int q, const terms *a,
                   double *R)
{
    const void *value = terms_at(p, a, q, 0), *H = pw_products_factor(p, 0);
    const double part_of_scale = p->unit / p->scale;
    if (p->part[q].operand == PW_OPERAND_PAIRS)
        gather_pairs(p, s, thread, q, a, R);
    else if (p->part[q].operand == PW_OPERAND_SQUARES)
        pw_sparse_rows_gather(&s->entries, p->single, value, H, p->K, PW_POWER_TWO,
                              part_of_scale * part_of_scale, R);
    else
        pw_sparse_rows_gather(&s->entries, p->single, value, H, p->K, PW_POWER_ONE, p->unit, R);
}

/* Entries of the matrices A in the type of the products. */
static void load(const pw_products *p, const pw_stretch *s, int thread, const double *W,
                 bool measure, terms *a)
{
    double wide[PW_MOST_PARTS][PW_STRETCH];
    if (p->terms == PW_TERMS_V) {
        pw_stretch_read(s, p->single, a);
        return;
    }
    derive(p, s, thread, W, measure, p->single ? wide : a->wide);
    for (int q = 0; p->single && q < p->parts; q++)
        for (int64_t e = 0; e < s->count; e++)
            a->narrow[q][e] = (float)wide[q][e];
}

void pw_sparse_times_h(pw_products *p, const pw_tile *tile, int thread, int64_t from, int64_t to,
                       const double *W, double *R)
{
    pw_stretch s;
    terms a;
    for (pw_stretch_begin(tile, from, to, &s); pw_stretch_next(&s);) {
        load(p, &s, thread, W ? W + (s.row - from) * p->K : NULL, p->measure == PW_MEASURE_ROWS,
             &a);
        for (int q = 0; q < p->parts; q++)
            gather(p, &s, thread, q, &a,
                   R + (to - from) * p->part[q].offset + (s.row - from) * p->part[q].width);
    }
}

/* A term for each entry from row `from` on. False, and none of them counts, where a column has all that it may have before. */
static bool count_terms(pw_products *p, const pw_sparse_rows *entries, int from)
{
    const int first = entries->start[from], end = entries->start[entries->rows];
    uint16_t most = 0;
    for (int e = first; e < end; e++) {
        const uint16_t before = p->terms_of_column[entries->column[e]]++;
        most = before > most ? before : most;
    }
    for (int e = first; most >= PW_MOST_TERMS && e < end; e++)
        p->terms_of_column[entries->column[e]]--;
    return most < PW_MOST_TERMS;
}

/* A float sum of a popular column goes into the double one whenever it has all the terms that it may have, so that sums do not
 * depend on tiles and threads. From row `from` on: the end of the rows that can be added before another column has them. */
static int end_of_terms(pw_products *p, const pw_sparse_rows *entries, int from)
{
    if (count_terms(p, entries, from))
        return entries->rows;
    for (int r = from; r < entries->rows; r++) {
        const int first = entries->start[r], end = entries->start[r + 1];
        for (int e = first; e < end; e++) {
            const uint32_t column = entries->column[e];
            if (p->terms_of_column[column] < PW_MOST_TERMS)
                continue;
            if (r > from)
                return r;
            pw_products_fold(p, column, (int64_t)column + 1);
            p->terms_of_column[column] = 0;
        }
        for (int e = first; e < end; e++)
            p->terms_of_column[entries->column[e]]++;
    }
    return entries->rows;
}

static void scatter_entries(const pw_products *p, const pw_sparse_rows *entries, int first,
                            const terms *a, int q, const void *W, int width, pw_power power,
                            double scale)
{
    pw_sparse_rows_scatter(entries, p->single, terms_at(p, a, q, first), W, width, power, scale,
                           pw_products_sums(p, p->V->cols * p->part[q].offset));
}

static const void *row_of(const pw_products *p, const void *W, int64_t row)
{
    return p->single ? (const void *)((const float *)W + row * p->K)
                     : (const double *)W + row * p->K;
}

static void scatter_pairs(const pw_products *p, const pw_sparse_rows *entries, int thread, int q,
                          const terms *a, const void *W)
{
    static const int FIRST[PW_STRETCH] = {0};
    void *operand = pw_workspace_of(p, thread)->room[PW_ROOM_OPERAND];
    for (int r = 0; r < entries->rows; r++) {
        const int first = entries->start[r];
        const pw_sparse_rows one = {1, (const int[]){0, entries->start[r + 1] - first}, FIRST,
                                    entries->column + first, FIRST};
        pw_part_operands(p, p->single, &p->part[q], 1, NULL, row_of(p, W, entries->row[r]),
                         operand);
        scatter_entries(p, &one, first, a, q, operand, (int)p->part[q].width, PW_POWER_ONE, 1);
    }
}

static void scatter(const pw_products *p, const pw_sparse_rows *entries, int thread, int q,
                    const terms *a, const void *W)
{
    if (p->part[q].operand == PW_OPERAND_PAIRS)
        scatter_pairs(p, entries, thread, q, a, W);
    else if (p->part[q].operand == PW_OPERAND_SQUARES)
        scatter_entries(p, entries, 0, a, q, W, p->K, PW_POWER_TWO, p->single ? 1 : 1 / p->scale);
    else
        scatter_entries(p, entries, 0, a, q, W, p->K, PW_POWER_ONE, 1);
}

/* Entries of the thread's columns. */
static void begin_columns(const pw_products *p, const pw_tile *tile, int thread, pw_stretch *s)
{
    if (p->threads == 1)
        pw_stretch_begin(tile, 0, tile->rows, s);
    else
        pw_stretch_begin_split(tile, pw_split_of(&p->workspace->split, tile, thread), s);
}

void pw_sparse_times_w(pw_products *p, const pw_tile *tile, int thread, const double *W)
{
    pw_stretch s;
    terms a;
    for (begin_columns(p, tile, thread, &s); pw_stretch_next(&s);) {
        const void *W_rows = row_of(p, pw_products_w(p, tile, W), s.row);
        load(p, &s, thread, W + s.row * p->K, p->measure == PW_MEASURE_COLUMNS, &a);
        for (int from = 0, end; from < s.entries.rows; from = end) {
            end = p->single ? end_of_terms(p, &s.entries, from) : s.entries.rows;
            const pw_sparse_rows some = {end - from, s.start + from, s.which + from,
                                         s.entries.column, s.entries.entry_row};
            for (int q = 0; q < p->parts; q++)
                scatter(p, &some, thread, q, &a, W_rows);
        }
    }
}

void pw_sparse_fold(pw_products *p, int thread)
{
    const int64_t from = pw_workspace_of(p, thread)->column_from;
    const int64_t to = pw_workspace_of(p, thread)->column_to;
    pw_products_fold(p, from, to);
    memset(p->terms_of_column + from, 0, (size_t)(to - from) * sizeof *p->terms_of_column);
}
