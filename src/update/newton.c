/* Newton steps for the Kullback–Leibler loss, one row x of X after the other. With the other factor's rows y,
 * entries v of V and products z = x·y the row's objective is
 *
 *     f(x) = Σ (x·y − v ln x·y) + Σ_c l1_c x_c + ½ l2_c x_c²,    gradient D − N + l1 + l2 x,    N = Σ v/z y,
 *
 * with second derivatives M = Σ v/z² y yᵀ, and l2 on the diagonal. A step
 *
 *     1. scales the row to its best length (closed form; not where some of its components are fixed);
 *     2. takes d that minimises g·d + ½ d·M d within a box, d ≥ low, by cyclic coordinate descent;
 *     3. shortens d if need be.
 *
 * f never rises: −v ln z is self-concordant (Hien & Gillis 2021 on this loss), and (r − ln(1 + r)) / r² falls with
 * r, so where no z shrinks by more than the share ρ,
 *
 *     f(x + d) ≤ f(x) + g·d + φ(ρ) d·M d,    φ(ρ) = (−ρ − ln(1 − ρ)) / ρ².
 *
 * The best d in a box has g·d ≤ −d·M d, and φ(0.68) < 1. The box sees to ρ ≤ 0.68: all components that matter for some
 * z may fall by 58 % together; one with x_c N_c ≤ 0.1 v/k for the least positive v has no more than 0.1/k of
 * any z and may become 0 at once. Zeros are free to grow again. Step 3 is for a d that is not quite the best.
 *
 * Where M is not known but its diagonal q and correlations C that rows have on the average, √(q_a q_b) C_ab takes
 * its place, and f may rise. A careful step shortens d by bounds on d·M d that hold for any correlations, as y ≥ 0:
 *
 *     d·M d ≤ (Σ_{d>0} √q_c d_c)² + (Σ_{d<0} √q_c d_c)²,    d·M d ≤ Σ N_c / x_c d_c².
 *
 * Flops: about (2 passes + 3) k² a row, some 10 passes. Words moved: k²/2 + 4 k a row.
 */
#include "base/clones.h"
#include "update/update.h"

#include <math.h>
#include <string.h>

/* Shared with the twin by the formulas above only. */
static const double MOST_FALL = 0.58; /* of a component in a step */
static const double SMALL = 0.1;      /* share of any z that all small components have together */
static const double REST =
    1e-2 * 1e-2; /* squared share of the first pass's step below which descent ends */
enum { MOST_PASSES = 50 };

enum { VECTORS = 6 }; /* of length k, beside a k × k matrix */

/* One row, in the workspace. */
typedef struct step {
    double *x, *n, *low, *d, *g; /* k */
    double *slope;               /* k: g + M d */
    double *M;                   /* k × k */
} step;

static step step_in(double *work, int64_t k)
{
    return (step){work,         work + k,     work + 2 * k,      work + 3 * k,
                  work + 4 * k, work + 5 * k, work + VECTORS * k};
}

static inline void expand_triangle(int64_t k, const double *triangle, double *M)
{
    for (int64_t a = 0; a < k; triangle += k - a, a++)
        for (int64_t b = a; b < k; b++)
            M[a * k + b] = M[b * k + a] = triangle[b - a];
}

/* root: k doubles of workspace. */
static inline void correlate(int64_t k, const double *q, const double *C, double *root, double *M)
{
    for (int64_t a = 0; a < k; a++)
        root[a] = sqrt(q[a]);
    for (int64_t a = 0; a < k; a++)
        for (int64_t b = 0; b < k; b++)
            M[a * k + b] = root[a] * root[b] * C[a * k + b];
}

static inline void load(const pw_problem *p, int64_t row, step *s)
{
    const double *M = p->M + row * p->ldm;
    memcpy(s->x, p->X + row * p->ldx, (size_t)p->k * sizeof *s->x);
    memcpy(s->n, p->N + row * p->ldn, (size_t)p->k * sizeof *s->n);
    if (p->C)
        correlate(p->k, M, p->C, s->d, s->M);
    else
        expand_triangle(p->k, M, s->M);
}

static inline void add_residual(const pw_problem *p, int64_t row)
{
    for (int c = p->fixed; c < p->k; c++) {
        const double x = p->X[row * p->ldx + c];
        double curvature;
        const double gradient = pw_ratio_gradient(p, row, c, x, &curvature);
        const double g = pw_projected(x, gradient, curvature);
        p->residual[c] += g * g;
    }
}

