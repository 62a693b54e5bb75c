/* Multiplicative updates, all components at once:
 *
 *     x_c ← x_c · (δ + (1 − δ) (r_c / (x G + l1)_c)^γ)      quadratic (Lee & Seung 2001; l1: Hoyer 2004)
 *     x_c ← x_c · (n_c / (d_c + l1_c + l2_c x_c))^γ         ratio (Févotte & Idier 2011 for γ)
 *
 * Of a quadratic γ is 1 but in orthogonal_mu.c, and δ is 0, but ½ for symmetric V, where X is on both sides (Ding, He & Simon 2005). The objective never rises, but for
 * a ratio with l2. Where the denominator is zero, x_c does not act on
 * the objective, or is zero itself, and stays. Entries that are zero stay zero, and those that fall below
 * DBL_MIN become zero.
 *
 * Flops: 2 k² a row, 3 k for a ratio. Words moved: 3 k a row.
 */
#include "update/lanes.h"
#include "update/update.h"

#include <math.h>

/* What component c of a panel becomes, given r and the denominators d, into r. */
PW_INLINE void multiply_lanes(const pw_problem *p, const pw_lanes *x, const pw_lanes *d,
                              pw_lanes *r)
{
    const pw_vector zero = {0};
    for (int v = 0; v < PW_VECTORS; v++)
        r->v[v] /= d->v[v];
    for (int l = 0; p->exponent != 1 && l < PW_LANES; l++)
        *pw_lane(r, l) = pow(*pw_lane(r, l), p->exponent);
    for (int v = 0; v < PW_VECTORS; v++) {
        const pw_vector updated = x->v[v] * (p->damping + (1 - p->damping) * r->v[v]);
        const pw_vector kept = pw_lanes_choose(d->v[v] > zero, updated, x->v[v]);
        r->v[v] = pw_lanes_choose(kept < zero + DBL_MIN, zero, kept);
    }
}

/* All of a row's entries count in each of its denominators as they were: the new ones take the place of R. */
PW_CLONES static void update_panel(const pw_problem *p, int64_t first, int64_t rows)
{
    const int k = p->k;
    pw_lanes *X = pw_lanes_panel(p->work, k, 0), *R = pw_lanes_panel(p->work, k, 1);
    pw_lanes_load(rows, k, p->X + first * p->ldx, p->ldx, X);
    pw_lanes_load(rows, k, p->R + first * p->ldr, p->ldr, R);
    for (int c = 0; c < p->fixed; c++)
        R[c] = X[c];
    for (int c = p->fixed; c < k; c++) {
        pw_lanes denominator, gradient;
        pw_lanes_times_gram(1, k, p->G + c * k, X, &denominator);
        for (int v = 0; v < PW_VECTORS; v++) {
            denominator.v[v] += p->l1[c];
            gradient.v[v] = denominator.v[v] - R[c].v[v];
        }
        p->residual[c] += pw_lanes_residual(&X[c], &gradient, p->G[c * k + c]);
        multiply_lanes(p, &X[c], &denominator, &R[c]);
    }
    pw_lanes_store(rows, k, R, p->X + first * p->ldx, p->ldx);
}

static void update_quadratic(const pw_problem *p)
{
    for (int64_t i = 0; i < p->rows; i += PW_LANES)
        update_panel(p, i, p->rows - i < PW_LANES ? p->rows - i : PW_LANES);
}

/* One row; `ratio` becomes what its entries are multiplied by, before the exponent. */
PW_CLONES static void find_ratios(const pw_problem *p, int64_t row, double *restrict ratio)
{
    const double *restrict X = p->X + row * p->ldx, *restrict N = p->N + row * p->ldn;
    double *restrict residual = p->residual;
    for (int c = p->fixed; c < p->k; c++) {
        double curvature;
        const double gradient = pw_ratio_gradient(p, row, c, X[c], &curvature), d = gradient + N[c];
        const double g = pw_projected(X[c], gradient, curvature), quotient = N[c] / d;
        residual[c] += g * g;
        ratio[c] = d > 0 ? quotient : 1;
    }
}

PW_CLONES static void multiply(const pw_problem *p, int64_t row, const double *restrict ratio)
{
    double *restrict X = p->X + row * p->ldx;
    for (int c = p->fixed; c < p->k; c++)
        X[c] = pw_normal_or_zero(X[c] * ratio[c]);
}

static void update_ratio(const pw_problem *p)
{
    double *ratio = p->work;
    for (int64_t i = 0; i < p->rows; i++) {
        find_ratios(p, i, ratio);
        for (int c = p->fixed; p->exponent != 1 && c < p->k; c++)
            ratio[c] = pow(ratio[c], p->exponent);
        multiply(p, i, ratio);
    }
}

int64_t PW_OF_WIDTH(pw_mu_work)(int k)
{
    return pw_lanes_work(k, 2);
}

void PW_OF_WIDTH(pw_mu_update)(const pw_problem *p)
{
    (p->G ? update_quadratic : update_ratio)(p);
}
