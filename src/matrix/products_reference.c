/* Naive twins of the products: one entry of V at a time, in double. */
#include "matrix/products.h"

#include <string.h>

typedef void (*entry_visitor)(void *context, int64_t row, int64_t column, double value);

static void visit_entries(const pw_tile *tile, entry_visitor visit, void *context)
{
    for (int64_t row = 0; row < tile->rows; row++) {
        const int64_t from = tile->sparse ? tile->row_pointer[row] : row * tile->cols;
        const int64_t to = tile->sparse ? tile->row_pointer[row + 1] : from + tile->cols;
        for (int64_t i = from; i < to; i++) {
            double value;
            pw_widen_to_double(tile->type, tile->values, i, 1, &value);
            visit(context, row, tile->sparse ? tile->column[i] : i - from, value);
        }
    }
}

struct product {
    int K;
    const double *factor;
    double *sum;
};

static void add_to_r(void *context, int64_t row, int64_t column, double value)
{
    const struct product *p = context;
    for (int c = 0; c < p->K; c++)
        p->sum[row * p->K + c] += value * p->factor[column * p->K + c];
}

static void add_to_p(void *context, int64_t row, int64_t column, double value)
{
    const struct product *p = context;
    for (int c = 0; c < p->K; c++)
        p->sum[column * p->K + c] += value * p->factor[row * p->K + c];
}

void pw_products_times_h_ref(const pw_tile *tile, int K, const double *H, double *R)
{
    memset(R, 0, (size_t)(tile->rows * K) * sizeof *R);
    visit_entries(tile, add_to_r, &(struct product){K, H, R});
}

void pw_products_times_w_ref(const pw_tile *tile, int K, const double *W, double *P)
{
    visit_entries(tile, add_to_p, &(struct product){K, W, P});
}
