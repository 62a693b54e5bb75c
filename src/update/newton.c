/* Newton steps for the Kullback–Leibler loss, for each row x of X by itself; rows go side by side in vector lanes. With the other factor's rows y,
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
#include "update/lanes.h"
#include "update/update.h"

#include <math.h>

/* Shared with the twin by the formulas above only. */
static const double MOST_FALL = 0.58; /* of a component in a step */
static const double SMALL = 0.1;      /* share of any z that all small components have together */
static const double REST =
    1e-2 * 1e-2; /* squared share of the first pass's step below which a row's descent ends */
enum { MOST_PASSES = 50, ROWS = PW_VECTOR_LENGTH };

enum { VECTORS = 8 }; /* of k components, beside a k × k matrix */

/* ROWS rows, in the workspace: each number is one of all of them. */
typedef struct step {
    pw_vector *x, *n, *D, *low, *d, *g; /* k */
    pw_vector *slope;                   /* k: g + M d */
    pw_vector *inverse;                 /* k: of M's diagonal; 0 where that is 0 */
    pw_vector *M;                       /* k × k */
} step;

static step step_in(double *work, int64_t k)
{
    pw_vector *v = (pw_vector *)pw_lanes_panel(work, 0, 0);
    return (step){v,         v + k,     v + 2 * k, v + 3 * k,      v + 4 * k,
                  v + 5 * k, v + 6 * k, v + 7 * k, v + VECTORS * k};
}

/* ---- numbers of all rows ---- */

PW_INLINE pw_vector all(double value)
{
    return (pw_vector){0} + value;
}

/* b where either is NaN. */
PW_INLINE pw_vector larger(pw_vector a, pw_vector b)
{
    return pw_lanes_choose(a > b, a, b);
}

PW_INLINE pw_vector smaller(pw_vector a, pw_vector b)
{
    return pw_lanes_choose(a < b, a, b);
}

PW_INLINE pw_vector square_root(pw_vector a)
{
    pw_vector root;
    for (int l = 0; l < ROWS; l++)
        root[l] = sqrt(a[l]);
    return root;
}

PW_INLINE bool any(pw_vector_mask which)
{
    int64_t bits = 0;
    for (int l = 0; l < ROWS; l++)
        bits |= which[l];
    return bits != 0;
}

/* ---- loading ---- */

PW_INLINE void put(pw_vector *numbers, int row, double value)
{
    ((double *)numbers)[row] = value;
}

PW_INLINE void expand_triangle(int64_t k, int row, const double *triangle, pw_vector *M)
{
    for (int64_t a = 0; a < k; triangle += k - a, a++)
        for (int64_t b = a; b < k; b++) {
            put(&M[a * k + b], row, triangle[b - a]);
            put(&M[b * k + a], row, triangle[b - a]);
        }
}

/* Lanes beyond the last row are those of a row of zeros, which stays one. */
PW_INLINE void load(const pw_problem *p, int64_t first, int rows, step *s)
{
    const int k = p->k;
    for (int64_t i = 0; i < (VECTORS + (int64_t)k) * k; i++)
        s->x[i] = all(0);
    for (int row = 0; row < rows; row++) {
        const int64_t i = first + row;
        for (int c = 0; c < k; c++) {
            put(&s->x[c], row, p->X[i * p->ldx + c]);
            put(&s->n[c], row, p->N[i * p->ldn + c]);
            put(&s->D[c], row, p->D[i * p->ldd + c]);
            if (p->C) /* roots of the diagonal */
                put(&s->d[c], row, sqrt(p->M[i * p->ldm + c]));
        }
        if (!p->C)
            expand_triangle(k, row, p->M + i * p->ldm, s->M);
    }
    for (int64_t a = 0; p->C && a < k; a++)
        for (int64_t b = 0; b < k; b++)
            s->M[a * k + b] = s->d[a] * s->d[b] * p->C[a * k + b];
}

/* ---- a step ---- */

/* The best multiple of a row: t with b t + ½ q t² − s ln t least. */
PW_INLINE void rescale(const pw_problem *p, step *s)
{
    const int k = p->k;
    pw_vector sum = all(0), linear = sum, quadratic = sum;
    for (int c = 0; c < k; c++) {
        sum += s->x[c] * s->n[c];
        linear += s->x[c] * (s->D[c] + p->l1[c]);
        quadratic += p->l2[c] * s->x[c] * s->x[c];
    }
    const pw_vector best = 2 * sum / (linear + square_root(linear * linear + 4 * quadratic * sum));
    /* else it is zero, or neither V nor the penalties have a say */
    const pw_vector_mask has_best = (best > all(DBL_MIN)) & (1 / best > all(DBL_MIN));
    const pw_vector t = pw_lanes_choose(has_best, best, all(1)), inverse = 1 / t;
    for (int c = 0; c < k; c++) {
        s->x[c] *= t;
        s->n[c] *= inverse;
    }
    for (int64_t i = 0; i < (int64_t)k * k; i++)
        s->M[i] *= inverse * inverse;
}

PW_INLINE pw_vector_mask are_small(const pw_problem *p, const step *s, int c)
{
    return s->x[c] * s->n[c] <= all(SMALL * p->least / p->k);
}

