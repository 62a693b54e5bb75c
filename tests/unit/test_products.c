/* The products against their naive twins: every type, both storages, both precisions, threads, odd shapes. */
#include "base/random.h"
#include "matrix/products.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static const pw_type LAST_TYPE = PW_F64;

static double draw(uint32_t what, int64_t row, int64_t column)
{
    return pw_random_uniform((pw_random_key){.seed = 9, .model = what}, row, (uint32_t)column);
}

/* A whole number 0 … 100, zero with probability 1 − density: exact in every type. */
static double entry(int64_t row, int64_t column, double density)
{
    return draw(1, row, column) < density ? floor(1 + 100 * draw(2, row, column)) : 0;
}

static pw_matrix make_dense(int64_t rows, int64_t cols, pw_type type)
{
    pw_matrix V = {.rows = rows, .cols = cols, .count = rows, .type = type};
    V.values = calloc((size_t)(rows * cols) + 1, 8);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++) {
            const double value = entry(i, j, 0.5);
            pw_narrow(type, &value, 1, V.values, i * cols + j);
        }
    return V;
}

static pw_matrix make_sparse(int64_t rows, int64_t cols, pw_type type, double density)
{
    pw_matrix V = {.rows = rows, .cols = cols, .count = rows, .type = type, .sparse = true};
    V.values = calloc((size_t)(rows * cols) + 1, 8);
    V.column = calloc((size_t)(rows * cols) + 1, sizeof *V.column);
    V.row_pointer = calloc((size_t)rows + 1, sizeof *V.row_pointer);
    int64_t entries = 0;
    for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < cols; j++) {
            const double value = entry(i, j, density);
            if (value == 0)
                continue;
            pw_narrow(type, &value, 1, V.values, entries);
            V.column[entries++] = (uint32_t)j;
        }
        V.row_pointer[i + 1] = entries;
    }
    return V;
}

static double *random_factor(uint32_t what, int64_t rows, int K)
{
    double *X = calloc((size_t)(rows * K) + 1, sizeof *X);
    for (int64_t i = 0; i < rows; i++)
        for (int c = 0; c < K; c++)
            X[i * K + c] = draw(what, i, c);
    return X;
}

static void assert_close(int64_t count, const double *a, const double *b, double tolerance)
{
    double largest = 0;
    for (int64_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(b[i]));
    for (int64_t i = 0; i < count; i++)
        if (!(fabs(a[i] - b[i]) <= tolerance * largest))
            fail_msg("element %lld: %.17g and %.17g", (long long)i, a[i], b[i]);
}

static void sweep_thread(pw_products *products, const pw_source *source, double *R, const double *W)
{
    const int t = omp_get_thread_num(), threads = products->threads;
    for (int64_t b = 0; b < source->tiles; b++) {
        const pw_tile tile = pw_source_tile(source, b);
        pw_products_times_h(products, &tile, t, pw_share(tile.rows, threads, t),
                            pw_share(tile.rows, threads, t + 1), R + tile.first * products->K);
#pragma omp barrier
        pw_products_times_w(products, &tile, t, W + tile.first * products->K);
    }
    pw_products_end(products, t);
}

/* Both products over all tiles, twice (a second sweep must not remember the first), and their twins. */
static void check(pw_matrix *V, int K, pw_precision precision, int threads, double tolerance)
{
    const pw_source source = pw_source_of(V, threads);
    double *H = random_factor(3, V->cols, K), *W = random_factor(4, V->rows, K);
    double *R = random_factor(5, V->rows, K), *P = random_factor(6, V->cols, K);
    double *R_ref = random_factor(7, V->rows, K), *P_ref = calloc((size_t)(V->cols * K) + 1, 8);
    pw_products products;
    assert_int_equal(pw_products_create(&source, K, precision, 0.4, threads, &products), PW_OK);
    for (int repeat = 0; repeat < 2; repeat++) {
        pw_products_begin(&products, H, P);
#pragma omp parallel num_threads(threads)
        sweep_thread(&products, &source, R, W);
    }
    for (int64_t b = 0; b < source.tiles; b++) {
        const pw_tile tile = pw_source_tile(&source, b);
        pw_products_times_h_ref(&tile, K, H, R_ref + tile.first * K);
        pw_products_times_w_ref(&tile, K, W + tile.first * K, P_ref);
    }
    assert_close(V->rows * K, R, R_ref, tolerance);
    assert_close(V->cols * K, P, P_ref, tolerance);
    pw_products_destroy(&products);
    free(H);
    free(W);
    free(R);
    free(P);
    free(R_ref);
    free(P_ref);
    pw_matrix_destroy(V);
}

