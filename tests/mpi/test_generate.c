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
    bool same = part->entries == whole->entries && part->type == whole->type;
    if (same && size > 0)
        same = memcmp(part->values, (char *)whole->values + at * size, entries * size) == 0;
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
    bool same = same_matrix(&together.V, &single.V) &&
                together.planted.count == single.planted.count &&
                together.planted.symmetric == single.planted.symmetric;
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
                        .noise = kind == PW_KIND_HYPERSPECTRAL ? 0 : noise,
                        .snr = kind == PW_KIND_HYPERSPECTRAL && noise > 0 ? 20 : 0,
                        .mixing = 0.2,
                        .density = 0.05,
                        .seed = 11,
                        .value_type = type};
}

static void same_bits_on_any_ranks(void **state)
{
    (void)state;
    const int types[] = {PW_U8, PW_I16, PW_U64, PW_F32, PW_F64, PW_ONE};
    for (int t = 0; t < 6; t++)
        for (int noisy = 0; noisy < 2; noisy++) {
            const double noise = 0.3 * noisy;
            const int threads = types[t] == PW_F64 ? 2 : 1;
            check_same(asked(PW_KIND_SWIMMER, 1, 1, 1, noise, types[t]), threads);
            for (int kind = PW_KIND_LOWRANK; kind <= PW_KIND_HYPERSPECTRAL; kind++) {
                check_same(asked(kind, 37, 600, 5, noise, types[t]), threads);
                check_same(asked(kind, 3, 5, 2, noise, types[t]), 1);
                check_same(asked(kind, 23, 9, 1, noise, types[t]), 1);
            }
        }
}

