/* Each update against its naive twin, its promises, and the shapes that break things. */
#include "base/random.h"
#include "linalg/blas.h"
#include "update/update.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

typedef struct problem {
    int64_t rows, ldx;
    int k, inner, fixed;
    double *X, *R, *G, *D, *l1, *typical, *work, *residual;
} problem;

static double draw(uint32_t what, int64_t row, int column)
{
    return pw_random_uniform((pw_random_key){.seed = 5, .model = what}, row, (uint32_t)column);
}

/* A problem with n random right-hand columns; a leading dimension wider than k; some zeros in X. */
static problem make(int64_t rows, int k, int inner)
{
    const int n = k + 3;
    problem p = {.rows = rows, .k = k, .inner = inner, .ldx = k + 2};
    p.X = calloc((size_t)(rows * p.ldx), sizeof(double));
    p.R = calloc((size_t)(rows * k), sizeof(double));
    p.G = calloc((size_t)(k * k), sizeof(double));
    p.work = calloc((size_t)pw_update_work(k), sizeof(double));
    p.residual = calloc((size_t)k, sizeof(double));
    p.D = calloc((size_t)(rows * k), sizeof(double));
    p.l1 = calloc((size_t)k, sizeof(double));
    p.typical = calloc((size_t)k, sizeof(double));
    double *H = calloc((size_t)(n * k), sizeof(double));
    for (int j = 0; j < n; j++)
        for (int c = 0; c < k; c++)
            H[j * k + c] = draw(1, j, c);
    pw_gram_add(n, k, H, k, p.G);
    for (int64_t i = 0; i < rows; i++)
        for (int c = 0; c < k; c++) {
            const double x = draw(2, i, c);
            p.X[i * p.ldx + c] = x < 0.2 ? 0 : x;
            p.D[i * k + c] = draw(4, i, c) + 0.1;
            p.l1[c] = 0.3 * draw(5, 0, c);
            p.typical[c] = 0.5;
            for (int j = 0; j < n; j++)
                p.R[i * k + c] += draw(3, i, j) * H[j * k + c];
        }
    free(H);
    return p;
}

static void discard(problem *p)
{
    free(p->X);
    free(p->R);
    free(p->G);
    free(p->D);
    free(p->l1);
    free(p->typical);
    free(p->work);
    free(p->residual);
}

static pw_problem as_problem(const problem *p)
{
    return (pw_problem){.rows = p->rows,
                        .k = p->k,
                        .X = p->X,
                        .ldx = p->ldx,
                        .R = p->R,
                        .ldr = p->k,
                        .G = p->G,
                        .l1 = p->l1,
                        .fixed = p->fixed,
                        .inner = p->inner,
                        .work = p->work,
                        .residual = p->residual};
}

/* The same numbers as a ratio problem: R is the numerator; D has a row for all where `one_row`. */
static pw_problem as_ratio(const problem *p, bool one_row, double exponent)
{
    return (pw_problem){.rows = p->rows,
                        .k = p->k,
                        .X = p->X,
                        .ldx = p->ldx,
                        .N = p->R,
                        .ldn = p->k,
                        .D = p->D,
                        .ldd = one_row ? 0 : p->k,
                        .l1 = p->l1,
                        .l2 = p->l1,
                        .typical = p->typical,
                        .exponent = exponent,
                        .fixed = p->fixed,
                        .work = p->work,
                        .residual = p->residual};
}

/* Σ over rows of ½ x G xᵀ − x·r */
static double objective(const problem *p)
{
    double sum = 0;
    for (int64_t i = 0; i < p->rows; i++)
        for (int c = 0; c < p->k; c++) {
            const double *x = p->X + i * p->ldx;
            for (int d = 0; d < p->k; d++)
                sum += 0.5 * x[c] * p->G[c * p->k + d] * x[d];
            sum -= x[c] * (p->R[i * p->k + c] - p->l1[c]);
        }
    return sum;
}

static void assert_same(int64_t count, const double *a, const double *b, double tolerance)
{
    for (int64_t i = 0; i < count; i++)
        if (!(fabs(a[i] - b[i]) <= tolerance * (1 + fabs(b[i]))))
            fail_msg("element %lld: %.17g and %.17g", (long long)i, a[i], b[i]);
}

static void compare(pw_update update, pw_update twin, int64_t rows, int k, int inner, int fixed)
{
    problem a = make(rows, k, inner), b = make(rows, k, inner);
    a.fixed = b.fixed = fixed;
    const pw_problem qa = as_problem(&a), qb = as_problem(&b);
    update(&qa);
    twin(&qb);
    assert_same(rows * a.ldx, a.X, b.X, 1e-10);
    assert_same(k, a.residual, b.residual, 1e-9);
    discard(&a);
    discard(&b);
}

static const struct {
    int64_t rows;
    int k;
} SHAPES[] = {{1, 1}, {3, 2}, {31, 5}, {32, 7}, {33, 16}, {100, 50}, {0, 4}};

#define FOR_SHAPES(s) for (size_t s = 0; s < sizeof SHAPES / sizeof *SHAPES; s++)

static void hals_is_its_twin(void **state)
{
    (void)state;
    FOR_SHAPES(s)
    for (int inner = 1; inner <= 5; inner += 2)
        compare(pw_hals_update, pw_hals_update_ref, SHAPES[s].rows, SHAPES[s].k, inner,
                SHAPES[s].k / 3);
}

static void mu_is_its_twin(void **state)
{
    (void)state;
    FOR_SHAPES(s)
    compare(pw_mu_update, pw_mu_update_ref, SHAPES[s].rows, SHAPES[s].k, 1, SHAPES[s].k / 3);
}

