/* Naive twins of the updates: the formulas, one row and one component at a time. */
#include "update/update.h"

#include <math.h>

static double gradient(const pw_problem *p, int64_t row, int c, double *curvature)
{
    const double x = p->X[row * p->ldx + c];
    if (!p->G)
        return pw_ratio_gradient(p, row, c, x, curvature);
    double sum = p->l1[c] - p->R[row * p->ldr + c];
    for (int j = 0; j < p->k; j++)
        sum += p->X[row * p->ldx + j] * p->G[j * p->k + c];
    *curvature = p->G[c * p->k + c];
    return sum;
}

/* One pass of HALS over a row; returns its squared move. */
static double hals_pass(const pw_problem *p, int64_t row, double *residual)
{
    double moved = 0;
    for (int c = p->fixed; c < p->k; c++) {
        double *x = &p->X[row * p->ldx + c], d;
        const double g = gradient(p, row, c, &d), old = *x, wanted = old - g / d;
        if (d <= 0)
            continue;
        *x = wanted > 0 ? wanted : 0;
        moved += (*x - old) * (*x - old);
        if (residual)
            residual[c] += pw_projected(old, g, d) * pw_projected(old, g, d);
    }
    return moved;
}

void pw_hals_update_ref(const pw_problem *p)
{
    for (int64_t row = 0; row < p->rows; row++) {
        const double first_move = hals_pass(p, row, p->residual);
        double moved = first_move;
        for (int repeat = 1; repeat < p->inner && moved > 0.01 * first_move; repeat++)
            moved = hals_pass(p, row, 0);
    }
}

void pw_problem_residual_ref(const pw_problem *p)
{
    for (int64_t row = 0; row < p->rows; row++)
        for (int c = p->fixed; c < p->k; c++) {
            double curvature;
            const double g = gradient(p, row, c, &curvature);
            const double projected = pw_projected(p->X[row * p->ldx + c], g, curvature);
            p->residual[c] += projected * projected;
        }
}

void pw_mu_update_ref(const pw_problem *p)
{
    pw_problem_residual_ref(p);
    for (int64_t row = 0; row < p->rows; row++) {
        double *updated = p->work;
        for (int c = p->fixed; c < p->k; c++) {
            const double x = p->X[row * p->ldx + c];
            const double r = p->G ? p->R[row * p->ldr + c] : p->N[row * p->ldn + c];
            double curvature;
            const double denominator = gradient(p, row, c, &curvature) + r;
            const double keep = p->G ? p->damping : 0;
            updated[c] =
                denominator > 0 ? x * (keep + (1 - keep) * pow(r / denominator, p->exponent)) : x;
        }
        for (int c = p->fixed; c < p->k; c++)
            p->X[row * p->ldx + c] = updated[c];
    }
}

/* ---- Newton steps ---- */

/* One row as newton.c's formulas have it: x and N scaled by t and 1/t, M by 1/t². */
typedef struct newton_row {
    const pw_problem *p;
    int64_t row;
    double t, *x, *n, *g, *low, *d;
} newton_row;

static double second_derivative(const newton_row *r, int a, int b)
{
    const int64_t k = r->p->k, first = a < b ? a : b, second = a < b ? b : a;
    const int64_t place = first * k - first * (first - 1) / 2 + second - first;
    const double *M = r->p->M + r->row * r->p->ldm, *C = r->p->C;
    const double entry = C ? sqrt(M[a] * M[b]) * C[a * k + b] : M[place];
    return entry / (r->t * r->t) + (a == b ? r->p->l2[a] : 0);
}

static double best_multiple(const pw_problem *p, int64_t row)
{
    double s = 0, b = 0, q = 0;
    for (int c = 0; c < p->k; c++) {
        const double x = p->X[row * p->ldx + c];
        s += x * p->N[row * p->ldn + c];
        b += x * (p->D[row * p->ldd + c] + p->l1[c]);
        q += p->l2[c] * x * x;
    }
    const double t = q > 0 ? (sqrt(b * b + 4 * q * s) - b) / (2 * q) : s / b;
    return p->fixed > 0 || !(t > 0) || !isfinite(t) ? 1 : t;
}

