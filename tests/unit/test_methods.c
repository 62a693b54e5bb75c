/* What every method of the registry promises, whichever sums it takes; a new one is tested as it stands there. */
#include "support/problem.h"
#include "support/widths.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const pw_sums QUADRATIC[] = {PW_SUMS_GRAM, PW_SUMS_IMPUTED};

static bool takes(const pw_method *method, pw_sums sums)
{
    return method->frobenius == sums || method->missing == sums || method->kl == sums ||
           method->beta == sums;
}

static bool is_quadratic(const pw_method *method)
{
    return takes(method, QUADRATIC[0]) || takes(method, QUADRATIC[1]);
}

static pw_problem as_problem(const problem *p, bool ratio)
{
    return ratio ? problem_ratio(p, true, 1) : problem_quadratic(p);
}

/* Calls check(method, whether its sums are those of a ratio) for all that take R and G, or N and D. */
static void for_methods(void (*check)(const pw_method *method, bool ratio))
{
    int checked = 0;
    for (int m = 1; m < PW_METHOD_COUNT; m++) {
        const pw_method *method = pw_method_at(m);
        if (is_quadratic(method))
            check(method, false);
        if (takes(method, PW_SUMS_RATIO))
            check(method, true);
        checked += is_quadratic(method) + takes(method, PW_SUMS_RATIO);
    }
    assert_true(checked >= 4);
}

static void check_fixed(const pw_method *method, bool ratio)
{
    enum { ROWS = 40, K = 6, FIXED = 4 };
    problem before = problem_make(ROWS, K, 3), after = problem_make(ROWS, K, 3);
    after.fixed = FIXED;
    const pw_problem q = as_problem(&after, ratio);
    bool moves = false;
    method->update(&q);
    for (int64_t i = 0; i < ROWS * after.ldx; i++) {
        const bool free = i % after.ldx >= FIXED && i % after.ldx < K;
        moves = moves || after.X[i] != before.X[i];
        if (!free && after.X[i] != before.X[i])
            fail_msg("%s moves what is fixed: element %lld", method->name, (long long)i);
    }
    assert_true(moves);
    for (int c = 0; c < K; c++)
        assert_true(c < FIXED ? after.residual[c] == 0 : after.residual[c] > 0);
    problem_discard(&before);
    problem_discard(&after);
}

static void fixed_components_stay(void **state)
{
    (void)state;
    for_methods(check_fixed);
}

/* A row's result does not depend on its neighbours in the block. */
static void check_rows(const pw_method *method, bool ratio)
{
    enum { ROWS = 300 };
    problem whole = problem_make(ROWS, 9, 4), alone = problem_make(ROWS, 9, 4);
    const pw_problem q = as_problem(&whole, ratio);
    method->update(&q);
    for (int64_t i = 0; i < ROWS; i++) {
        pw_problem row = as_problem(&alone, ratio);
        row.rows = 1;
        row.X += i * row.ldx;
        row.R += ratio ? 0 : i * row.ldr;
        row.N += ratio ? i * row.ldn : 0;
        method->update(&row);
    }
    if (memcmp(whole.X, alone.X, (size_t)(ROWS * whole.ldx) * sizeof(double)) != 0)
        fail_msg("%s: rows depend on each other", method->name);
    for (int c = 0; c < 9; c++)
        assert_true(fabs(whole.residual[c] - alone.residual[c]) <= 1e-12 * whole.residual[c]);
    problem_discard(&whole);
    problem_discard(&alone);
}

static void rows_are_independent(void **state)
{
    (void)state;
    for_methods(check_rows);
}

static void assert_numbers(const pw_method *method, const problem *p)
{
    for (int64_t i = 0; i < p->rows * p->ldx; i++)
        if (!(p->X[i] >= 0 && isfinite(p->X[i])))
            fail_msg("%s: element %lld of X becomes %g", method->name, (long long)i, p->X[i]);
    for (int c = 0; c < p->k; c++)
        if (!(p->residual[c] >= 0 && isfinite(p->residual[c])))
            fail_msg("%s: residual %d is %g", method->name, c, p->residual[c]);
}

/* Rows of V of zeros, a component that the other factor has lost, rows of X of zeros; then no penalties, and no rows. */
static void check_zeros(const pw_method *method, bool ratio)
{
    enum { ROWS = 40, K = 5 };
    for (int without = 0; without < 2; without++) {
        problem p = problem_make(ROWS, K, 3);
        memset(p.R + 7 * K, 0, K * sizeof(double));
        memset(p.X + 7 * p.ldx, 0, (size_t)p.ldx * sizeof(double));
        memset(p.X + 9 * p.ldx, 0, (size_t)p.ldx * sizeof(double));
        for (int c = 0; c < K; c++)
            p.G[K + c] = p.G[c * K + 1] = p.D[1] = 0;
        for (int64_t i = 0; i < ROWS; i++)
            p.R[i * K + 1] = 0;
        if (without)
            memset(p.l1, 0, K * sizeof(double));
        pw_problem q = as_problem(&p, ratio);
        for (int i = 0; i < 30; i++)
            method->update(&q);
        assert_numbers(method, &p);
        for (int c = 0; c < K; c++)
            assert_true(p.X[7 * p.ldx + c] == 0);
        q.rows = 0;
        method->update(&q);
        problem_discard(&p);
    }
}

