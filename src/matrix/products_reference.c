/* Naive twins of the products: one entry of V at a time, in double. */
#include "matrix/products_kernels.h"

#include <string.h>

/* A product of the two: which side its sums belong to. */
typedef struct product {
    const pw_products *products;
    int which;
    const double *H, *W;
    bool by_rows;
    double *sum;
} product;

static void add_entry(const product *p, int64_t row, int64_t column, double v)
{
    const int K = p->products->K;
    const pw_part *part = &p->products->part[p->which];
    const double *w = p->W + row * K, *h = p->H + column * K, *y = p->by_rows ? h : w;
    double x = 0, a[PW_MOST_PARTS][PW_SEGMENT];
    for (int c = 0; c < K; c++)
        x += w[c] * h[c];
    pw_terms_derive(p->products, 1, &v, &x, a);
    double *sum = p->sum + (p->by_rows ? row : column) * part->width;
    const double value = part->operand == PW_OPERAND_ROWS ? a[p->which][0]
                         : v > 0                          ? v / (x * x)
                                                          : 0;
    for (int c = 0; c < K; c++)
        if (part->operand == PW_OPERAND_ROWS)
            *sum++ += value * y[c];
        else if (part->operand == PW_OPERAND_SQUARES)
            *sum++ += value * y[c] * y[c];
        else
            for (int d = c; d < K; d++)
                *sum++ += value * y[c] * y[d];
}

static void add_entries(const product *p, const pw_tile *tile)
{
    for (int64_t row = 0; row < tile->rows; row++) {
        const int64_t from = tile->sparse ? tile->row_pointer[row] : 0;
        const int64_t to = tile->sparse ? tile->row_pointer[row + 1] : tile->cols;
        for (int64_t i = from; i < to; i++) {
            double v;
            pw_tile_read(tile, row, i, 1, &v);
            add_entry(p, row, tile->sparse ? tile->column[i] : i, v);
        }
    }
}

void pw_products_times_h_ref(const pw_products *products, const pw_tile *tile, int which,
                             const double *H, const double *W, double *R)
{
    memset(R, 0, (size_t)(tile->rows * products->part[which].width) * sizeof *R);
    add_entries(&(product){products, which, H, W, true, R}, tile);
}

void pw_products_times_w_ref(const pw_products *products, const pw_tile *tile, int which,
                             const double *H, const double *W, double *P)
{
    add_entries(&(product){products, which, H, W, false, P}, tile);
}