static void newton_begin(newton_row *r)
{
    const pw_problem *p = r->p;
    r->t = best_multiple(p, r->row);
    for (int c = 0; c < p->k; c++) {
        r->x[c] = p->X[r->row * p->ldx + c] * r->t;
        r->n[c] = p->N[r->row * p->ldn + c] / r->t;
        r->g[c] = p->D[r->row * p->ldd + c] + p->l1[c] + p->l2[c] * r->x[c] - r->n[c];
        r->low[c] = -r->x[c] * (r->x[c] * r->n[c] <= 0.1 * p->least / p->k ? 1 : 0.58);
        r->d[c] = 0;
    }
}

static double newton_pass(newton_row *r)
{
    double largest = 0;
    for (int a = r->p->fixed; a < r->p->k; a++) {
        const double curvature = second_derivative(r, a, a), old = r->d[a];
        double slope = r->g[a];
        for (int b = 0; b < r->p->k; b++)
            slope += second_derivative(r, a, b) * r->d[b];
        if (curvature > 0)
            r->d[a] = fmax(r->low[a], old - slope / curvature);
        else
            r->d[a] = slope > 0 ? r->low[a] : old;
        largest = fmax(largest, (r->d[a] - old) * (r->d[a] - old) * curvature);
    }
    return largest;
}

static double most_bend(const newton_row *r)
{
    double up = 0, down = 0, single = 0;
    for (int a = 0; a < r->p->k; a++) {
        up += sqrt(second_derivative(r, a, a)) * fmax(0, r->d[a]);
        down += sqrt(second_derivative(r, a, a)) * fmin(0, r->d[a]);
        if (r->d[a] != 0)
            single += r->d[a] * r->d[a] * (r->n[a] / r->x[a] + r->p->l2[a]);
    }
    return fmin(up * up + down * down, single);
}

static double newton_length(const newton_row *r)
{
    double along = 0, bend = 0, fall = 0, small = 0;
    for (int a = 0; a < r->p->k; a++) {
        along += r->g[a] * r->d[a];
        for (int b = 0; b < r->p->k; b++)
            bend += r->d[a] * second_derivative(r, a, b) * r->d[b];
        if (r->x[a] * r->n[a] > 0.1 * r->p->least / r->p->k)
            fall = fmax(fall, -r->d[a] / r->x[a]);
        else
            small += fmax(0, -r->d[a]) * r->n[a] / r->p->least;
    }
    fall += small;
    if (r->p->careful)
        bend = most_bend(r);
    const double phi = fall < 1e-4 ? 0.5 + fall / 3 : (-fall - log(1 - fall)) / (fall * fall);
    return along + phi * bend <= 0 ? 1 : fmin(1, fmax(0, -along / (2 * phi * bend)));
}

void pw_newton_update_ref(const pw_problem *p)
{
    const int k = p->k;
    double *work = p->work;
    pw_problem_residual_ref(p);
    for (int64_t row = 0; row < p->rows; row++) {
        newton_row r = {p, row, 1, work, work + k, work + 2 * k, work + 3 * k, work + 4 * k};
        newton_begin(&r);
        const double first = newton_pass(&r);
        double moved = first;
        for (int pass = 1; pass < 50 && moved > 1e-4 * first; pass++)
            moved = newton_pass(&r);
        const double length = newton_length(&r);
        for (int c = p->fixed; c < k; c++)
            p->X[row * p->ldx + c] = r.x[c] + length * r.d[c];
    }
}

/* The least of ½ d x² − (n − l1) x over x ≥ 0, or over all x. */
void pw_ccd_update_ref(const pw_problem *p)
{
    for (int64_t row = 0; row < p->rows; row++)
        for (int c = p->fixed; c < p->k; c++) {
            double *x = &p->X[row * p->ldx + c];
            const double n = p->N[row * p->ldn + c] - p->l1[c], d = p->D[row * p->ldd + c];
            const double g = d * *x - n, projected = p->any_sign ? g : pw_projected(*x, g, d);
            p->residual[c] += projected * projected;
            *x = d == 0 || (n < 0 && !p->any_sign) ? 0 : n / d;
        }
}