/* The best multiple of the row: t with b t + ½ q t² − s ln t least. */
static inline void rescale(const pw_problem *p, const double *D, step *s)
{
    const int k = p->k;
    double sum = 0, linear = 0, quadratic = 0;
    for (int c = 0; c < k; c++) {
        sum += s->x[c] * s->n[c];
        linear += s->x[c] * (D[c] + p->l1[c]);
        quadratic += p->l2[c] * s->x[c] * s->x[c];
    }
    const double t = 2 * sum / (linear + sqrt(linear * linear + 4 * quadratic * sum));
    const double inverse = 1 / t;
    if (!(t > DBL_MIN && inverse > DBL_MIN))
        return; /* zero, or neither V nor the penalties have a say */
    for (int c = 0; c < k; c++) {
        s->x[c] *= t;
        s->n[c] *= inverse;
    }
    for (int64_t i = 0; i < (int64_t)k * k; i++)
        s->M[i] *= inverse * inverse;
}

static inline bool is_small(const pw_problem *p, const step *s, int c)
{
    return s->x[c] * s->n[c] <= SMALL * p->least / p->k;
}

static inline void prepare(const pw_problem *p, const double *D, step *s)
{
    for (int c = 0; c < p->k; c++) {
        s->g[c] = D[c] - s->n[c] + p->l1[c] + p->l2[c] * s->x[c];
        s->M[(int64_t)c * p->k + c] += p->l2[c];
        s->low[c] = is_small(p, s, c) ? -s->x[c] : -MOST_FALL * s->x[c];
        s->d[c] = 0;
        s->slope[c] = s->g[c];
    }
}

/* Moves component c to its best place; returns the square of the move in the norm of M. */
static inline double descend(const pw_problem *p, step *s, int c)
{
    const double *row = s->M + (int64_t)c * p->k, curvature = row[c], slope = s->slope[c];
    const double free = curvature > 0 ? s->d[c] - slope / curvature : slope > 0 ? s->low[c] : 0;
    const double move = (free > s->low[c] ? free : s->low[c]) - s->d[c];
    if (move == 0)
        return 0;
    s->d[c] += move;
    for (int b = 0; b < p->k; b++)
        s->slope[b] += row[b] * move;
    return move * move * curvature;
}

static inline void solve(const pw_problem *p, step *s)
{
    double first = 0;
    for (int pass = 0; pass < MOST_PASSES; pass++) {
        double largest = 0;
        for (int c = p->fixed; c < p->k; c++) {
            const double moved = descend(p, s, c);
            largest = moved > largest ? moved : largest;
        }
        if (pass == 0)
            first = largest;
        if (!(largest > REST * first))
            return;
    }
}

static inline double phi(double fall)
{
    return fall < 1e-4 ? 0.5 + fall / 3 : (-fall - log1p(-fall)) / (fall * fall);
}

/* At least d·M d, whatever the correlations. */
static inline double most_bend(const pw_problem *p, const step *s)
{
    double up = 0, down = 0, single = 0;
    for (int c = p->fixed; c < p->k; c++) {
        const double d = s->d[c], root = sqrt(s->M[(int64_t)c * p->k + c]);
        *(d > 0 ? &up : &down) += root * d;
        if (d != 0)
            single += d * d * (s->n[c] / s->x[c] + p->l2[c]); /* infinite for x_c = 0 */
    }
    return fmin(up * up + down * down, single);
}

/* The share of d that is sure to descend, as far as M is. */
static inline double length_of(const pw_problem *p, const step *s)
{
    double along = 0, bend = 0, fall = 0, small = 0; /* g·d, d·M d, ρ in two parts */
    for (int c = p->fixed; c < p->k; c++) {
        along += s->g[c] * s->d[c];
        bend += s->d[c] * (s->slope[c] - s->g[c]);
        if (!(s->d[c] < 0))
            continue;
        if (!is_small(p, s, c))
            fall = fmax(fall, -s->d[c] / s->x[c]);
        else if (s->n[c] > 0)
            small += -s->d[c] * s->n[c] / p->least;
    }
    const double bound = phi(fall + small) * (p->careful ? most_bend(p, s) : bend);
    return along + bound <= 0 ? 1 : fmin(1, fmax(0, -along / (2 * bound)));
}

PW_CLONES static void update_row(const pw_problem *p, int64_t row)
{
    step s = step_in(p->work, p->k);
    const double *D = p->D + row * p->ldd;
    double *updated = p->X + row * p->ldx;
    add_residual(p, row);
    load(p, row, &s);
    if (p->fixed == 0)
        rescale(p, D, &s);
    prepare(p, D, &s);
    solve(p, &s);
    const double length = length_of(p, &s);
    for (int c = p->fixed; c < p->k; c++)
        updated[c] = pw_normal_or_zero(s.x[c] + length * s.d[c]);
}

void pw_newton_update(const pw_problem *p)
{
    for (int64_t row = 0; row < p->rows; row++)
        update_row(p, row);
}

int64_t pw_newton_work(int k)
{
    return (int64_t)k * k + VECTORS * (int64_t)k;
}
