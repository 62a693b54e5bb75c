/* Newton steps, on rows of the Kullback–Leibler problem itself: against their twin, and their promises. */
#include "base/random.h"
#include "update/update.h"
#include "support/widths.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* V (rows × n) ≈ X Yᵀ and the sums that the update of X needs. */
typedef struct kl {
    int64_t rows, ldx;
    int k, n, fixed;
    double *X, *Y, *V, *N, *D, *M, *q, *C, *l1, *l2, *typical, *work, *residual;
} kl;

static double draw(uint32_t what, int64_t row, int column)
{
    return pw_random_uniform((pw_random_key){.seed = 5, .model = what}, row, (uint32_t)column);
}

/* Counts from `scale` to 150 of it; zeros are a third of V, most of Y, a fifth of X, a row of V and one of X. */
static kl make_kl(int64_t rows, int k, double scale, double penalty)
{
    const int n = 2 * k + 5;
    kl p = {.rows = rows, .k = k, .n = n, .ldx = k + 1};
    p.X = calloc((size_t)(rows * p.ldx) + 1, sizeof(double));
    p.Y = calloc((size_t)(n * k), sizeof(double));
    p.V = calloc((size_t)(rows * n) + 1, sizeof(double));
    p.N = calloc((size_t)(rows * k) + 1, sizeof(double));
    p.D = calloc((size_t)k, sizeof(double));
    p.M = calloc((size_t)(rows * k * (k + 1) / 2) + 1, sizeof(double));
    p.q = calloc((size_t)(rows * k) + 1, sizeof(double));
    p.C = calloc((size_t)(k * k), sizeof(double));
    p.l1 = calloc((size_t)k, sizeof(double));
    p.l2 = calloc((size_t)k, sizeof(double));
    p.typical = calloc((size_t)k, sizeof(double));
    p.work = calloc((size_t)pw_update_work(pw_method_at(PW_METHOD_newton), k), sizeof(double));
    p.residual = calloc((size_t)k, sizeof(double));
    for (int c = 0; c < k; c++) {
        p.l1[c] = penalty * draw(11, 0, c);
        p.l2[c] = penalty / scale * draw(12, 0, c);
        p.typical[c] = 0.5 * scale;
        for (int j = 0; j < n; j++)
            p.Y[j * k + c] = draw(13, j, c) < 0.7 && c != j % k ? 0 : draw(14, j, c);
    }
    for (int a = 0; a < k; a++)
        for (int b = 0; b <= a; b++)
            p.C[a * k + b] = p.C[b * k + a] = pow(0.5, a - b);
    for (int64_t i = 0; i < rows; i++) {
        for (int c = 0; c < k && i != 5; c++)
            p.X[i * p.ldx + c] =
                c > 0 && draw(15, i, c) < 0.2 ? 0 : scale * exp(9 * draw(16, i, c));
        for (int j = 0; j < n && i != 3; j++)
            p.V[i * n + j] = draw(17, i, j) < 0.33 ? 0 : scale * ceil(exp(9 * draw(18, i, j) - 4));
    }
    return p;
}

static void discard_kl(kl *p)
{
    double *const ALL[] = {p->X, p->Y,  p->V,  p->N,       p->D,    p->M,       p->q,
                           p->C, p->l1, p->l2, p->typical, p->work, p->residual};
    for (size_t i = 0; i < sizeof ALL / sizeof *ALL; i++)
        free(ALL[i]);
}

static double kl_product(const kl *p, int64_t i, int j)
{
    double z = 0;
    for (int c = 0; c < p->k; c++)
        z += p->X[i * p->ldx + c] * p->Y[j * p->k + c];
    return z;
}

static const double KL_LEAST = 1e-12; /* of V: smaller entries of X Yᵀ count as this */

