/* The products against their naive twins: every type, both storages, both precisions, threads, odd shapes. */
#include "base/random.h"
#include "matrix/products.h"
#include "support/widths.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>

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

/* What a sweep is checked with. */
typedef struct sweep {
    pw_source source;
    pw_workspace workspace;
    pw_products products;
    double *H, *W, *P;
    double *R; /* tile behind tile, each with its parts */
} sweep;

static double *R_of(const sweep *s, const pw_tile *tile)
{
    return s->R + tile->first * s->products.width;
}

/* A thread's rows of R, part behind part, into those of the tile. */
static void put_rows(const sweep *s, const pw_tile *tile, int64_t from, int64_t to, const double *R)
{
    for (int q = 0; q < s->products.parts; q++) {
        const pw_part *part = &s->products.part[q];
        for (int64_t i = 0; i < (to - from) * part->width; i++)
            R_of(s, tile)[tile->rows * part->offset + from * part->width + i] =
                R[(to - from) * part->offset + i];
    }
}

static void sweep_thread(sweep *s)
{
    const int t = omp_get_thread_num(), threads = s->products.threads, K = s->products.K;
    for (int64_t b = 0; b < s->source.tiles; b++) {
        const pw_tile tile = pw_source_tile(&s->source, b);
        const double *W = s->W + tile.first * K;
        const int64_t from = pw_share(tile.rows, threads, t);
        const int64_t to = pw_share(tile.rows, threads, t + 1);
        double *R = random_factor(8, to - from, (int)s->products.width);
        pw_products_times_h(&s->products, &tile, t, from, to, W + from * K, R);
        put_rows(s, &tile, from, to, R);
        free(R);
        pw_workspace_take(&s->workspace, &tile, from, to);
        pw_products_take_w(&s->products, &tile, from, to, W + from * K);
#pragma omp barrier
        pw_products_times_w(&s->products, &tile, t, W);
    }
    pw_products_end(&s->products, t);
}

static void compare_with_twins(sweep *s, double tolerance)
{
    const int K = s->products.K;
    const int64_t n = s->source.V->cols;
    for (int which = 0; which < s->products.parts; which++) {
        const pw_part *part = &s->products.part[which];
        double *R = random_factor(7, s->source.tile_rows, (int)part->width);
        double *P = calloc((size_t)(n * part->width) + 1, sizeof *P);
        for (int64_t b = 0; b < s->source.tiles; b++) {
            const pw_tile tile = pw_source_tile(&s->source, b);
            const double *W = s->W + tile.first * K;
            pw_products_times_h_ref(&s->products, &tile, which, s->H, W, R);
            pw_products_times_w_ref(&s->products, &tile, which, s->H, W, P);
            assert_close(tile.rows * part->width, R_of(s, &tile) + tile.rows * part->offset, R,
                         tolerance);
        }
        assert_close(n * part->width, s->P + n * part->offset, P, tolerance);
        free(P);
        free(R);
    }
}

/* Σ of the loss over stored entries, the naive way. */
static double loss_ref(const sweep *s, pw_loss loss)
{
    const int K = s->products.K;
    double sum = 0;
    for (int64_t b = 0; b < s->source.tiles; b++) {
        const pw_tile tile = pw_source_tile(&s->source, b);
        for (int64_t r = 0; r < tile.rows; r++) {
            const int64_t from = tile.sparse ? tile.row_pointer[r] : 0;
            const int64_t to = tile.sparse ? tile.row_pointer[r + 1] : tile.cols;
            for (int64_t i = from; i < to; i++) {
                const int64_t j = tile.sparse ? tile.column[i] : i;
                double v, x = 0;
                pw_tile_read(&tile, r, i, 1, &v);
                for (int c = 0; c < K; c++)
                    x += s->W[(tile.first + r) * K + c] * s->H[j * K + c];
                sum += pw_loss_sum(&loss, 1, &v, &x);
            }
        }
    }
    return sum;
}

