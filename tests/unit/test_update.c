/* Each update against its naive twin, what only one of them promises, and the shapes that break things. What all promise:
 * test_methods.c. */
#include "linalg/gram.h"
#include "support/problem.h"
#include "support/widths.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void assert_same(int64_t count, const double *a, const double *b, double tolerance)
{
    for (int64_t i = 0; i < count; i++)
        if (!(fabs(a[i] - b[i]) <= tolerance * (1 + fabs(b[i]))))
            fail_msg("element %lld: %.17g and %.17g", (long long)i, a[i], b[i]);
}

static void compare(pw_update update, pw_update twin, int64_t rows, int k, int inner, int fixed)
{
    problem a = problem_make(rows, k, inner), b = problem_make(rows, k, inner);
    a.fixed = b.fixed = fixed;
    const pw_problem qa = problem_quadratic(&a), qb = problem_quadratic(&b);
    update(&qa);
    twin(&qb);
    assert_same(rows * a.ldx, a.X, b.X, 1e-10);
    assert_same(k, a.residual, b.residual, 1e-9);
    problem_discard(&a);
    problem_discard(&b);
}

static const struct {
    int64_t rows;
    int k;
} SHAPES[] = {{1, 1},  {3, 2},  {31, 5},  {32, 7},   {33, 16},
              {64, 8}, {65, 9}, {40, 17}, {100, 50}, {0, 4}};

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

static void bpp_is_its_twin(void **state)
{
    (void)state;
    FOR_SHAPES(s)
    for (int part = 3; part < 6; part++)
        compare(pw_bpp_update, pw_bpp_update_ref, SHAPES[s].rows, SHAPES[s].k, 1,
                SHAPES[s].k / part);
    compare(pw_bpp_update, pw_bpp_update_ref, 600, 6, 1, 0);
}

static void ratio_is_its_twin(void **state)
{
    (void)state;
    FOR_SHAPES(s)
    for (int one_row = 0; one_row < 2; one_row++) {
        problem a = problem_make(SHAPES[s].rows, SHAPES[s].k, 1),
                b = problem_make(SHAPES[s].rows, SHAPES[s].k, 1);
        a.fixed = b.fixed = SHAPES[s].k / 4;
        const pw_problem qa = problem_ratio(&a, one_row, 0.5), qb = problem_ratio(&b, one_row, 0.5);
        pw_problem_residual(&qa);
        pw_mu_update(&qa);
        pw_problem_residual_ref(&qb);
        pw_mu_update_ref(&qb);
        assert_same(a.rows * a.ldx, a.X, b.X, 1e-12);
        assert_same(a.k, a.residual, b.residual, 1e-12);
        problem_discard(&a);
        problem_discard(&b);
    }
}

static void ccd_is_its_twin(void **state)
{
    (void)state;
    FOR_SHAPES(s)
    for (int any_sign = 0; any_sign < 2; any_sign++) {
        problem a = problem_make(SHAPES[s].rows, SHAPES[s].k, 1),
                b = problem_make(SHAPES[s].rows, SHAPES[s].k, 1);
        a.fixed = b.fixed = SHAPES[s].k / 4;
        pw_problem qa = problem_ratio(&a, false, 1), qb = problem_ratio(&b, false, 1);
        qa.any_sign = qb.any_sign = any_sign;
        for (int64_t i = 0; i < a.rows * a.k;
             i++) { /* some numerators below 0, some rows of nothing */
            a.R[i] = b.R[i] = i % 5 ? a.R[i] - 1.5 : 0;
            a.D[i] = b.D[i] = i % 5 ? a.D[i] : 0;
        }
        pw_ccd_update(&qa);
        pw_ccd_update_ref(&qb);
        assert_same(a.rows * a.ldx, a.X, b.X, 1e-12);
        assert_same(a.k, a.residual, b.residual, 1e-12);
        problem_discard(&a);
        problem_discard(&b);
    }
}

/* ½ d x² − (n − l1) x, the least of which is known, and one more update stays there. */
static void ccd_finds_the_least(void **state)
{
    (void)state;
    problem p = problem_make(1, 3, 1);
    pw_problem q = problem_ratio(&p, false, 1);
    const double n[] = {2, -1, 0.5}, d[] = {4, 3, 0}, l1[] = {1, 0, 0};
    for (int c = 0; c < 3; c++) {
        p.R[c] = n[c];
        p.D[c] = d[c];
        p.l1[c] = l1[c];
    }
    pw_ccd_update(&q);
    assert_true(p.X[0] == 0.25 && p.X[1] == 0 && p.X[2] == 0);
    memset(p.residual, 0, 3 * sizeof(double));
    pw_ccd_update(&q);
    assert_true(p.residual[0] == 0 && p.residual[1] == 0);
    q.any_sign = true;
    pw_ccd_update(&q);
    assert_true(p.X[1] == -1.0 / 3);
    problem_discard(&p);
}