static void ratio_is_its_twin(void **state)
{
    (void)state;
    FOR_SHAPES(s)
    for (int one_row = 0; one_row < 2; one_row++) {
        problem a = make(SHAPES[s].rows, SHAPES[s].k, 1), b = make(SHAPES[s].rows, SHAPES[s].k, 1);
        a.fixed = b.fixed = SHAPES[s].k / 4;
        const pw_problem qa = as_ratio(&a, one_row, 0.5), qb = as_ratio(&b, one_row, 0.5);
        pw_problem_residual(&qa);
        pw_mu_update(&qa);
        pw_problem_residual_ref(&qb);
        pw_mu_update_ref(&qb);
        assert_same(a.rows * a.ldx, a.X, b.X, 1e-12);
        assert_same(a.k, a.residual, b.residual, 1e-12);
        discard(&a);
        discard(&b);
    }
}

static void fixed_components_stay(void **state)
{
    (void)state;
    const pw_update UPDATES[] = {pw_hals_update, pw_mu_update};
    for (int u = 0; u < 2; u++) {
        problem before = make(40, 6, 3), after = make(40, 6, 3);
        after.fixed = 4;
        const pw_problem q = as_problem(&after);
        UPDATES[u](&q);
        for (int64_t i = 0; i < 40; i++)
            for (int c = 0; c < 4; c++)
                assert_true(after.X[i * after.ldx + c] == before.X[i * after.ldx + c]);
        assert_true(after.residual[0] == 0 && after.residual[5] > 0);
        discard(&before);
        discard(&after);
    }
}

static void residual_is_its_twin(void **state)
{
    (void)state;
    FOR_SHAPES(s)
    compare(pw_problem_residual, pw_problem_residual_ref, SHAPES[s].rows, SHAPES[s].k, 1, 0);
}

static void objective_never_rises(void **state)
{
    (void)state;
    const pw_update UPDATES[] = {pw_hals_update, pw_mu_update};
    for (int u = 0; u < 2; u++) {
        problem p = make(50, 8, 3);
        const pw_problem q = as_problem(&p);
        double before = objective(&p);
        for (int i = 0; i < 30; i++) {
            UPDATES[u](&q);
            const double now = objective(&p);
            assert_true(now <= before + 1e-12 * fabs(before));
            before = now;
        }
        discard(&p);
    }
}

static void residual_vanishes_at_the_solution(void **state)
{
    (void)state;
    problem p = make(20, 6, 1000);
    const pw_problem q = as_problem(&p);
    for (int i = 0; i < 200; i++)
        pw_hals_update(&q);
    memset(p.residual, 0, (size_t)p.k * sizeof(double));
    pw_problem_residual(&q);
    for (int c = 0; c < p.k; c++)
        assert_true(p.residual[c] < 1e-16);
    discard(&p);
}

/* A row's result does not depend on its neighbours in the panel. */
static void rows_are_independent(void **state)
{
    (void)state;
    problem whole = make(70, 9, 4), alone = make(70, 9, 4);
    const pw_problem q = as_problem(&whole);
    pw_hals_update(&q);
    for (int64_t i = 0; i < 70; i++) {
        pw_problem row = as_problem(&alone);
        row.rows = 1;
        row.X += i * row.ldx;
        row.R += i * row.ldr;
        pw_hals_update(&row);
    }
    assert_memory_equal(whole.X, alone.X, (size_t)(70 * whole.ldx) * sizeof(double));
    discard(&whole);
    discard(&alone);
}

static void dead_component_gives_no_nan(void **state)
{
    (void)state;
    problem p = make(10, 4, 2);
    for (int d = 0; d < 4; d++)
        p.G[1 * 4 + d] = p.G[d * 4 + 1] = 0;
    for (int64_t i = 0; i < 10; i++)
        p.R[i * 4 + 1] = 0;
    const pw_problem q = as_problem(&p);
    pw_hals_update(&q);
    pw_mu_update(&q);
    pw_problem_residual(&q);
    for (int64_t i = 0; i < 10 * p.ldx; i++)
        assert_true(isfinite(p.X[i]));
    for (int c = 0; c < 4; c++)
        assert_true(isfinite(p.residual[c]));
    discard(&p);
}

static void zero_rows_become_zero(void **state)
{
    (void)state;
    problem p = make(40, 5, 10);
    memset(p.R + 7 * 5, 0, 5 * sizeof(double));
    const pw_problem q = as_problem(&p);
    for (int i = 0; i < 50; i++)
        pw_hals_update(&q);
    for (int c = 0; c < 5; c++)
        assert_true(p.X[7 * p.ldx + c] == 0);
    discard(&p);
}

static void inner_iterations_have_bounds(void **state)
{
    (void)state;
    assert_int_equal(pw_inner_iterations(0, 0, 5), 1);
    assert_int_equal(pw_inner_iterations(100, 100, 50), 1);
    assert_int_equal(pw_inner_iterations(1000, 100, 5), 2);
    assert_int_equal(pw_inner_iterations((int64_t)1 << 50, 100, 5), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hals_is_its_twin),
        cmocka_unit_test(mu_is_its_twin),
        cmocka_unit_test(ratio_is_its_twin),
        cmocka_unit_test(fixed_components_stay),
        cmocka_unit_test(residual_is_its_twin),
        cmocka_unit_test(objective_never_rises),
        cmocka_unit_test(residual_vanishes_at_the_solution),
        cmocka_unit_test(rows_are_independent),
        cmocka_unit_test(dead_component_gives_no_nan),
        cmocka_unit_test(zero_rows_become_zero),
        cmocka_unit_test(inner_iterations_have_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
