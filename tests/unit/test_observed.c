/* The kernels over observed entries against sums over a dense matrix with holes. */
#include "base/random.h"
#include "matrix/observed.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum {
    ROWS = 70,
    COLS = 1300,
    K = 3,
    CELLS = ROWS * COLS
}; /* a row is read in more than one piece */

static double draw(uint32_t what, int64_t row, int64_t column)
{
    return pw_random_uniform((pw_random_key){.seed = 4, .model = what}, row, (uint32_t)column);
}

static bool is_observed(int64_t row, int64_t column)
{
    return row != 5 && column != 7 && draw(0, row, column) < (row == 11 ? 1 : 0.2);
}

/* Dense V with NaN where nothing is observed; the same sparse, with some NaN stored; sparse, nothing to leave out. */
typedef enum storage { DENSE, SPARSE_WITH_HOLES, SPARSE } storage;

static pw_matrix make(storage how)
{
    pw_matrix V = {
        .rows = ROWS, .cols = COLS, .count = ROWS, .type = PW_F64, .sparse = how != DENSE};
    double *values = calloc(CELLS, sizeof *values);
    int64_t entries = 0;
    V.missing = PW_MISSING_NAN;
    V.only_stored = V.sparse;
    if (V.sparse) {
        V.column = calloc(CELLS, sizeof *V.column);
        V.row_pointer = calloc(ROWS + 1, sizeof *V.row_pointer);
    }
    for (int64_t i = 0; i < ROWS; i++) {
        for (int64_t j = 0; j < COLS; j++) {
            const bool there = is_observed(i, j), hole = how == SPARSE_WITH_HOLES && j % 3 == 0;
            if (how != DENSE && !there && !hole)
                continue;
            if (V.sparse)
                V.column[entries] = (uint32_t)j;
            values[entries++] = there ? draw(1, i, j) : NAN;
        }
        if (V.sparse)
            V.row_pointer[i + 1] = entries;
    }
    V.values = values;
    return V;
}

static double *vector(uint32_t what, int64_t count)
{
    double *x = calloc((size_t)count, sizeof *x);
    for (int64_t i = 0; i < count; i++)
        x[i] = i % 6 ? draw(what, i, 0) : 0;
    return x;
}

static pw_model make_model(void)
{
    pw_model model = {
        .k = K, .distributed = vector(2, ROWS * K), .replicated = vector(3, COLS * K)};
    model.bias =
        (pw_bias){.distributed = vector(4, ROWS), .replicated = vector(5, COLS), .offset = 0.5};
    return model;
}

/* r at every cell, NaN where nothing is observed. */
static double *spread(const pw_observed *e)
{
    double *R = malloc(CELLS * sizeof *R);
    for (int64_t i = 0; i < CELLS; i++)
        R[i] = NAN;
    for (int64_t i = 0; i < ROWS; i++)
        for (int64_t q = e->row_pointer[i]; q < e->row_pointer[i + 1]; q++)
            R[i * COLS + e->column[q]] = e->R[q];
    return R;
}

static void assert_close(double a, double b)
{
    if (!(fabs(a - b) <= 1e-11 * (1 + fabs(b))))
        fail_msg("%.17g and %.17g", a, b);
}

static void start(storage how, pw_matrix *V, pw_model *model, pw_observed *e)
{
    *V = make(how);
    *model = make_model();
    assert_int_equal(pw_observed_find(V, false, e), PW_OK);
    assert_int_equal(pw_observed_allocate(e), PW_OK);
    assert_true((e->own_pointer == NULL) == (how == SPARSE));
    pw_observed_subtract_model(e, model, 0, 33);
    pw_observed_subtract_model(e, model, 33, ROWS);
}

static void finish(pw_matrix *V, pw_model *model, pw_observed *e)
{
    pw_observed_destroy(e);
    pw_model_destroy(model);
    pw_matrix_destroy(V);
}

