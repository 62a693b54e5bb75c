/* Generated matrices: the same bits on any number of ranks and threads, and what they promise. */
#include "base/memory.h"
#include "dist/collective.h"
#include "matrix/summary.h"
#include "read/generate.h"
#include "support/on_ranks.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static pw_team team, alone;

typedef struct generated {
    pw_matrix V;
    pw_planted planted;
} generated;

static generated make(pw_team *by, const pw_options *options)
{
    generated g;
    memset(&g, 0, sizeof g);
    assert_int_equal(pw_generate(by, options, &g.V, &g.planted), PW_OK);
    return g;
}

static void discard(generated *g)
{
    pw_matrix_destroy(&g->V);
    pw_planted_destroy(&g->planted);
}

/* This rank's part of what the team made must stand in what this rank made alone. */
static bool same_matrix(const pw_matrix *part, const pw_matrix *whole)
{
    const int64_t size = (int64_t)pw_type_size(whole->type);
    const int64_t at = whole->sparse ? whole->row_pointer[part->first] : part->first * whole->cols;
    const int64_t entries = pw_matrix_local_entries(part);
    bool same = part->entries == whole->entries && part->type == whole->type &&
                memcmp(part->values, (char *)whole->values + at * size, entries * size) == 0;
    for (int64_t i = 0; same && whole->sparse && i <= part->count; i++)
        same = part->row_pointer[i] + at == whole->row_pointer[part->first + i];
    return same && (!whole->sparse ||
                    memcmp(part->column, whole->column + at, entries * sizeof *part->column) == 0);
}

static bool same_array(const pw_planted_array *part, const pw_planted_array *whole)
{
    const int64_t row = (part->columns ? part->columns : 1) * (int64_t)pw_type_size(part->type);
    return strcmp(part->name, whole->name) == 0 && part->rows == whole->rows &&
           memcmp(part->values, (char *)whole->values + part->first * row, part->count * row) == 0;
}

static void check_same(pw_options options, int threads)
{
    team.threads = threads;
    generated together = make(&team, &options), single = make(&alone, &options);
    team.threads = 1;
    bool same = same_matrix(&together.V, &single.V);
    for (int a = 0; a < single.planted.count; a++)
        same = same && same_array(&together.planted.array[a], &single.planted.array[a]);
    discard(&together);
    discard(&single);
    int64_t different = !same;
    pw_reduce_sum_int(&team, &different, 1);
    assert_int_equal(different, 0);
}

static pw_options asked(pw_kind kind, int64_t m, int64_t n, int64_t k, double noise, int type)
{
    return (pw_options){.kind = kind,
                        .rows = m,
                        .columns = n,
                        .k = k,
                        .noise = noise,
                        .density = 0.05,
                        .seed = 11,
                        .value_type = type};
}

static void same_bits_on_any_ranks(void **state)
{
    (void)state;
    const int types[] = {PW_U8, PW_I16, PW_U64, PW_F32, PW_F64, PW_ONE};
    for (int t = 0; t < 6; t++)
        for (int noisy = 0; noisy < 2; noisy++)
            for (int kind = PW_KIND_SWIMMER; kind <= PW_KIND_SPARSE; kind++) {
                check_same(asked(kind, 37, 600, 5, 0.3 * noisy, types[t]), 1 + noisy);
                check_same(asked(kind, 3, 5, 2, 0.3 * noisy, types[t]), 1);
            }
}

static double value(const pw_matrix *V, int64_t at)
{
    double wide;
    pw_widen_to_double(V->type, V->values, at, 1, &wide);
    return wide;
}

/* V − W H relative to V, all on this rank. */
static double relative_error(const pw_matrix *V, const double *W, const double *H, int64_t k)
{
    double error = 0, squares = 0;
    for (int64_t i = 0; i < V->rows; i++)
        for (int64_t j = 0; j < V->cols; j++) {
            double wh = 0;
            for (int64_t c = 0; c < k; c++)
                wh += W[i * k + c] * H[c * V->cols + j];
            error += pow(value(V, i * V->cols + j) - wh, 2);
            squares += pow(value(V, i * V->cols + j), 2);
        }
    return sqrt(error / squares);
}

static void lowrank_is_its_factors(void **state)
{
    (void)state;
    const struct {
        int type;
        double noise, least, most;
    } expected[] = {{PW_F64, 0, 0, 1e-14},    {PW_F32, 0, 0, 1e-7}, {PW_U8, 0, 0, 0.1},
                    {PW_U16, 0, 0, 2e-3},     {PW_I32, 0, 0, 1e-6}, {PW_F64, 0.1, 0.08, 0.12},
                    {PW_U16, 0.1, 0.08, 0.12}};
    for (int e = 0; e < 7; e++) {
        const pw_options o = asked(PW_KIND_LOWRANK, 60, 80, 5, expected[e].noise, expected[e].type);
        generated g = make(&alone, &o);
        const double error =
            relative_error(&g.V, g.planted.array[0].values, g.planted.array[1].values, 5);
        pw_summary s;
        pw_matrix_summarise(&alone, &g.V, &s);
        discard(&g);
        printf("# %d %g %g\n", expected[e].type, expected[e].noise, error);
        assert_true(error >= expected[e].least && error <= expected[e].most);
        assert_int_equal(s.zero_rows + s.zero_columns + s.bad, 0);
    }
}