static void both_precisions(pw_matrix (*make)(int64_t, int64_t, pw_type), int64_t rows,
                            int64_t cols, pw_type type, int K, int threads)
{
    pw_matrix V = make(rows, cols, type);
    check(&V, K, PW_PRECISION_DOUBLE, threads, 1e-13);
    V = make(rows, cols, type);
    check(&V, K, PW_PRECISION_SINGLE, threads, 2e-6);
}

static pw_matrix make_tenth(int64_t rows, int64_t cols, pw_type type)
{
    return make_sparse(rows, cols, type, 0.1);
}

static void dense_every_type(void **state)
{
    (void)state;
    for (pw_type type = 0; type <= LAST_TYPE; type++)
        both_precisions(make_dense, 45, 70, type, 5, 1);
}

static void sparse_every_type(void **state)
{
    (void)state;
    for (pw_type type = 0; type <= LAST_TYPE; type++)
        both_precisions(make_tenth, 45, 70, type, 5, 1);
}

static void sparse_of_ones(void **state)
{
    (void)state;
    pw_matrix V = make_sparse(30, 40, PW_F64, 0.2);
    free(V.values);
    V.values = NULL;
    V.type = PW_ONE;
    check(&V, 3, PW_PRECISION_DOUBLE, 1, 1e-13);
}

static void odd_shapes_and_threads(void **state)
{
    (void)state;
    static const int64_t SHAPES[][2] = {{1, 1}, {1, 50}, {50, 1}, {0, 7}, {2100, 33}, {40, 2500}};
    for (size_t s = 0; s < sizeof SHAPES / sizeof *SHAPES; s++)
        for (int threads = 1; threads <= 3; threads++) {
            both_precisions(make_dense, SHAPES[s][0], SHAPES[s][1], PW_U16, 4, threads);
            both_precisions(make_dense, SHAPES[s][0], SHAPES[s][1], PW_F32, 4, threads);
            both_precisions(make_tenth, SHAPES[s][0], SHAPES[s][1], PW_F32, 4, threads);
        }
}

/* Float sums fold into double ones often enough: a million equal terms lose nothing to speak of. */
static void long_float_sums_keep_their_digits(void **state)
{
    (void)state;
    enum { ROWS = 200000 };
    pw_matrix V = {.rows = ROWS, .cols = 2, .count = ROWS, .type = PW_F32};
    float *values = calloc(2 * ROWS, sizeof *values);
    for (int64_t i = 0; i < 2 * ROWS; i++)
        values[i] = 0.1f;
    V.values = values;
    check(&V, 3, PW_PRECISION_SINGLE, 1, 2e-6);
}

static void precision_follows_the_type(void **state)
{
    (void)state;
    assert_int_equal(pw_precision_for(PW_U8), PW_PRECISION_SINGLE);
    assert_int_equal(pw_precision_for(PW_F32), PW_PRECISION_SINGLE);
    assert_int_equal(pw_precision_for(PW_ONE), PW_PRECISION_SINGLE);
    assert_int_equal(pw_precision_for(PW_I32), PW_PRECISION_DOUBLE);
    assert_int_equal(pw_precision_for(PW_F64), PW_PRECISION_DOUBLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dense_every_type),
        cmocka_unit_test(sparse_every_type),
        cmocka_unit_test(sparse_of_ones),
        cmocka_unit_test(odd_shapes_and_threads),
        cmocka_unit_test(long_float_sums_keep_their_digits),
        cmocka_unit_test(precision_follows_the_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