static void residual_is_its_twin(void **state)
{
    (void)state;
    FOR_SHAPES(s)
    compare(pw_problem_residual, pw_problem_residual_ref, SHAPES[s].rows, SHAPES[s].k, 1, 0);
}

static void residual_vanishes_at_the_solution(void **state)
{
    (void)state;
    problem p = problem_make(20, 6, 1000);
    const pw_problem q = problem_quadratic(&p);
    for (int i = 0; i < 200; i++)
        pw_hals_update(&q);
    memset(p.residual, 0, (size_t)p.k * sizeof(double));
    pw_problem_residual(&q);
    for (int c = 0; c < p.k; c++)
        assert_true(p.residual[c] < 1e-16);
    problem_discard(&p);
}

static void dead_component_gives_no_nan(void **state)
{
    (void)state;
    problem p = problem_make(10, 4, 2);
    for (int d = 0; d < 4; d++)
        p.G[1 * 4 + d] = p.G[d * 4 + 1] = 0;
    for (int64_t i = 0; i < 10; i++)
        p.R[i * 4 + 1] = 0;
    const pw_problem q = problem_quadratic(&p);
    const double before = p.X[3 * p.ldx + 1];
    pw_hals_update(&q);
    pw_bpp_update(&q);
    assert_true(before > 0 && p.X[3 * p.ldx + 1] == before);
    pw_mu_update(&q);
    pw_problem_residual(&q);
    for (int64_t i = 0; i < 10 * p.ldx; i++)
        assert_true(isfinite(p.X[i]));
    for (int c = 0; c < 4; c++)
        assert_true(isfinite(p.residual[c]));
    problem_discard(&p);
}

static void zero_rows_become_zero(void **state)
{
    (void)state;
    problem p = problem_make(40, 5, 10);
    memset(p.R + 7 * 5, 0, 5 * sizeof(double));
    const pw_problem q = problem_quadratic(&p);
    for (int i = 0; i < 50; i++)
        pw_hals_update(&q);
    for (int c = 0; c < 5; c++)
        assert_true(p.X[7 * p.ldx + c] == 0);
    problem_discard(&p);
}

/* x ≥ 0, x G − r + l1 ≥ 0, x (x G − r + l1) = 0, up to the rounding of the sums times `allowed`. */
static void assert_solved(const problem *p, double allowed)
{
    for (int64_t i = 0; i < p->rows; i++)
        for (int c = p->fixed; c < p->k; c++) {
            const double *x = p->X + i * p->ldx, *G = p->G + c * p->k;
            double gradient = p->l1[c] - p->R[i * p->k + c];
            double size = p->l1[c] + fabs(p->R[i * p->k + c]);
            for (int j = 0; j < p->k; j++) {
                gradient += G[j] * x[j];
                size += fabs(G[j] * x[j]);
            }
            const double violation = fabs(pw_projected(x[c], gradient, G[c]));
            assert_true(x[c] >= 0 && isfinite(x[c]));
            if (!(violation <= allowed * DBL_EPSILON * size))
                fail_msg("row %lld, component %d: x = %g, gradient = %g of %g", (long long)i, c,
                         x[c], gradient, size);
        }
}

static void bpp_solves_in_one_update(void **state)
{
    (void)state;
    FOR_SHAPES(s)
    {
        problem p = problem_make(SHAPES[s].rows, SHAPES[s].k, 1);
        p.fixed = SHAPES[s].k / 4;
        const pw_problem q = problem_quadratic(&p);
        pw_bpp_update(&q);
        assert_solved(&p, 1000);
        problem_discard(&p);
    }
}

/* G and R for components that are the columns of H, n × k, and rows V, n long. */
static problem make_from(int64_t rows, int k, int n, double (*entry)(int j, int c))
{
    problem p = problem_make(rows, k, 1);
    double *H = calloc((size_t)(n * k), sizeof(double));
    for (int j = 0; j < n; j++)
        for (int c = 0; c < k; c++)
            H[j * k + c] = entry(j, c);
    memset(p.G, 0, (size_t)(k * k) * sizeof(double));
    memset(p.R, 0, (size_t)(rows * k) * sizeof(double));
    pw_gram_add(n, k, H, k, p.G);
    for (int64_t i = 0; i < rows; i++)
        for (int j = 0; j < n; j++)
            for (int c = 0; c < k; c++)
                p.R[i * k + c] += problem_draw(6, i, j) * H[j * k + c];
    free(H);
    return p;
}

