/* The matrices A of the products, entry by entry. */
#include "matrix/products_kernels.h"

int pw_terms_parts(pw_terms terms)
{
    return terms == PW_TERMS_RATIO || terms == PW_TERMS_EXCEPT ? 2 : 1;
}

void pw_terms_derive(const pw_products *p, int64_t count, const double *v, const double *x,
                     double *a, double *b)
{
    switch (p->terms) {
    case PW_TERMS_V:
        for (int64_t i = 0; i < count; i++)
            a[i] = v[i];
        return;
    case PW_TERMS_IMPUTED:
        for (int64_t i = 0; i < count; i++)
            a[i] = v[i] == v[i] ? v[i] : x[i];
        return;
    case PW_TERMS_RESIDUAL:
        for (int64_t i = 0; i < count; i++)
            a[i] = v[i] == v[i] ? v[i] - x[i] : 0;
        return;
    case PW_TERMS_NUMERATOR:
        pw_loss_weigh(&p->loss, count, v, x, a, NULL);
        return;
    case PW_TERMS_RATIO:
        pw_loss_weigh(&p->loss, count, v, x, a, b);
        return;
    case PW_TERMS_EXCEPT:
        pw_loss_weigh(&p->loss, count, v, x, a, NULL);
        for (int64_t i = 0; i < count; i++)
            b[i] = v[i] == v[i] ? 0 : -pw_loss_weight_of_zero(&p->loss, x[i]);
        return;
    }
}

void pw_terms_measure(const pw_products *p, const pw_tile *tile, int64_t row, int64_t first,
                      int64_t count, const double *v, const double *x, pw_products_share *share)
{
    double held_out[PW_SEGMENT];
    share->loss += pw_loss_sum(&p->loss, count, v, x);
    for (int64_t i = 0; pw_matrix_has_absent_zeros(p->V) && i < count; i++)
        share->zeros += pw_loss_of_zero(&p->loss, x[i]);
    if (p->V->holdout.share > 0) {
        pw_tile_read_held_out(tile, row, first, count, held_out);
        share->held_out += pw_loss_sum(&p->loss, count, held_out, x);
    }
}