static void swimmer_is_its_parts(void **state)
{
    (void)state;
    for (int type = PW_U8; type <= PW_ONE; type++) {
        const pw_options o = asked(PW_KIND_SWIMMER, 1, 1, 1, 0, type);
        generated g = make(&alone, &o);
        const uint8_t *parts = g.planted.array[0].values;
        double *H = calloc(17 * 1024, sizeof *H);
        int most_owners = 0, pixels = 0;
        for (int i = 0; i < 1024; i++) {
            int owners = 0;
            for (int p = 0; p < 17; p++)
                owners += (H[p * 1024 + i] = parts[p * 1024 + i]) > 0;
            most_owners = owners > most_owners ? owners : most_owners;
            pixels += owners;
        }
        const double error = relative_error(&g.V, g.planted.array[1].values, H, 17);
        pw_summary s;
        pw_matrix_summarise(&alone, &g.V, &s);
        free(H);
        discard(&g);
        assert_true(error == 0);
        assert_int_equal(most_owners, 1);
        assert_int_equal(s.nonzeros, 256 * (24 + 4 * 7));
        assert_int_equal(s.zero_columns, 1024 - pixels);
    }
}

static void sparse_is_around_its_topics(void **state)
{
    (void)state;
    enum { M = 3000, N = 400, K = 4 };
    pw_options o = asked(PW_KIND_SPARSE, M, N, K, 0, PW_ONE);
    generated g = make(&alone, &o);
    const uint8_t *label = g.planted.array[0].values;
    const double *H = g.planted.array[1].values;
    double *sum = calloc(K * N, sizeof *sum), rows[K] = {0}, chi = 0;
    bool ascending = true;
    for (int64_t i = 0; i < M; i++) {
        rows[label[i]]++;
        for (int64_t at = g.V.row_pointer[i]; at < g.V.row_pointer[i + 1]; at++) {
            sum[label[i] * N + g.V.column[at]] += value(&g.V, at);
            ascending =
                ascending && (at == g.V.row_pointer[i] || g.V.column[at - 1] < g.V.column[at]);
        }
    }
    for (int c = 0; c < K; c++)
        for (int j = 0; j < N; j++) /* sums are Poisson distributed: variance = mean */
            chi += pow(sum[c * N + j] - rows[c] * H[c * N + j], 2) / (rows[c] * H[c * N + j]);
    const double density = (double)g.V.entries / (M * N);
    free(sum);
    discard(&g);
    assert_true(ascending);
    assert_true(chi / (K * N) > 0.85 && chi / (K * N) < 1.15);
    assert_true(fabs(density - o.density) < 0.01 * o.density);
}

static void density_is_kept(void **state)
{
    (void)state;
    const double density[] = {0, 1e-3, 0.2, 0.7, 0.9};
    for (int d = 0; d < 5; d++) {
        pw_options o = asked(PW_KIND_SPARSE, 500, 300, 7, 0, PW_F64);
        o.density = density[d];
        generated g = make(&alone, &o);
        const double found = (double)g.V.entries / (500 * 300);
        discard(&g);
        assert_true(fabs(found - density[d]) <= 0.01 * density[d] + 1e-4);
    }
}

static void impossible_is_refused(void **state)
{
    (void)state;
    pw_options dense = asked(PW_KIND_SPARSE, 20, 30, 3, 0, PW_F64), topics = dense;
    dense.density = 0.95;
    topics.k = 31;
    generated g;
    memset(&g, 0, sizeof g);
    assert_int_equal(pw_generate(&team, &dense, &g.V, &g.planted), PW_ERROR_USAGE);
    assert_int_equal(pw_generate(&team, &topics, &g.V, &g.planted), PW_ERROR_USAGE);
    discard(&g);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bits_on_any_ranks), cmocka_unit_test(lowrank_is_its_factors),
        cmocka_unit_test(swimmer_is_its_parts),   cmocka_unit_test(sparse_is_around_its_topics),
        cmocka_unit_test(density_is_kept),        cmocka_unit_test(impossible_is_refused),
    };
    ranks_begin(&argc, &argv, &team);
    pw_team_create(MPI_COMM_SELF, 1, PW_LOG_QUIET, &alone);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pw_team_destroy(&alone);
    ranks_end(&team);
    return failed;
}