PW_INLINE void prepare(const pw_problem *p, step *s)
{
    for (int c = 0; c < p->k; c++) {
        pw_vector *curvature = &s->M[(int64_t)c * p->k + c];
        *curvature += p->l2[c];
        s->inverse[c] = pw_lanes_choose(*curvature > all(0), 1 / *curvature, all(0));
        s->g[c] = s->D[c] - s->n[c] + p->l1[c] + p->l2[c] * s->x[c];
        s->low[c] = pw_lanes_choose(are_small(p, s, c), -s->x[c], -MOST_FALL * s->x[c]);
        s->d[c] = all(0);
        s->slope[c] = s->g[c];
    }
}

/* Moves component c of rows that are awake to its best place; returns the squares of the moves in the norm of M. */
PW_INLINE pw_vector descend(const pw_problem *p, step *s, int c, pw_vector_mask awake)
{
    const pw_vector *row = s->M + (int64_t)c * p->k, curvature = row[c], slope = s->slope[c];
    const pw_vector lost = pw_lanes_choose(slope > all(0), s->low[c], all(0));
    const pw_vector free =
        pw_lanes_choose(curvature > all(0), s->d[c] - slope * s->inverse[c], lost);
    const pw_vector move = pw_lanes_choose(awake, larger(free, s->low[c]) - s->d[c], all(0));
    s->d[c] += move;
    for (int b = 0; b < p->k; b++)
        s->slope[b] += row[b] * move;
    return move * move * curvature;
}

PW_INLINE void solve(const pw_problem *p, step *s)
{
    pw_vector first = all(0);
    pw_vector_mask awake = all(0) == all(0);
    for (int pass = 0; pass < MOST_PASSES && any(awake); pass++) {
        pw_vector largest = all(0);
        for (int c = p->fixed; c < p->k; c++)
            largest = larger(descend(p, s, c, awake), largest);
        if (pass == 0)
            first = largest;
        awake &= largest > REST * first;
    }
}

PW_INLINE pw_vector phi(pw_vector fall)
{
    pw_vector value;
    for (int l = 0; l < ROWS; l++)
        value[l] =
            fall[l] < 1e-4 ? 0.5 + fall[l] / 3 : (-fall[l] - log1p(-fall[l])) / (fall[l] * fall[l]);
    return value;
}

/* At least d·M d, whatever the correlations. */
PW_INLINE pw_vector most_bend(const pw_problem *p, const step *s)
{
    pw_vector up = all(0), down = up, single = up;
    for (int c = p->fixed; c < p->k; c++) {
        const pw_vector d = s->d[c], part = d * square_root(s->M[(int64_t)c * p->k + c]);
        up += pw_lanes_choose(d > all(0), part, all(0));
        down += pw_lanes_choose(d > all(0), all(0), part);
        single += pw_lanes_choose(d != all(0), d * d * (s->n[c] / s->x[c] + p->l2[c]),
                                  all(0)); /* infinite for x_c = 0 */
    }
    return smaller(single, up * up + down * down);
}

/* The share of d that is sure to descend, as far as M is. */
PW_INLINE pw_vector length_of(const pw_problem *p, const step *s)
{
    pw_vector along = all(0), bend = along, fall = along, small = along; /* g·d, d·M d, ρ in two */
    for (int c = p->fixed; c < p->k; c++) {
        const pw_vector d = s->d[c];
        const pw_vector_mask falls = d < all(0), is_small = are_small(p, s, c);
        along += s->g[c] * d;
        bend += d * (s->slope[c] - s->g[c]);
        fall = larger(pw_lanes_choose(falls & ~is_small, -d / s->x[c], all(0)), fall);
        small +=
            pw_lanes_choose(falls & is_small & (s->n[c] > all(0)), -d * s->n[c] / p->least, all(0));
    }
    const pw_vector bound = phi(fall + small) * (p->careful ? most_bend(p, s) : bend);
    const pw_vector shorter = smaller(larger(-along / (2 * bound), all(0)), all(1));
    return pw_lanes_choose(along + bound <= all(0), all(1), shorter);
}

PW_INLINE void store(const pw_problem *p, int64_t first, int rows, step *s, pw_vector length)
{
    for (int c = p->fixed; c < p->k; c++) {
        const pw_vector updated = s->x[c] + length * s->d[c];
        for (int row = 0; row < rows; row++)
            p->X[(first + row) * p->ldx + c] = pw_normal_or_zero(updated[row]);
    }
}

PW_CLONES static void update_rows(const pw_problem *p, int64_t first, int rows)
{
    step s = step_in(p->work, p->k);
    for (int row = 0; row < rows; row++)
        pw_ratio_add_residual(p, first + row);
    load(p, first, rows, &s);
    if (p->fixed == 0)
        rescale(p, &s);
    prepare(p, &s);
    solve(p, &s);
    store(p, first, rows, &s, length_of(p, &s));
}

void PW_OF_WIDTH(pw_newton_update)(const pw_problem *p)
{
    for (int64_t i = 0; i < p->rows; i += ROWS)
        update_rows(p, i, (int)(p->rows - i < ROWS ? p->rows - i : ROWS));
}

int64_t PW_OF_WIDTH(pw_newton_work)(int k)
{
    return ((int64_t)k * k + VECTORS * (int64_t)k + 1) * ROWS;
}