/* Both products over all tiles, twice (a second sweep must not remember the first), and their twins. */
static void check_request(const pw_matrix *V, pw_products_request request, int threads,
                          pw_precision precision, double tolerance)
{
    const int K = request.K;
    const int64_t width = pw_products_width(&request);
    sweep s = {.source = pw_source_of(V, threads)};
    request.precision = precision;
    request.typical = 0.4;
    s.H = random_factor(3, V->cols, K);
    s.W = random_factor(4, V->rows, K);
    s.R = random_factor(5, V->rows, (int)width);
    s.P = random_factor(6, V->cols, (int)width);
    assert_int_equal(pw_workspace_create(&s.source, threads, &s.workspace), PW_OK);
    assert_int_equal(pw_products_create(&s.workspace, &request, &s.products), PW_OK);
    for (int repeat = 0; repeat < 2; repeat++) {
        pw_products_begin(&s.products, s.H, s.P, repeat ? PW_MEASURE_COLUMNS : PW_MEASURE_ROWS);
#pragma omp parallel num_threads(threads)
        sweep_thread(&s);
        double sum = 0;
        for (int t = 0; t < threads; t++)
            sum += s.products.share[t].loss;
        if (request.terms != PW_TERMS_V)
            assert_close(1, &sum, &(double){loss_ref(&s, request.loss)}, tolerance);
    }
    compare_with_twins(&s, tolerance);
    pw_products_destroy(&s.products);
    pw_workspace_destroy(&s.workspace);
    free(s.H);
    free(s.W);
    free(s.R);
    free(s.P);
}

static void check(pw_matrix *V, int K, pw_precision precision, int threads, double tolerance)
{
    const pw_products_request request = {.K = K, .terms = PW_TERMS_V, .loss = {.beta = 2}};
    check_request(V, request, threads, precision, tolerance);
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
        for (int threads = 1; threads <= 16; threads += threads < 3 ? 1 : 13) {
            both_precisions(make_dense, SHAPES[s][0], SHAPES[s][1], PW_U16, 4, threads);
            both_precisions(make_dense, SHAPES[s][0], SHAPES[s][1], PW_F32, 4, threads);
            both_precisions(make_tenth, SHAPES[s][0], SHAPES[s][1], PW_F32, 4, threads);
        }
}

static pw_matrix make_most(int64_t rows, int64_t cols, pw_type type)
{
    return make_sparse(rows, cols, type, 0.9);
}

/* One vector or several, whole or not, more than are taken at once. */
static void sparse_every_width(void **state)
{
    (void)state;
    static const int WIDTHS[] = {1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 33, 50, 64, 65, 100, 127, 130};
    for (size_t i = 0; i < sizeof WIDTHS / sizeof *WIDTHS; i++) {
        const pw_loss loss = {.beta = 1, .least = 1e-10};
        pw_products_request request = {.K = WIDTHS[i], .terms = PW_TERMS_NUMERATOR, .loss = loss};
        pw_matrix V = make_tenth(70, 90, PW_F64);
        both_precisions(make_tenth, 70, 90, PW_U16, WIDTHS[i], 1 + (int)i % 3);
        request.curvature = i % 2 ? PW_OPERAND_SQUARES : PW_OPERAND_NONE;
        check_request(&V, request, 1 + (int)i % 2, PW_PRECISION_DOUBLE, 1e-12);
        check_request(&V, request, 1 + (int)i % 3, PW_PRECISION_SINGLE, 3e-5);
        pw_matrix_destroy(&V);
    }
}

/* Rows that are cut, and columns whose float sums have to be folded. */
static void sparse_long_rows_and_columns(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 2; threads++) {
        both_precisions(make_most, 5, 3000, PW_U16, 9, threads);
        both_precisions(make_most, 5000, 4, PW_U16, 9, threads);
        both_precisions(make_most, 300, 300, PW_U16, 3, threads);
    }
}

static double *sums_of(const pw_matrix *V, pw_products_request request, int threads,
                       int64_t tile_rows)
{
    const int K = request.K;
    const int64_t width = pw_products_width(&request);
    sweep s = {.source = pw_source_of(V, threads)};
    s.source.tile_rows = tile_rows;
    s.source.tiles = (V->count + tile_rows - 1) / tile_rows;
    s.H = random_factor(3, V->cols, K);
    s.W = random_factor(4, V->rows, K);
    s.R = random_factor(5, V->rows, (int)width);
    s.P = random_factor(6, V->cols, (int)width);
    assert_int_equal(pw_workspace_create(&s.source, threads, &s.workspace), PW_OK);
    assert_int_equal(pw_products_create(&s.workspace, &request, &s.products), PW_OK);
    pw_products_begin(&s.products, s.H, s.P, PW_MEASURE_NOT);
#pragma omp parallel num_threads(threads)
    sweep_thread(&s);
    pw_products_destroy(&s.products);
    pw_workspace_destroy(&s.workspace);
    free(s.H);
    free(s.W);
    free(s.R);
    return s.P;
}

