/* How threads share rows: every row belongs to one thread, and no thread has much more work than its part. */
#include "base/random.h"
#include "dist/layout.h"
#include "matrix/share.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { MOST_ROWS = 3000 };

static int64_t row_pointer[MOST_ROWS + 1];

/* Sparse V with such rows; its entries are never looked at. */
static pw_matrix make(int64_t rows, const int64_t *length)
{
    row_pointer[0] = 0;
    for (int64_t i = 0; i < rows; i++)
        row_pointer[i + 1] = row_pointer[i] + length[i];
    return (pw_matrix){.rows = rows,
                       .count = rows,
                       .cols = 1 << 20,
                       .sparse = true,
                       .type = PW_F32,
                       .row_pointer = row_pointer};
}

static int64_t work(const pw_tile *tile, int64_t row_cost, int64_t from, int64_t to)
{
    int64_t sum = 0;
    for (int64_t row = from; row < to; row++)
        sum += tile->row_pointer[row + 1] - tile->row_pointer[row] + row_cost;
    return sum;
}

/* A share ends where it should, up to half a row on either side. */
static void check_tile(const pw_tile *tile, int64_t row_cost, int threads)
{
    const double each = (double)work(tile, row_cost, 0, tile->rows) / threads;
    int64_t heaviest = 0;
    for (int64_t row = 0; row < tile->rows; row++) {
        const int64_t own = work(tile, row_cost, row, row + 1);
        heaviest = own > heaviest ? own : heaviest;
    }
    assert_int_equal(pw_tile_share(tile, row_cost, threads, 0), 0);
    assert_int_equal(pw_tile_share(tile, row_cost, threads, threads), tile->rows);
    for (int t = 0; t < threads; t++) {
        const int64_t from = pw_tile_share(tile, row_cost, threads, t);
        const int64_t to = pw_tile_share(tile, row_cost, threads, t + 1);
        assert_true(from <= to);
        assert_true((double)work(tile, row_cost, from, to) <= each + (double)heaviest + 2);
    }
}

static void check(int64_t rows, const int64_t *length)
{
    const pw_matrix V = make(rows, length);
    static const int64_t COSTS[] = {0, 1, 20, 1000};
    for (size_t c = 0; c < sizeof COSTS / sizeof *COSTS; c++)
        for (int threads = 1; threads <= 7; threads++) {
            const pw_source source = pw_source_of(&V, threads);
            for (int64_t b = 0; b < source.tiles; b++) {
                const pw_tile tile = pw_source_tile(&source, b);
                check_tile(&tile, COSTS[c], threads);
            }
        }
}

static void every_row_has_one_thread(void **state)
{
    (void)state;
    const pw_random_key key = {.seed = 5};
    int64_t length[MOST_ROWS];
    for (int64_t i = 0; i < MOST_ROWS; i++) /* a power law */
        length[i] = (int64_t)(1 / pow(pw_random_uniform(key, i, 0), 1.5));
    check(MOST_ROWS, length);
    for (int64_t i = 0; i < MOST_ROWS; i++) /* stretches of empty rows */
        length[i] = i / 50 % 2 ? 0 : i % 7;
    check(MOST_ROWS, length);
    for (int64_t i = 0; i < MOST_ROWS; i++)
        length[i] = 0;
    check(MOST_ROWS, length);
    check(0, length);
    check(1, length);
    check(3, (const int64_t[]){4, 0, 9}); /* fewer rows than threads */
}

static int64_t first_of_second(int64_t rows, const int64_t *length, int64_t row_cost)
{
    const pw_matrix V = make(rows, length);
    const pw_tile tile = pw_matrix_tile(&V, 0, rows);
    return pw_tile_share(&tile, row_cost, 2, 1);
}

static void a_giant_row_stands_alone(void **state)
{
    (void)state;
    int64_t length[10] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    assert_int_equal(first_of_second(10, length, 1), 5);
    length[0] = 1000;
    assert_int_equal(first_of_second(10, length, 1), 1);
    length[0] = 1;
    length[9] = 1000;
    assert_int_equal(first_of_second(10, length, 1), 9);
    assert_int_equal(first_of_second(10, length, 1000000), 5); /* where its entries hardly count */
}

static void rows_of_dense_tiles_are_alike(void **state)
{
    (void)state;
    const pw_matrix V = {.rows = 50, .count = 50, .cols = 3, .type = PW_F64};
    const pw_tile tile = pw_matrix_tile(&V, 0, 50);
    for (int t = 0; t <= 4; t++)
        assert_int_equal(pw_tile_share(&tile, 7, 4, t), pw_share(50, 4, t));
}

static void room_is_for_the_largest_share(void **state)
{
    (void)state;
    int64_t length[MOST_ROWS];
    for (int64_t i = 0; i < MOST_ROWS; i++)
        length[i] = i % 500 == 0 ? 100000 : i % 3;
    const pw_matrix V = make(MOST_ROWS, length);
    const pw_source source = pw_source_of(&V, 3);
    assert_true(source.tiles > 2);
    for (int t = 0; t < 3; t++) {
        int64_t most = 0;
        for (int64_t b = 0; b < source.tiles; b++) {
            const pw_tile tile = pw_source_tile(&source, b);
            const int64_t rows = pw_tile_share(&tile, 4, 3, t + 1) - pw_tile_share(&tile, 4, 3, t);
            most = rows > most ? rows : most;
        }
        assert_true(most > 0);
        assert_int_equal(pw_source_most_shared(&source, 4, 3, t), most);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_one_thread),
        cmocka_unit_test(a_giant_row_stands_alone),
        cmocka_unit_test(rows_of_dense_tiles_are_alike),
        cmocka_unit_test(room_is_for_the_largest_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
