/* The products of long and thin matrices, by every kind that this processor runs, against three loops. */
#include "linalg/skinny.h"

#include "base/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum {
    MOST_M = 33,
    MOST_P = 300,
    MOST_K = 260,
    GAP = 3,
    MOST_FIRST = 5
}; /* GAP: that leading dimensions leave */

static const int64_t MS[] = {1, 2, 6, 7, 10, 14, 33}, PS[] = {1, 255, 256, 300};
static const int64_t KS[] = {1,  2,  3,  4,  5,  7,  8,  9,  12, 15,  16,  17,  24, 25,
                             31, 33, 48, 50, 56, 60, 63, 64, 65, 100, 129, 256, 260};

static double A[MOST_P * (MOST_P + GAP)], B[MOST_P * (MOST_K + GAP)], C[MOST_M * (MOST_K + GAP)];
static float A_float[MOST_P * (MOST_P + GAP)], B_float[MOST_P * (MOST_K + GAP)],
    C_float[MOST_M * (MOST_K + GAP)];

static double draw(uint32_t what, int64_t i)
{
    return pw_random_uniform((pw_random_key){.seed = 4, .model = what}, i, 0);
}

static void fill(uint32_t what, size_t count, double *x, float *x_float)
{
    for (size_t i = 0; i < count; i++)
        x[i] = x_float[i] = (float)draw(what, (int64_t)i);
}

static double expected(bool transpose, int64_t i, int64_t c, int64_t p, int64_t lda, int64_t ldb)
{
    double sum = 0;
    for (int64_t t = 0; t < p; t++)
        sum += (transpose ? A[t * lda + i] : A[i * lda + t]) * B[t * ldb + c];
    return sum;
}

/* What stands in C is added to, what stands in its gaps stays. */
static void check(bool transpose, int64_t m, int64_t k, int64_t p)
{
    const int64_t lda = (transpose ? m : p) + GAP, ldb = k + GAP, ldc = k + GAP;
    for (int64_t i = 0; i < m * ldc; i++)
        C[i] = C_float[i] = 7;
    pw_skinny_double(transpose, m, k, p, A, lda, B, ldb, C, ldc);
    pw_skinny_float(transpose, m, k, p, A_float, lda, B_float, ldb, C_float, ldc);
    for (int64_t i = 0; i < m * ldc; i++) {
        const bool gap = i % ldc >= k;
        const double wanted = 7 + (gap ? 0 : expected(transpose, i / ldc, i % ldc, p, lda, ldb));
        if (fabs(C[i] - wanted) > (gap ? 0 : 1e-13 * wanted) ||
            fabs(C_float[i] - wanted) > (gap ? 0 : 1e-5 * wanted))
            fail_msg("%s, transpose %d, m %d, k %d, p %d, element %d: %.15g and %.7g, not %.15g",
                     pw_skinny_name(pw_skinny_kind()), transpose, (int)m, (int)k, (int)p, (int)i,
                     C[i], (double)C_float[i], wanted);
    }
}

/* Rows from a place within a packed B give the bits that the same rows give as they are. */
static void check_packed(int64_t m, int64_t k, int64_t p, int64_t first)
{
    const int64_t lda = p + GAP, ldb = k + GAP, ldc = k + GAP, rows = first + p + 2;
    const int64_t width = pw_skinny_packed_width(k, sizeof *B);
    const int64_t width_float = pw_skinny_packed_width(k, sizeof *B_float);
    static double wanted[MOST_M * (MOST_K + GAP)];
    static float wanted_float[MOST_M * (MOST_K + GAP)];
    _Alignas(PW_SKINNY_ALIGNED) static double packed[(MOST_P + MOST_FIRST + 2) * MOST_K];
    _Alignas(PW_SKINNY_ALIGNED) static float packed_float[(MOST_P + MOST_FIRST + 2) * MOST_K];
    if (width == 0) {
        assert_int_equal(width_float, 0);
        return;
    }
    assert_in_range(width, k, k + 7);
    assert_in_range(width_float, k, k + 15);
    memset(packed, 0xff,
           sizeof packed); /* NaN: neither padding nor other rows are left as they were */
    memset(packed_float, 0xff, sizeof packed_float);
    for (int64_t from = 0, count; from < p; from += count) { /* in two steps */
        count = from == 0 && p > 1 ? p / 2 : p - from;
        pw_skinny_pack_double(k, rows, first + from, count, B + from * ldb, ldb, packed);
        pw_skinny_pack_float(k, rows, first + from, count, B_float + from * ldb, ldb, packed_float);
    }
    for (int64_t i = 0; i < m * ldc; i++)
        C[i] = C_float[i] = wanted[i] = wanted_float[i] = 7;
    pw_skinny_double(false, m, k, p, A, lda, B, ldb, wanted, ldc);
    pw_skinny_float(false, m, k, p, A_float, lda, B_float, ldb, wanted_float, ldc);
    pw_skinny_packed_double(m, k, p, A, lda, (pw_skinny_packed){packed, rows, first}, C, ldc);
    pw_skinny_packed_float(m, k, p, A_float, lda, (pw_skinny_packed){packed_float, rows, first},
                           C_float, ldc);
    assert_memory_equal(C, wanted, (size_t)(m * ldc) * sizeof *C);
    assert_memory_equal(C_float, wanted_float, (size_t)(m * ldc) * sizeof *C_float);
}

static void test_every_kind(void **state)
{
    (void)state;
    const pw_skinny own = pw_skinny_kind();
    int kinds = 0;
    fill(1, sizeof A / sizeof *A, A, A_float);
    fill(2, sizeof B / sizeof *B, B, B_float);
    for (pw_skinny kind = 0; kind <= PW_SKINNY_BLAS; kind++) {
        if (!pw_skinny_choose(kind))
            continue;
        kinds++;
        assert_int_equal(pw_skinny_kind(), kind);
        for (size_t k = 0; k < sizeof KS / sizeof *KS; k++)
            for (size_t m = 0; m < sizeof MS / sizeof *MS; m++) {
                for (int transpose = 0; transpose < 2; transpose++)
                    check(transpose, MS[m], KS[k], PS[(k + m) % 4]);
                check_packed(MS[m], KS[k], PS[(k + m) % 4], (int64_t)(k + m) % MOST_FIRST);
            }
    }
    assert_true(kinds >= 1);
    assert_true(pw_skinny_choose(own));
}

static void test_a_kind_of_other_processors(void **state)
{
    (void)state;
    const pw_skinny own = pw_skinny_kind();
#if defined __x86_64__
    assert_false(pw_skinny_choose(PW_SKINNY_NEON));
#else
    assert_false(pw_skinny_choose(PW_SKINNY_AVX512));
#endif
    assert_int_equal(pw_skinny_kind(), own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind),
        cmocka_unit_test(test_a_kind_of_other_processors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
