/* Poisson numbers against the distribution, whose probabilities are summed up in long double. */
#include "base/poisson.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { DRAWS = 100000, CLASSES = 40 };

static double draw(int64_t i, double mean)
{
    const pw_random_key key = {.seed = 11, .stream = PW_RANDOM_PERTURB};
    return pw_random_poisson(key, i, (uint32_t)(i % 7), mean);
}

static long double probability(double x, long double mean)
{
    return expl(x * logl(mean) - mean - lgammal(x + 1));
}

/* Classes of at least 1/CLASSES each, from the least number on: their upper ends and probabilities. */
static int make_classes(double mean, double end[], double share[])
{
    long double sum = 0;
    int count = 0;
    const double first = floor(fmax(0, mean - 12 * sqrt(mean) - 12));
    for (double x = first; count < CLASSES && x < mean + 12 * sqrt(mean) + 12; x++) {
        sum += probability(x, mean);
        if (sum < 1.0L / CLASSES)
            continue;
        end[count] = x;
        share[count++] = (double)sum;
        sum = 0;
    }
    end[count] = INFINITY;
    share[count] = (double)sum;
    return count + 1;
}

/* With f degrees of freedom X² has mean f and variance 2 f. */
static void check_classes(double mean)
{
    double end[CLASSES + 1], share[CLASSES + 1], square = 0;
    int64_t seen[CLASSES + 1] = {0};
    int classes = make_classes(mean, end, share);
    for (int64_t i = 0; i < DRAWS; i++) {
        const double x = draw(i, mean);
        int c = 0;
        while (x > end[c])
            c++;
        seen[c]++;
    }
    if (DRAWS * share[classes - 1] < 5) { /* too few for a class of their own */
        share[classes - 2] += share[classes - 1];
        seen[classes - 2] += seen[classes - 1];
        classes--;
    }
    for (int c = 0; c < classes; c++) {
        const double expected = DRAWS * share[c], error = (double)seen[c] - expected;
        square += error * error / expected;
    }
    const double freedom = classes - 1;
    if (fabs(square - freedom) > 5 * sqrt(2 * freedom))
        fail_msg("mean %g: X² = %g for %g degrees of freedom", mean, square, freedom);
}

static void numbers_have_their_distribution(void **state)
{
    (void)state;
    const double means[] = {0.01, 0.5, 3, 9.99, 10, 12, 40, 333.3, 1e4};
    for (size_t i = 0; i < sizeof means / sizeof *means; i++)
        check_classes(means[i]);
}

static void large_numbers_have_their_moments(void **state)
{
    (void)state;
    const double means[] = {1e3, 1e6, 1e10, 1e15, 1e16};
    for (size_t m = 0; m < sizeof means / sizeof *means; m++) {
        double sum = 0, squares = 0, cubes = 0;
        for (int64_t i = 0; i < DRAWS; i++) {
            const double x = draw(i, means[m]), z = (x - means[m]) / sqrt(means[m]);
            assert_true(x == floor(x));
            sum += z;
            squares += z * z;
            cubes += z * z * z;
        }
        assert_true(fabs(sum) < 4 * sqrt(DRAWS));
        assert_true(fabs(squares / DRAWS - 1) < 4 * sqrt(2.0 / DRAWS));
        assert_true(fabs(cubes / DRAWS - 1 / sqrt(means[m])) < 4 * sqrt(15.0 / DRAWS));
    }
}

static void what_cannot_vary_does_not(void **state)
{
    (void)state;
    for (int64_t i = 0; i < 1000; i++) {
        assert_true(draw(i, 0) == 0);
        assert_true(draw(i, 1e-300) == 0);
        assert_true(draw(i, 8.3) == draw(i, 8.3) && draw(i, 83) == draw(i, 83));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_their_distribution),
        cmocka_unit_test(large_numbers_have_their_moments),
        cmocka_unit_test(what_cannot_vary_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