static double any_entry(int j, int c)
{
    return problem_draw(7, j, c);
}

/* Three components, each several times, some at another scale. */
static double one_of_three(int j, int c)
{
    return problem_draw(7, j, c % 3) * (c % 2 ? 1 : 1e3);
}

/* All but the same component. */
static double nearly_one(int j, int c)
{
    return problem_draw(7, j, 0) + 1e-7 * problem_draw(8, j, c);
}

static double no_entry(int j, int c)
{
    return c == 2 ? 0 : problem_draw(7, j, c);
}

static void bpp_solves_singular_problems(void **state)
{
    (void)state;
    static const struct {
        int k, n;
        double (*entry)(int j, int c);
    } SINGULAR[] = {{12, 4, any_entry},    {70, 20, any_entry}, {130, 1, any_entry},
                    {9, 30, one_of_three}, {6, 20, nearly_one}, {40, 60, nearly_one},
                    {5, 8, no_entry},      {1, 1, any_entry},   {33, 10, one_of_three}};
    for (size_t s = 0; s < sizeof SINGULAR / sizeof *SINGULAR; s++) {
        problem p = make_from(150, SINGULAR[s].k, SINGULAR[s].n, SINGULAR[s].entry);
        const pw_problem q = problem_quadratic(&p);
        double before = problem_objective(&p);
        for (int i = 0; i < 3; i++) {
            pw_bpp_update(&q);
            assert_solved(&p, 1000);
            assert_true(problem_objective(&p) <= before + 1e-12 * fabs(before));
            before = problem_objective(&p);
        }
        problem_discard(&p);
    }
}

/* What pivoting starts from does not matter where the solution is unique; zero rows become zero at once. */
static void bpp_forgets_its_start(void **state)
{
    (void)state;
    problem a = problem_make(40, 7, 1), b = problem_make(40, 7, 1);
    memset(a.X, 0, (size_t)(40 * a.ldx) * sizeof(double));
    memset(a.R + 7 * 7, 0, 7 * sizeof(double));
    memset(b.R + 7 * 7, 0, 7 * sizeof(double));
    const pw_problem qa = problem_quadratic(&a), qb = problem_quadratic(&b);
    pw_bpp_update(&qa);
    pw_bpp_update(&qb);
    assert_same(40 * a.ldx, a.X, b.X, 1e-11);
    for (int c = 0; c < 7; c++)
        assert_true(b.X[7 * b.ldx + c] == 0);
    problem_discard(&a);
    problem_discard(&b);
}

/* An entry that R's rounding hides is zero; the same entry stands where R is exact. */
static void bpp_leaves_no_entry_to_rounding(void **state)
{
    (void)state;
    for (int exact = 0; exact < 2; exact++) {
        double G[] = {1, 0, 0, 1}, R[] = {1, 1e-7}, X[] = {1, 1}, l1[2] = {0}, residual[2] = {0};
        double *work = calloc((size_t)problem_work(2), sizeof(double));
        const pw_problem p = {.rows = 1,
                              .k = 2,
                              .X = X,
                              .ldx = 2,
                              .R = R,
                              .ldr = 2,
                              .G = G,
                              .l1 = l1,
                              .rounding = exact ? DBL_EPSILON : FLT_EPSILON,
                              .work = work,
                              .residual = residual};
        pw_bpp_update(&p);
        assert_true(fabs(X[0] - 1) < 1e-12 && (exact ? fabs(X[1] - 1e-7) < 1e-19 : X[1] == 0));
        free(work);
    }
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
        cmocka_unit_test(bpp_is_its_twin),
        cmocka_unit_test(ratio_is_its_twin),
        cmocka_unit_test(ccd_is_its_twin),
        cmocka_unit_test(ccd_finds_the_least),
        cmocka_unit_test(residual_is_its_twin),
        cmocka_unit_test(residual_vanishes_at_the_solution),
        cmocka_unit_test(dead_component_gives_no_nan),
        cmocka_unit_test(zero_rows_become_zero),
        cmocka_unit_test(bpp_solves_in_one_update),
        cmocka_unit_test(bpp_solves_singular_problems),
        cmocka_unit_test(bpp_forgets_its_start),
        cmocka_unit_test(bpp_leaves_no_entry_to_rounding),
        cmocka_unit_test(inner_iterations_have_bounds),
    };
    return RUN_IN_BOTH_WIDTHS(tests);
}