static void residual_is_what_the_model_leaves(void **state)
{
    (void)state;
    for (storage how = DENSE; how <= SPARSE; how++) {
        pw_matrix V;
        pw_model m;
        pw_observed e;
        start(how, &V, &m, &e);
        double *R = spread(&e), sum = 0, squares = 0;
        pw_observed_add_up(&e, 0, ROWS, &sum, &squares);
        pw_observed_read(&e, 0, ROWS);
        assert_close(pw_observed_squared_error(&e, &m, 0, 33) +
                         pw_observed_squared_error(&e, &m, 33, ROWS),
                     squares);
        for (int64_t i = 0; i < ROWS; i++)
            for (int64_t j = 0; j < COLS; j++) {
                double model = m.bias.offset + m.bias.distributed[i] + m.bias.replicated[j];
                for (int c = 0; c < K; c++)
                    model += m.distributed[i * K + c] * m.replicated[j * K + c];
                assert_true(isnan(R[i * COLS + j]) == !is_observed(i, j));
                if (is_observed(i, j))
                    assert_close(R[i * COLS + j], draw(1, i, j) - model);
            }
        free(R);
        finish(&V, &m, &e);
    }
}

static void sums_are_those_of_the_cells(void **state)
{
    (void)state;
    for (int ones = 0; ones < 2; ones++) {
        pw_matrix V;
        pw_model m;
        pw_observed e;
        start(SPARSE_WITH_HOLES, &V, &m, &e);
        const pw_component x = {.x = ones ? NULL : m.distributed + 1, .step = K};
        double *y = vector(8, COLS), *R = spread(&e), N[ROWS], D[ROWS], sum = 0, squares = 0;
        double *columns = calloc(2 * COLS, sizeof *columns), right_sum = 0, right_squares = 0;
        double *right = calloc(2 * COLS, sizeof *right);
        pw_observed_row_sums(&e, 3, ROWS, x, y, N, D);
        pw_observed_column_sums(&e, 0, 20, x, columns);
        pw_observed_column_sums(&e, 20, ROWS, x, columns);
        pw_observed_add_up(&e, 0, ROWS, &sum, &squares);
        for (int64_t i = 0; i < ROWS; i++) {
            const double xi = ones ? 1 : m.distributed[i * K + 1];
            double n = 0, d = 0;
            for (int64_t j = 0; j < COLS; j++) {
                const double r = R[i * COLS + j];
                if (isnan(r))
                    continue;
                n += (r + xi * y[j]) * y[j];
                d += y[j] * y[j];
                right[2 * j] += r * xi;
                right[2 * j + 1] += xi * xi;
                right_sum += r;
                right_squares += r * r;
            }
            if (i >= 3) {
                assert_close(N[i - 3], n);
                assert_close(D[i - 3], d);
            }
        }
        for (int64_t j = 0; j < 2 * COLS; j++)
            assert_close(columns[j], right[j]);
        assert_close(sum, right_sum);
        assert_close(squares, right_squares);
        free(y);
        free(R);
        free(columns);
        free(right);
        finish(&V, &m, &e);
    }
}

static void shifts_are_rank_one(void **state)
{
    (void)state;
    for (int ones = 0; ones < 2; ones++) {
        pw_matrix V;
        pw_model m;
        pw_observed e;
        start(DENSE, &V, &m, &e);
        const pw_component x = {.x = ones ? NULL : m.distributed + 2, .step = K};
        double *y = vector(8, COLS), *dx = vector(9, 30), *before = spread(&e);
        pw_observed_shift_columns(&e, 0, ROWS, x, y);
        pw_observed_shift_rows(&e, 10, 40, dx, y);
        double *after = spread(&e);
        for (int64_t i = 0; i < ROWS; i++)
            for (int64_t j = 0; j < COLS; j++) {
                const double xi = ones ? 1 : m.distributed[i * K + 2];
                const double by = xi + (i >= 10 && i < 40 ? dx[i - 10] : 0);
                if (is_observed(i, j))
                    assert_close(after[i * COLS + j], before[i * COLS + j] - by * y[j]);
            }
        free(y);
        free(dx);
        free(before);
        free(after);
        finish(&V, &m, &e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(residual_is_what_the_model_leaves),
        cmocka_unit_test(sums_are_those_of_the_cells),
        cmocka_unit_test(shifts_are_rank_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