static void seeds_make_a_difference(void **state)
{
    (void)state;
    for (int kind = PW_KIND_LOWRANK; kind <= PW_KIND_HYPERSPECTRAL; kind++) {
        pw_options o = asked(kind, 60, 50, 4, 0, PW_F64), other = o;
        other.seed++;
        generated one = make(&alone, &o), two = make(&alone, &other);
        bool same = same_matrix(&one.V, &two.V);
        for (int a = 0; a < one.planted.count; a++)
            same = same || same_array(&one.planted.array[a], &two.planted.array[a]);
        discard(&one);
        discard(&two);
        assert_false(same);
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

/* Many tiles, whose sides do not divide the nodes, in blocks of 200 and 201. */
static void large_graph_is_the_same(void **state)
{
    (void)state;
    pw_options o = asked(PW_KIND_SBM, 2404, 1, 12, 0, PW_ONE);
    for (int dense = 0; dense < 2; dense++) {
        o.density = dense ? 0.05 : 0.004;
        o.mixing = dense ? 0.6 : 0.1;
        check_same(o, 1);
    }
}

/* Whether row i of V, all on this rank, stores column j, and with which value. */
static double stored(const pw_matrix *V, int64_t i, int64_t j)
{
    int64_t low = V->row_pointer[i], high = V->row_pointer[i + 1];
    while (low < high) {
        const int64_t middle = (low + high) / 2;
        if (V->column[middle] == j)
            return V->type == PW_ONE ? 1 : value(V, middle);
        if (V->column[middle] < j)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

static void graph_is_symmetric(void **state)
{
    (void)state;
    const int types[] = {PW_ONE, PW_F32, PW_U8};
    for (int t = 0; t < 3; t++)
        for (int noisy = 0; noisy < 2; noisy++) {
            const pw_options o = asked(PW_KIND_SBM, 301, 5, 4, 0.8 * noisy, types[t]);
            generated g = make(&alone, &o);
            int64_t wrong = !g.planted.symmetric, different_weights = 0;
            for (int64_t i = 0; i < 301; i++)
                for (int64_t at = g.V.row_pointer[i]; at < g.V.row_pointer[i + 1]; at++) {
                    const int64_t j = g.V.column[at];
                    const double weight = stored(&g.V, i, j);
                    wrong += i == j || weight <= 0 || weight != stored(&g.V, j, i) ||
                             (at > g.V.row_pointer[i] && j <= g.V.column[at - 1]);
                    different_weights += weight != stored(&g.V, 0, g.V.column[0]);
                }
            const int64_t entries = g.V.entries;
            discard(&g);
            assert_int_equal(wrong, 0);
            assert_true(entries > 3000);
            assert_true((different_weights > 0) == (noisy > 0));
        }
}

/* Where all pairs of a sort are edges, these are all of them, and no others. Ten nodes in five blocks. */
static void sure_edges_are_there(void **state)
{
    (void)state;
    for (int between = 0; between < 2; between++) {
        pw_options o = asked(PW_KIND_SBM, 10, 1, 5, 0, PW_ONE);
        o.density = between ? 0.8 : 0.1;
        o.mixing = between;
        generated g = make(&alone, &o);
        const uint8_t *label = g.planted.array[0].values;
        const int64_t entries = g.V.entries;
        int64_t wrong = 0;
        for (int64_t i = 0; i < 10; i++)
            for (int64_t at = g.V.row_pointer[i]; at < g.V.row_pointer[i + 1]; at++)
                wrong += (label[i] == label[g.V.column[at]]) == between;
        discard(&g);
        assert_int_equal(wrong, 0);
        assert_int_equal(entries, between ? 80 : 10);
    }
}

static void mixture_without_noise_is_its_centroids(void **state)
{
    (void)state;
    for (int type = PW_U8; type <= PW_ONE; type++) {
        const pw_options o = asked(PW_KIND_MIXTURE, 40, 30, 6, 0, type);
        generated g = make(&alone, &o);
        const uint8_t *label = g.planted.array[0].values;
        const double *centroid = g.planted.array[1].values;
        double most = 0, largest = 0;
        for (int64_t i = 0; i < 40; i++)
            for (int64_t j = 0; j < 30; j++) {
                const double v = value(&g.V, i * 30 + j);
                most = fmax(most, fabs(v - centroid[label[i] * 30 + j]));
                largest = fmax(largest, v);
            }
        const bool whole = pw_generate_is_whole(g.V.type);
        const double resolution = whole ? 0.5 : g.V.type == PW_F32 ? 1e-7 : 0;
        discard(&g);
        assert_true(most <= resolution);
        assert_true(largest > (whole ? 100 : 0.9));
    }
}

static void biclusters_without_noise_have_two_levels(void **state)
{
    (void)state;
    for (int type = PW_U8; type <= PW_ONE; type++) {
        const pw_options o = asked(PW_KIND_BICLUSTERS, 40, 31, 6, 0, type);
        generated g = make(&alone, &o);
        const uint8_t *row = g.planted.array[0].values, *column = g.planted.array[1].values;
        double level[2] = {0, 0};
        int64_t wrong = 0;
        for (int64_t i = 0; i < 40; i++)
            for (int64_t j = 0; j < 31; j++) {
                double *seen = &level[row[i] == column[j]];
                wrong += *seen > 0 && *seen != value(&g.V, i * 31 + j);
                *seen = value(&g.V, i * 31 + j);
            }
        discard(&g);
        assert_int_equal(wrong, 0);
        assert_true(fabs(level[1] / level[0] - 6) < 0.2);
    }
}

/* The array of the answer with that name; all of it is on this rank. */
static const pw_planted_array *planted_of(const generated *g, const char *name)
{
    for (int a = 0; a < g->planted.count; a++)
        if (strcmp(g->planted.array[a].name, name) == 0)
            return &g->planted.array[a];
    fail_msg("no %s", name);
    return NULL;
}

static void pixels_are_mixtures(void **state)
{
    (void)state;
    for (int type = PW_U8; type <= PW_ONE; type++) {
        const pw_options o = asked(PW_KIND_HYPERSPECTRAL, 90, 40, 7, 0, type);
        generated g = make(&alone, &o);
        const double *W = planted_of(&g, "W")->values, *H = planted_of(&g, "H")->values;
        const uint8_t *pure = planted_of(&g, "pure")->values;
        const bool whole = pw_generate_is_whole(g.V.type);
        const double error = relative_error(&g.V, W, H, 7);
        double most_sum = 0, impure = 0, least = 1, largest = 0;
        for (int64_t i = 0; i < 90; i++) {
            double sum = 0;
            for (int c = 0; c < 7; c++) {
                sum += W[i * 7 + c];
                least = fmin(least, W[i * 7 + c]);
            }
            most_sum = fmax(most_sum, fabs(sum - 1));
        }
        for (int c = 0; c < 7; c++)
            for (int j = 0; j < 40; j++) {
                impure = fmax(impure, fabs(value(&g.V, pure[c] * 40 + j) - H[c * 40 + j]));
                largest = fmax(largest, H[c * 40 + j]);
            }
        discard(&g);
        assert_true(most_sum < 1e-14 && least >= 0);
        assert_true(impure <= (whole ? 0.5 : type == PW_F32 ? 1e-7 : 0));
        assert_true(error <= (type == PW_U8 || type == PW_I8 ? 0.01 : whole ? 1e-4 : 1e-7));
        assert_true(largest > (whole ? 126.9 : 0.999));
    }
}

static void only_pure_pixels_where_there_are_no_others(void **state)
{
    (void)state;
    const pw_options o = asked(PW_KIND_HYPERSPECTRAL, 6, 9, 6, 0, PW_F64);
    generated g = make(&alone, &o);
    const double error =
        relative_error(&g.V, planted_of(&g, "W")->values, planted_of(&g, "H")->values, 6);
    const uint8_t *pure = planted_of(&g, "pure")->values;
    int seen = 0;
    for (int c = 0; c < 6; c++)
        seen |= 1 << pure[c];
    discard(&g);
    assert_int_equal(seen, 63);
    assert_true(error == 0);
}

/* Group and item are inverses, sizes differ by 1 at the most, and the order is no fixed one. */
static void scatter_deals_evenly(void **state)
{
    (void)state;
    for (int64_t groups = 1; groups <= 40; groups++) {
        const int64_t total = 7 * groups + groups / 3;
        const pw_scatter s = {
            .key = {3, PW_RANDOM_GENERATE_GROUPS, 0}, .total = total, .groups = groups};
        int64_t size[40] = {0}, wrong = 0, in_order = 0, items = 0;
        for (int64_t i = 0; i < total; i++) {
            const int64_t group = pw_scatter_group(&s, i);
            assert_true(group >= 0 && group < groups);
            size[group]++;
            wrong += pw_scatter_item(&s, group, i / groups) != i;
            in_order += group == i % groups;
        }
        for (int64_t c = 0; c < groups; c++) {
            wrong += size[c] < 7 || size[c] > 8;
            for (int64_t round = 0; round < pw_scatter_rounds(&s); round++)
                items += pw_scatter_item(&s, c, round) >= 0;
        }
        assert_int_equal(wrong, 0);
        assert_int_equal(items, total);
        assert_true(groups == 1 || in_order < total);
    }
}

static void refuse(pw_options options)
{
    generated g;
    memset(&g, 0, sizeof g);
    assert_int_equal(pw_generate(&team, &options, &g.V, &g.planted), PW_ERROR_USAGE);
    discard(&g);
}

static void impossible_is_refused(void **state)
{
    (void)state;
    for (int kind = PW_KIND_MIXTURE; kind <= PW_KIND_HYPERSPECTRAL; kind++)
        refuse(asked(kind, 20, 30, 21, 0, PW_F64));
    refuse(asked(PW_KIND_BICLUSTERS, 30, 20, 21, 0, PW_F64));
    refuse(asked(PW_KIND_HYPERSPECTRAL, 30, 20, 21, 0, PW_F64));
    refuse(asked(PW_KIND_SBM, 20, 1, 20, 0, PW_ONE)); /* blocks of one node have no edges */
    pw_options graph = asked(PW_KIND_SBM, 100, 1, 4, 0, PW_ONE);
    graph.density = 0.5;
    refuse(graph);
    graph.density = 0.8;
    graph.mixing = 1;
    refuse(graph);
    pw_options dense = asked(PW_KIND_SPARSE, 20, 30, 3, 0, PW_F64), topics = dense;
    dense.density = 0.95;
    topics.k = 31;
    refuse(dense);
    refuse(topics);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bits_on_any_ranks),
        cmocka_unit_test(seeds_make_a_difference),
        cmocka_unit_test(lowrank_is_its_factors),
        cmocka_unit_test(swimmer_is_its_parts),
        cmocka_unit_test(sparse_is_around_its_topics),
        cmocka_unit_test(density_is_kept),
        cmocka_unit_test(large_graph_is_the_same),
        cmocka_unit_test(graph_is_symmetric),
        cmocka_unit_test(sure_edges_are_there),
        cmocka_unit_test(mixture_without_noise_is_its_centroids),
        cmocka_unit_test(biclusters_without_noise_have_two_levels),
        cmocka_unit_test(pixels_are_mixtures),
        cmocka_unit_test(only_pure_pixels_where_there_are_no_others),
        cmocka_unit_test(scatter_deals_evenly),
        cmocka_unit_test(impossible_is_refused),
    };
    ranks_begin(&argc, &argv, &team);
    pw_team_create(MPI_COMM_SELF, PW_LOG_QUIET, &alone);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pw_team_destroy(&alone);
    ranks_end(&team);
    return failed;
}