/* Popular columns and unpopular ones, long rows, and rows of which most threads have nothing. */
static pw_matrix make_uneven(int64_t rows, int64_t cols, pw_type type)
{
    pw_matrix V = make_sparse(rows, cols, type, 1);
    int64_t entries = 0, from = 0;
    for (int64_t i = 0; i < rows; i++) {
        const int64_t end = V.row_pointer[i + 1];
        for (int64_t e = from; e < end; e++) {
            const int64_t j = V.column[e];
            const double share = i % 50 == 0 ? 0.9 : i % 5 == 0 ? 0 : 6.0 / (double)(j + 3);
            double value;
            pw_widen_to_double(type, V.values, e, 1, &value);
            if (draw(3, i, j) >= share)
                continue;
            pw_narrow(type, &value, 1, V.values, entries);
            V.column[entries++] = (uint32_t)j;
        }
        V.row_pointer[i + 1] = entries;
        from = end;
    }
    return V;
}

/* With any number of threads and in tiles of any size: the same bits. */
static void check_sums(pw_matrix V, pw_products_request request, int64_t tile_rows)
{
    static const int THREADS[] = {2, 3, 16, 40};
    const size_t bytes = (size_t)(V.cols * pw_products_width(&request)) * sizeof(double);
    request.typical = 0.4;
    double *first = sums_of(&V, request, 1, 1024);
    for (size_t i = 0; i < sizeof THREADS / sizeof *THREADS; i++) {
        double *P = sums_of(&V, request, THREADS[i], tile_rows / (int64_t)(i + 1));
        assert_memory_equal(P, first, bytes);
        free(P);
    }
    free(first);
    pw_matrix_destroy(&V);
}

static void sparse_sums_do_not_depend_on_threads_and_tiles(void **state)
{
    (void)state;
    const pw_loss loss = {.beta = 1, .least = 1e-10};
    pw_products_request request = {.K = 9, .terms = PW_TERMS_V};
    for (int single = 0; single < 2; single++) {
        request.precision = single ? PW_PRECISION_SINGLE : PW_PRECISION_DOUBLE;
        check_sums(make_most(5000, 6, PW_U16), request, 1000);
        check_sums(make_uneven(1500, 400, PW_U8), request, 700);
        request.loss = loss;
        request.terms = PW_TERMS_NUMERATOR;
        check_sums(make_uneven(300, 700, PW_F64), request, 90);
        request.curvature = PW_OPERAND_SQUARES;
        check_sums(make_uneven(300, 100, PW_F32), request, 100);
        request.curvature = PW_OPERAND_PAIRS;
        check_sums(make_uneven(300, 100, PW_F32), request, 5000);
        request = (pw_products_request){.K = 9, .terms = PW_TERMS_V};
    }
}

/* Against the twins. */
static void sparse_with_many_threads(void **state)
{
    (void)state;
    for (int threads = 3; threads <= 40; threads += threads < 16 ? 13 : 24) {
        both_precisions(make_uneven, 1500, 400, PW_U8, 9, threads);
        both_precisions(make_uneven, 70, 900, PW_F32, 20, threads);
        both_precisions(make_uneven, 70, 10, PW_I64, 3, threads);
    }
}

/* What was held out is measured at its own place, though rows are taken together. */
static void sparse_holds_out(void **state)
{
    (void)state;
    const pw_loss loss = {.beta = 1, .least = 1e-10};
    const pw_products_request request = {.K = 9, .terms = PW_TERMS_NUMERATOR, .loss = loss};
    pw_matrix V = make_tenth(200, 400, PW_U16);
    V.holdout = (struct pw_holdout){.share = 0.3, .seed = 5};
    V.only_stored = true;
    for (int threads = 1; threads <= 16; threads += threads < 3 ? 1 : 13)
        check_request(&V, request, threads, PW_PRECISION_DOUBLE, 1e-12);
    pw_matrix_destroy(&V);
}