static pw_problem kl_problem(kl *p, double least)
{
    const int k = p->k;
    const int64_t width = (int64_t)k * (k + 1) / 2;
    memset(p->N, 0, (size_t)(p->rows * k) * sizeof(double));
    memset(p->M, 0, (size_t)(p->rows * width) * sizeof(double));
    memset(p->D, 0, (size_t)k * sizeof(double));
    for (int j = 0; j < p->n; j++)
        for (int c = 0; c < k; c++)
            p->D[c] += p->Y[j * k + c];
    for (int64_t i = 0; i < p->rows; i++)
        for (int j = 0; j < p->n; j++) {
            const double *y = p->Y + j * k, z = fmax(kl_product(p, i, j), KL_LEAST * least);
            const double v = p->V[i * p->n + j];
            double *M = p->M + i * width;
            for (int a = 0; a < k; a++) {
                p->N[i * k + a] += v / z * y[a];
                for (int b = a; b < k; b++)
                    *M++ += v / z / z * y[a] * y[b];
            }
        }
    return (pw_problem){.rows = p->rows,
                        .k = k,
                        .fixed = p->fixed,
                        .X = p->X,
                        .ldx = p->ldx,
                        .l1 = p->l1,
                        .l2 = p->l2,
                        .N = p->N,
                        .ldn = k,
                        .D = p->D,
                        .typical = p->typical,
                        .exponent = 1,
                        .M = p->M,
                        .ldm = width,
                        .least = least,
                        .work = p->work,
                        .residual = p->residual};
}

/* The same with diagonals of M and correlations that are not those of any row. */
static pw_problem kl_correlated(kl *p, double least, bool careful)
{
    pw_problem problem = kl_problem(p, least);
    const int k = p->k;
    for (int64_t i = 0; i < p->rows; i++)
        for (int a = 0; a < k; a++)
            p->q[i * k + a] = p->M[i * problem.ldm + a * k - a * (a - 1) / 2];
    problem.M = p->q;
    problem.ldm = k;
    problem.C = p->C;
    problem.careful = careful;
    return problem;
}

/* Of one row, with v ln v − v left out. */
static double kl_objective(const kl *p, int64_t i, double least)
{
    double sum = 0;
    for (int j = 0; j < p->n; j++) {
        const double z = kl_product(p, i, j), v = p->V[i * p->n + j];
        sum += z - v * log(fmax(z, KL_LEAST * least) / least);
    }
    for (int c = 0; c < p->k; c++) {
        const double x = p->X[i * p->ldx + c];
        sum += p->l1[c] * x + 0.5 * p->l2[c] * x * x;
    }
    return sum;
}

static void assert_same(int64_t count, const double *a, const double *b, double tolerance)
{
    for (int64_t i = 0; i < count; i++)
        if (!(fabs(a[i] - b[i]) <= tolerance * (1 + fabs(b[i]))))
            fail_msg("element %lld: %.17g and %.17g", (long long)i, a[i], b[i]);
}

static const struct {
    int64_t rows;
    int k;
} SHAPES[] = {{1, 1}, {3, 2}, {31, 5}, {32, 7}, {33, 16}, {100, 50}, {0, 4}};

#define FOR_SHAPES(s) for (size_t s = 0; s < sizeof SHAPES / sizeof *SHAPES; s++)

/* exact: 1, with correlations: 0, the same with careful steps: -1 */
static void compare(int64_t rows, int k, int fixed, double penalty, int exact)
{
    kl a = make_kl(rows, k, 1, penalty), b = make_kl(rows, k, 1, penalty);
    a.fixed = b.fixed = fixed;
    const pw_problem qa = exact > 0 ? kl_problem(&a, 1) : kl_correlated(&a, 1, exact < 0);
    const pw_problem qb = exact > 0 ? kl_problem(&b, 1) : kl_correlated(&b, 1, exact < 0);
    pw_newton_update(&qa);
    pw_newton_update_ref(&qb);
    assert_same(a.rows * a.ldx, a.X, b.X, 1e-9);
    assert_same(a.k, a.residual, b.residual, 1e-9);
    discard_kl(&a);
    discard_kl(&b);
}

static void update_is_its_twin(void **state)
{
    (void)state;
    FOR_SHAPES(s)
    for (int third = 0; third < 2; third++)
        for (int penalty = 0; penalty < 2; penalty++)
            for (int exact = -1; exact <= 1; exact++)
                compare(SHAPES[s].rows, SHAPES[s].k, third * SHAPES[s].k / 3, penalty, exact);
}

/* Whatever the correlations. */
static void careful_steps_never_rise(void **state)
{
    (void)state;
    for (int penalty = 0; penalty < 2; penalty++) {
        kl p = make_kl(40, 12, 1, penalty);
        double before[40], first = 0, last = 0;
        for (int i = 0; i < 1000; i++) {
            const pw_problem q = kl_correlated(&p, 1, true);
            for (int64_t row = 0; row < 40; row++) {
                const double now = kl_objective(&p, row, 1);
                assert_true(i == 0 || now <= before[row] + 1e-10 * fabs(before[row]) + 1e-9);
                before[row] = now;
            }
            memset(p.residual, 0, 12 * sizeof(double));
            pw_newton_update(&q);
            last = 0;
            for (int c = 0; c < 12; c++)
                last += p.residual[c];
            first = i == 0 ? last : first;
        }
        assert_true(last < 1e-6 * first);
        discard_kl(&p);
    }
}

