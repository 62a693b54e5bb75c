/* Resamples as tiles and summaries have them: the draws of each place, for any storage, layout, type and number of threads. */
#include "base/poisson.h"
#include "dist/collective.h"
#include "matrix/perturb.h"
#include "matrix/source.h"
#include "support/on_ranks.h"
#include "support/plain.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

enum { M = 150, N = 70, SEED = 4 };

static pw_team team;

static double entry(int64_t i, int64_t j)
{
    const double u = pw_random_uniform((pw_random_key){.seed = 3}, i, (uint32_t)j);
    return u < 0.5 ? 0 : floor(1 + 80 * (u - 0.5));
}

static double drawn(pw_perturb kind, int64_t i, int64_t j)
{
    const pw_random_key key = {.seed = SEED, .stream = PW_RANDOM_PERTURB};
    return kind == PW_PERTURB_POISSON
               ? pw_random_poisson(key, i, (uint32_t)j, entry(i, j))
               : entry(i, j) * (1 + 0.25 * (2 * pw_random_uniform(key, i, (uint32_t)j) - 1));
}

static const plain SMALL = {M, N, entry};

/* A row of a tile, read as a whole. */
static void check_row(const pw_tile *tile, pw_perturb kind, int64_t row)
{
    const pw_matrix *V = tile->V;
    const int64_t first = tile->sparse ? tile->row_pointer[row] : 0;
    const int64_t end = tile->sparse ? tile->row_pointer[row + 1] : tile->cols;
    const int64_t r = V->first + tile->first + row;
    double v[M + N];
    float narrow[M + N];
    pw_tile_read(tile, row, first, end - first, v);
    pw_tile_read_as(tile, true, row, first, end - first, narrow, 0);
    for (int64_t e = first; e < end; e++) {
        const int64_t c = tile->sparse ? (int64_t)tile->column[e] : e;
        const double expected = V->transposed ? drawn(kind, c, r) : drawn(kind, r, c);
        assert_true(v[e - first] == expected);
        assert_true(narrow[e - first] == (float)expected);
    }
}

static void check_tiles(const pw_matrix *V, pw_perturb kind)
{
    const pw_matrix resample = pw_matrix_resample(V, kind, 0.25, SEED);
    const pw_source source = pw_source_of(V, 1);
    double *values = calloc((size_t)pw_source_most_entries(&source) + 1, sizeof *values);
    for (int64_t b = 0; b < source.tiles; b++) {
        const pw_tile tile = pw_source_tile(&source, b), own = pw_tile_resampled(&tile, &resample);
        const pw_tile copy = pw_tile_of_values(&tile, values);
        pw_tile_copy(&own, 0, tile.rows / 2, values);
        pw_tile_copy(&own, tile.rows / 2, tile.rows, values);
        for (int64_t row = 0; row < tile.rows; row++) {
            check_row(&own, kind, row);
            check_row(&copy, kind, row);
        }
    }
    free(values);
}

static void check_summary(const pw_matrix *V, pw_perturb kind)
{
    const pw_matrix resample = pw_matrix_resample(V, kind, 0.25, SEED);
    pw_summary untouched;
    assert_int_equal(pw_matrix_summarise(&team, V, &untouched), PW_OK);
    pw_summary s = untouched;
    assert_int_equal(pw_perturb_summarise(&team, &resample, &s), PW_OK);
    long double sum = 0, squares = 0;
    int64_t nonzeros = 0;
    for (int64_t i = 0; i < M; i++)
        for (int64_t j = 0; j < N; j++) {
            const double v = drawn(kind, i, j);
            sum += v;
            squares += (long double)v * v;
            nonzeros += v > 0;
        }
    assert_true(fabsl(s.sum - sum) <= 1e-14L * sum);
    assert_true(fabsl(s.sum_squares - squares) <= 1e-14L * squares);
    assert_int_equal(s.nonzeros, nonzeros);
    assert_true(s.fingerprint == untouched.fingerprint && s.observed == untouched.observed);
    assert_true(s.sum != untouched.sum);
}

static void every_storage_has_the_same_draws(void **state)
{
    (void)state;
    for (int way = 0; way < 8; way++)
        for (pw_type type = PW_U8; type <= PW_F64; type++) {
            const pw_perturb kind = way < 4 ? PW_PERTURB_POISSON : PW_PERTURB_UNIFORM;
            pw_matrix V = plain_make(&team, &SMALL, way & 1, way & 2, type);
            team.threads = 1 + type % 3;
            check_tiles(&V, kind);
            check_summary(&V, kind);
            pw_matrix_destroy(&V);
        }
    team.threads = 1;
}

/* They are neither drawn nor seen by the fit. */
static void held_out_entries_are_those_of_V(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way++) {
        pw_matrix V = plain_make(&team, &SMALL, way & 1, way & 2, PW_U16);
        V.holdout.share = 0.3;
        V.missing = PW_MISSING_ZERO;
        V.only_stored = way & 1;
        const pw_matrix resample = pw_matrix_resample(&V, PW_PERTURB_UNIFORM, 0.25, SEED);
        const pw_tile untouched = pw_matrix_tile(&V, 0, V.count);
        const pw_tile tile = pw_tile_resampled(&untouched, &resample);
        double *values = calloc((size_t)(V.count * V.cols) + 1, sizeof *values);
        const pw_tile copy = pw_tile_of_values(&untouched, values);
        pw_tile_copy(&tile, 0, V.count, values);
        for (int64_t row = 0; row < V.count; row++) {
            const int64_t first = V.sparse ? V.row_pointer[row] : 0;
            const int64_t count = (V.sparse ? V.row_pointer[row + 1] : V.cols) - first;
            double expected[M + N], read[M + N], copied[M + N], seen[M + N];
            pw_tile_read_held_out(&untouched, row, first, count, expected);
            pw_tile_read_held_out(&tile, row, first, count, read);
            pw_tile_read_held_out(&copy, row, first, count, copied);
            pw_tile_read(&copy, row, first, count, seen);
            for (int64_t e = 0; e < count; e++) {
                assert_true(isnan(expected[e]) || isnan(seen[e]));
                assert_true(isnan(expected[e]) ? isnan(read[e]) : read[e] == expected[e]);
                assert_true(isnan(expected[e]) ? isnan(copied[e]) : copied[e] == expected[e]);
            }
        }
        free(values);
        pw_matrix_destroy(&V);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_storage_has_the_same_draws),
        cmocka_unit_test(held_out_entries_are_those_of_V),
    };
    ranks_begin(&argc, &argv, &team);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ranks_end(&team);
    return failed;
}