static void zeros_give_no_nan(void **state)
{
    (void)state;
    for_methods(check_zeros);
}

/* Each entry's residual is that of the gradient which it sees. With one free component that is the gradient on entry. */
static void check_residual(const pw_method *method, bool ratio)
{
    enum { K = 5 };
    for (int k = 1; k <= K; k += K - 1) {
        problem a = problem_make(70, k, 4), b = problem_make(70, k, 4);
        a.fixed = b.fixed = k - 1;
        const pw_problem qa = as_problem(&a, ratio), qb = as_problem(&b, ratio);
        method->update(&qa);
        pw_problem_residual(&qb);
        if (!(fabs(a.residual[k - 1] - b.residual[k - 1]) <= 1e-10 * b.residual[k - 1]))
            fail_msg("%s: residual is %g instead of %g", method->name, a.residual[k - 1],
                     b.residual[k - 1]);
        problem_discard(&a);
        problem_discard(&b);
    }
}

/* Repeats do not add to it. */
static void check_repeats(const pw_method *method, bool ratio)
{
    enum { K = 5 };
    problem once = problem_make(70, K, 1), often = problem_make(70, K, 4);
    const pw_problem q = as_problem(&once, ratio), repeated = as_problem(&often, ratio);
    method->update(&q);
    method->update(&repeated);
    for (int c = 0; c < K; c++)
        if (!(fabs(often.residual[c] - once.residual[c]) <= 1e-10 * once.residual[c]))
            fail_msg("%s: repeats change residual %d", method->name, c);
    problem_discard(&once);
    problem_discard(&often);
}

static void residual_is_that_on_entry(void **state)
{
    (void)state;
    for_methods(check_residual);
    for_methods(check_repeats);
}

/* Both end where they began: an update at the solution. */
static void residual_vanishes_at_the_solution(void **state)
{
    (void)state;
    for (int m = 1; m < PW_METHOD_COUNT; m++) {
        const pw_method *method = pw_method_at(m);
        if (!is_quadratic(method))
            continue;
        problem p = problem_make(20, 6, 3);
        pw_problem q = as_problem(&p, false);
        pw_bpp_update(&q);
        double *X = calloc((size_t)(20 * p.ldx), sizeof(double));
        memcpy(X, p.X, (size_t)(20 * p.ldx) * sizeof(double));
        memset(p.residual, 0, 6 * sizeof(double));
        method->update(&q);
        for (int64_t i = 0; i < 20 * p.ldx; i++)
            if (!(fabs(X[i] - p.X[i]) <= 1e-10))
                fail_msg("%s leaves the solution: %g becomes %g", method->name, X[i], p.X[i]);
        for (int c = 0; c < 6; c++)
            assert_true(p.residual[c] < 1e-16);
        free(X);
        problem_discard(&p);
    }
}

/* Without penalties and with them, whole or with given components, any number of repeats. */
static void check_objective(const pw_method *method, int fixed, int inner, bool penalised)
{
    problem p = problem_make(50, 8, inner);
    p.fixed = fixed;
    for (int c = 0; c < 8 && !penalised; c++)
        p.l1[c] = 0;
    const pw_problem q = as_problem(&p, false);
    double before = problem_objective(&p);
    const double first = before;
    for (int i = 0; i < 30; i++) {
        method->update(&q);
        const double now = problem_objective(&p);
        if (!(now <= before + 1e-12 * fabs(before)))
            fail_msg("%s raises the objective from %.17g to %.17g", method->name, before, now);
        before = now;
    }
    assert_true(before < first);
    problem_discard(&p);
}

static void objective_never_rises(void **state)
{
    int checked = 0;
    (void)state;
    for (int m = 1; m < PW_METHOD_COUNT; m++) {
        const pw_method *method = pw_method_at(m);
        if (!is_quadratic(method) || !(method->traits & PW_MONOTONE))
            continue;
        for (int variant = 0; variant < 8; variant++)
            check_objective(method, variant & 1 ? 3 : 0, variant & 2 ? 1 : 4, variant & 4);
        checked++;
    }
    assert_true(checked >= 3);
}

/* Names are words that options can be given, and no two are the same; a method serves some loss. */
static void registry_is_whole(void **state)
{
    (void)state;
    for (int m = 1; m < PW_METHOD_COUNT; m++) {
        const pw_method *method = pw_method_at(m);
        assert_int_equal(strspn(method->name, "abcdefghijklmnopqrstuvwxyz0123456789-"),
                         strlen(method->name));
        assert_true(*method->text && method->copies >= 1 && method->work(3) >= 0);
        assert_false(takes(method, PW_SUMS_NONE) && method->frobenius == PW_SUMS_NONE &&
                     method->missing == PW_SUMS_NONE && method->kl == PW_SUMS_NONE &&
                     method->beta == PW_SUMS_NONE);
        for (int other = 0; other < m; other++)
            assert_string_not_equal(pw_method_at(other)->name, method->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registry_is_whole),
        cmocka_unit_test(fixed_components_stay),
        cmocka_unit_test(rows_are_independent),
        cmocka_unit_test(zeros_give_no_nan),
        cmocka_unit_test(residual_is_that_on_entry),
        cmocka_unit_test(residual_vanishes_at_the_solution),
        cmocka_unit_test(objective_never_rises),
    };
    return RUN_IN_BOTH_WIDTHS(tests);
}