/* Float sums fold into double ones often enough: a million equal terms lose nothing to speak of. */
static void long_float_sums_keep_their_digits(void **state)
{
    (void)state;
    enum { ROWS = 200000 };
    for (int sparse = 0; sparse < 2; sparse++) {
        pw_matrix V = {
            .rows = ROWS, .cols = 2, .count = ROWS, .type = PW_F32, .sparse = sparse == 1};
        float *values = calloc(2 * ROWS, sizeof *values);
        V.column = sparse ? calloc(2 * ROWS, sizeof *V.column) : NULL;
        V.row_pointer = sparse ? calloc(ROWS + 1, sizeof *V.row_pointer) : NULL;
        for (int64_t i = 0; i < 2 * ROWS; i++)
            values[i] = 0.1f;
        for (int64_t i = 0; sparse && i < ROWS; i++) {
            V.column[2 * i + 1] = 1;
            V.row_pointer[i + 1] = 2 * (i + 1);
        }
        V.values = values;
        check(&V, 3, PW_PRECISION_SINGLE, 1, 2e-6);
    }
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

/* Some entries missing: NaN. */
static void punch(pw_matrix *V)
{
    double *values = V->values;
    const int64_t entries = V->sparse ? V->row_pointer[V->count] : V->count * V->cols;
    for (int64_t i = 0; i < entries; i += 7)
        values[i] = NAN;
}

static void derived_terms(void **state)
{
    (void)state;
    static const double BETAS[] = {2, 1, 0, 1.5};
    for (size_t b = 0; b < sizeof BETAS / sizeof *BETAS; b++)
        for (pw_terms terms = PW_TERMS_IMPUTED; terms <= PW_TERMS_EXCEPT; terms++)
            for (int threads = 1; threads <= 3; threads += 2)
                for (int sparse = 0; sparse < 2; sparse++) {
                    const pw_loss loss = {.beta = BETAS[b], .least = 1e-10, .floor = 1};
                    pw_matrix V =
                        sparse ? make_tenth(130, 300, PW_F64) : make_dense(130, 300, PW_F64);
                    punch(&V);
                    pw_products_request request = {.K = 5, .terms = terms, .loss = loss};
                    check_request(&V, request, threads, PW_PRECISION_DOUBLE, 1e-12);
                    request.K = 9;
                    check_request(&V, request, threads, PW_PRECISION_SINGLE, 3e-5);
                    pw_matrix_destroy(&V);
                }
}

static void curvature_is_one_more_part(void **state)
{
    (void)state;
    for (pw_operand curvature = PW_OPERAND_SQUARES; curvature <= PW_OPERAND_PAIRS; curvature++)
        for (pw_terms terms = PW_TERMS_NUMERATOR; terms <= PW_TERMS_RATIO; terms++)
            for (int threads = 1; threads <= 3; threads += 2)
                for (int sparse = 0; sparse < 2; sparse++) {
                    pw_matrix V =
                        sparse ? make_tenth(130, 600, PW_F64) : make_dense(130, 600, PW_F64);
                    pw_products_request request = {.K = 5,
                                                   .terms = terms,
                                                   .curvature = curvature,
                                                   .loss = {.beta = 1, .least = 1e-10}};
                    punch(&V);
                    check_request(&V, request, threads, PW_PRECISION_DOUBLE, 1e-12);
                    request.K = 12;
                    check_request(&V, request, threads, PW_PRECISION_SINGLE, 3e-5);
                    pw_matrix_destroy(&V);
                }
}

/* Against the formulas, written out with libm. */
static double cost(double beta, double v, double x)
{
    if (beta == 2)
        return 0.5 * (v - x) * (v - x);
    if (beta == 1)
        return (v > 0 ? v * log(v / x) : 0) - v + x;
    if (beta == 0)
        return v / x - log(v / x) - 1;
    return (pow(v, beta) + (beta - 1) * pow(x, beta) - beta * v * pow(x, beta - 1)) /
           (beta * (beta - 1));
}

static void losses_are_their_formulas(void **state)
{
    (void)state;
    static const double BETAS[] = {2, 1, 0, -1, 0.5, 1.5, 3};
    for (size_t i = 0; i < sizeof BETAS / sizeof *BETAS; i++)
        for (int e = 0; e < 200; e++) {
            const double beta = BETAS[i];
            const pw_loss loss = {.beta = beta, .least = 1e-300};
            const double v = exp(40 * draw(1, e, 0) - 20), x = exp(40 * draw(2, e, 0) - 20);
            const double right = cost(beta, v, x), sum = pw_loss_sum(&loss, 1, &v, &x);
            double a, b;
            pw_loss_weigh(&loss, 1, &v, &x, &a, &b);
            assert_true(fabs(sum - right) <= 1e-13 * (right + pow(v, beta) + pow(x, beta)));
            assert_true(fabs(a - v * pow(x, beta - 2)) <= 1e-13 * a);
            assert_true(fabs(b - pow(x, beta - 1)) <= 1e-13 * b);
        }
}

static void both_at_once_are_both(void **state)
{
    (void)state;
    enum { ENTRIES = 77 };
    const pw_loss loss = {.beta = 1, .least = 1e-3};
    double v[ENTRIES], x[ENTRIES], a[ENTRIES], right[ENTRIES];
    float v_float[ENTRIES], x_float[ENTRIES], a_float[ENTRIES];
    for (int e = 0; e < ENTRIES; e++) {
        v_float[e] = e % 5 == 0 ? 0 : (float)exp(10 * draw(1, e, 0) - 5);
        x_float[e] = e % 7 == 0 ? 0 : (float)exp(10 * draw(2, e, 0) - 5);
        v[e] = v_float[e];
        x[e] = x_float[e];
    }
    const double sum = pw_loss_sum(&loss, ENTRIES, v, x);
    pw_loss_weigh(&loss, ENTRIES, v, x, right, NULL);
    assert_true(fabs(pw_loss_take_kl_double(&loss, ENTRIES, v, x, a, true) - sum) <= 1e-13 * sum);
    assert_true(fabs(pw_loss_take_kl_float(&loss, ENTRIES, v_float, x_float, a_float, true) -
                     sum) <= 1e-5 * sum);
    for (int measure = 1; measure >= 0; measure--) {
        for (int e = 0; e < ENTRIES; e++)
            assert_true(fabs(a[e] - right[e]) <= 1e-15 * right[e] &&
                        fabs((double)a_float[e] - right[e]) <= 1e-6 * right[e]);
        assert_true(pw_loss_take_kl_double(&loss, ENTRIES, v, x, a, false) == 0);
        assert_true(pw_loss_take_kl_float(&loss, ENTRIES, v_float, x_float, a_float, false) == 0);
    }
}

static void missing_entries_cost_nothing(void **state)
{
    (void)state;
    static const double BETAS[] = {2, 1, 0, 1.5};
    for (size_t i = 0; i < sizeof BETAS / sizeof *BETAS; i++) {
        const pw_loss loss = {.beta = BETAS[i], .least = 1e-10};
        const double v[] = {2, NAN, 0.5}, x[] = {1, 3, 4}, seen_v[] = {2, 0.5}, seen_x[] = {1, 4};
        double a[3], b[3];
        pw_loss_weigh(&loss, 3, v, x, a, b);
        assert_true(a[1] == 0 && b[1] == 0 && a[0] > 0 && b[2] > 0);
        assert_true(pw_loss_sum(&loss, 3, v, x) == pw_loss_sum(&loss, 2, seen_v, seen_x));
    }
}

static void zero_is_not_divided_by(void **state)
{
    (void)state;
    static const double BETAS[] = {1, 0, 1.5, -1};
    for (size_t i = 0; i < sizeof BETAS / sizeof *BETAS; i++) {
        const pw_loss loss = {.beta = BETAS[i], .least = 1e-10, .floor = 1e-3};
        const double v[] = {0, 0, 3}, x[] = {0, 2, 0};
        double a[3], b[3];
        pw_loss_weigh(&loss, 3, v, x, a, b);
        for (int e = 0; e < 3; e++)
            assert_true(isfinite(a[e]) && isfinite(b[e]));
        assert_true(isfinite(pw_loss_sum(&loss, 3, v, x)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(losses_are_their_formulas),
        cmocka_unit_test(both_at_once_are_both),
        cmocka_unit_test(missing_entries_cost_nothing),
        cmocka_unit_test(zero_is_not_divided_by),
        cmocka_unit_test(derived_terms),
        cmocka_unit_test(curvature_is_one_more_part),
        cmocka_unit_test(dense_every_type),
        cmocka_unit_test(sparse_every_type),
        cmocka_unit_test(sparse_of_ones),
        cmocka_unit_test(sparse_every_width),
        cmocka_unit_test(sparse_long_rows_and_columns),
        cmocka_unit_test(sparse_sums_do_not_depend_on_threads_and_tiles),
        cmocka_unit_test(sparse_with_many_threads),
        cmocka_unit_test(sparse_holds_out),
        cmocka_unit_test(odd_shapes_and_threads),
        cmocka_unit_test(long_float_sums_keep_their_digits),
        cmocka_unit_test(precision_follows_the_type),
    };
    return RUN_IN_BOTH_WIDTHS(tests);
}