/* Row by row, whatever the scale of the data, with zeros, empty rows, penalties and fixed components. */
static void never_rises_and_arrives(void **state)
{
    (void)state;
    static const double SCALES[] = {1, 1e-30, 1e30};
    for (size_t scale = 0; scale < 3; scale++)
        for (int penalty = 0; penalty < 2; penalty++)
            for (int fixed = 0; fixed < 3; fixed += 2) {
                kl p = make_kl(40, 6, SCALES[scale], penalty);
                const double least = SCALES[scale];
                double before[40], first = 0, last = 0;
                p.fixed = fixed;
                for (int i = 0; i < 120; i++) {
                    const pw_problem q = kl_problem(&p, least);
                    for (int64_t row = 0; row < 40; row++) {
                        const double now = kl_objective(&p, row, least);
                        assert_true(i == 0 ||
                                    now <= before[row] + 1e-10 * fabs(before[row]) + 1e-9 * least);
                        before[row] = now;
                    }
                    memset(p.residual, 0, 6 * sizeof(double));
                    pw_newton_update(&q);
                    last = sqrt(p.residual[3] + p.residual[4] + p.residual[5]);
                    first = i == 0 ? last : first;
                    assert_true(p.residual[0] == 0 || fixed == 0);
                }
                assert_true(last < 1e-10 * first);
                for (int c = fixed; c < 6; c++)
                    assert_true(p.X[3 * p.ldx + c] == 0); /* the empty row */
                discard_kl(&p);
            }
}

/* All of a component may go to zero at once, and comes back when it is wanted. */
static void zeros_may_grow(void **state)
{
    (void)state;
    kl p = make_kl(30, 5, 1, 0);
    for (int64_t i = 0; i < 30; i++)
        p.X[i * p.ldx + 2] = 0;
    for (int i = 0; i < 50; i++) {
        const pw_problem q = kl_problem(&p, 1);
        pw_newton_update(&q);
    }
    double sum = 0;
    for (int64_t i = 0; i < 30; i++)
        sum += p.X[i * p.ldx + 2];
    assert_true(sum > 1);
    discard_kl(&p);
}

static void rows_are_independent(void **state)
{
    (void)state;
    kl whole = make_kl(20, 7, 1, 1), alone = make_kl(20, 7, 1, 1);
    const pw_problem q = kl_problem(&whole, 1), single = kl_problem(&alone, 1);
    pw_newton_update(&q);
    for (int64_t i = 19; i >= 0; i--) {
        pw_problem row = single;
        row.rows = 1;
        row.X += i * row.ldx;
        row.N += i * row.ldn;
        row.M += i * row.ldm;
        pw_newton_update(&row);
    }
    assert_memory_equal(whole.X, alone.X, (size_t)(20 * whole.ldx) * sizeof(double));
    discard_kl(&whole);
    discard_kl(&alone);
}

/* A component that the other factor has lost, without penalty and with one. */
static void dead_components_give_no_nan(void **state)
{
    (void)state;
    for (int penalty = 0; penalty < 2; penalty++) {
        kl p = make_kl(10, 4, 1, penalty);
        for (int j = 0; j < p.n; j++)
            p.Y[j * 4 + 1] = 0;
        for (int i = 0; i < 100; i++) {
            const pw_problem q = kl_problem(&p, 1);
            pw_newton_update(&q);
        }
        for (int64_t i = 0; i < 10 * p.ldx; i++)
            assert_true(isfinite(p.X[i]));
        for (int64_t i = 0; i < 10 && penalty; i++)
            assert_true(p.X[i * p.ldx + 1] == 0);
        discard_kl(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(update_is_its_twin),       cmocka_unit_test(never_rises_and_arrives),
        cmocka_unit_test(careful_steps_never_rise), cmocka_unit_test(zeros_may_grow),
        cmocka_unit_test(rows_are_independent),     cmocka_unit_test(dead_components_give_no_nan),
    };
    return RUN_IN_BOTH_WIDTHS(tests);
}
