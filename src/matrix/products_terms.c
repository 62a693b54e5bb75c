/* The matrices A of the products, entry by entry. */
#include "matrix/products_kernels.h"

int pw_terms_parts(pw_terms terms)
{
    return terms == PW_TERMS_RATIO ? 2 : 1;
}

void pw_terms_derive(const pw_products *p, int64_t count, const double *v, const double *x,
                     double *a, double *b, double *loss)
{
    if (loss)
        *loss += pw_loss_sum(&p->loss, count, v, x);
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
    }
}
