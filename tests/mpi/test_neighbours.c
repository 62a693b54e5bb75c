/* The graph of nearest neighbours, gathered, against plain loops over all rows. */
#include "base/memory.h"
#include "base/random.h"
#include "cluster/neighbours.h"
#include "cluster/parts.h"
#include "matrix/assemble.h"
#include "support/on_ranks.h"
#include "support/scratch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static pw_team team;

/* ---- rows ---- */

typedef double entry(int64_t i, int64_t j);

static double spread(int64_t i, int64_t j)
{
    return pw_random_normal((pw_random_key){.seed = 2}, i, (uint32_t)j);
}

/* Far from 0: squares of lengths have no digit left for distances. */
static double far(int64_t i, int64_t j)
{
    return 1e7 + spread(i, j);
}

/* Eleven of each. */
static double repeated(int64_t i, int64_t j)
{
    return 1e3 * spread(i / 11, j);
}

/* Many distances are the same. */
static double whole(int64_t i, int64_t j)
{
    return floor(3 * pw_random_uniform((pw_random_key){.seed = 6}, i, (uint32_t)j));
}

static double rare(int64_t i, int64_t j)
{
    return pw_random_uniform((pw_random_key){.seed = 7}, i, (uint32_t)j) < 0.1 ? 1 + spread(i, j)
                                                                               : 0;
}

static pw_matrix dense(int64_t m, int64_t n, entry *value, pw_type type)
{
    pw_matrix V = {.rows = 0};
    assert_int_equal(pw_matrix_new_dense(&team, m, n, false, type, &V), PW_OK);
    V.any_sign = true;
    for (int64_t i = 0; i < V.count; i++)
        for (int64_t j = 0; j < n; j++)
            if (type == PW_U8)
                ((uint8_t *)V.values)[i * n + j] = (uint8_t)value(V.first + i, j);
            else
                ((double *)V.values)[i * n + j] = value(V.first + i, j);
    return V;
}

static pw_matrix sparse(int64_t m, int64_t n, entry *value, pw_type type)
{
    pw_entries entries = {.count = 0};
    pw_matrix V = {.rows = 0};
    for (int64_t i = team.rank; i < m; i += team.size)
        for (int64_t j = 0; j < n; j++)
            if (value(i, j) != 0)
                assert_int_equal(pw_entries_add(&entries, i, j, value(i, j)), PW_OK);
    assert_int_equal(pw_matrix_from_entries(&team, &entries, m, n, false, type, &V), PW_OK);
    return V;
}

/* ---- the same by plain loops ---- */

/* m × m: ‖x − y‖² of all pairs. To be freed. */
static double *distances(int64_t m, int64_t n, entry *value)
{
    double *x = pw_new(m * n, sizeof *x), *D = pw_new(m * m, sizeof *D);
    for (int64_t e = 0; e < m * n; e++)
        x[e] = value(e / n, e % n);
    for (int64_t a = 0; a < m; a++)
        for (int64_t b = 0; b < m; b++)
            for (int64_t j = 0; j < n; j++)
                D[a * m + b] += (x[a * n + j] - x[b * n + j]) * (x[a * n + j] - x[b * n + j]);
    free(x);
    return D;
}

/* The first of the nearest to row i that are not taken; it is then. -1: there is none. */
static int64_t next_nearest(int64_t m, const double *D, int64_t i, bool *taken)
{
    int64_t best = -1;
    for (int64_t j = 0; j < m; j++)
        if (j != i && !taken[j] && (best < 0 || D[i * m + j] < D[i * m + best]))
            best = j;
    if (best >= 0)
        taken[best] = true;
    return best;
}

static double *plain(int64_t m, int64_t n, entry *value, int neighbours, bool gaussian)
{
    double *graph = pw_new(m * m, sizeof *graph), *D = distances(m, n, value);
    double *scale = pw_new(m, sizeof *scale);
    bool *near = pw_new(m * m, sizeof *near);
    for (int64_t i = 0; i < m; i++)
        for (int q = 0; q < neighbours; q++) {
            const int64_t j = next_nearest(m, D, i, near + i * m);
            if (j >= 0 && q < 7)
                scale[i] = sqrt(D[i * m + j]);
        }
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < m; j++) {
            const double d = D[i * m + j], by = scale[i] * scale[j];
            const double weight = !gaussian ? 1 : by > 0 ? exp(-d / by) : d == 0;
            graph[i * m + j] = weight * (near[i * m + j] + near[j * m + i]) / 2;
        }
    free(scale);
    free(near);
    free(D);
    return graph;
}

/* Takes V. */
static void check(pw_matrix V, entry *value, int neighbours)
{
    for (int gaussian = 0; gaussian <= 1; gaussian++) {
        const pw_neighbours_request request = {.neighbours = neighbours, .gaussian = gaussian};
        pw_matrix graph = {.rows = 0};
        assert_int_equal(pw_graph_of_neighbours(&team, &V, &request, &graph), PW_OK);
        assert_int_equal(graph.rows, V.rows);
        assert_int_equal(graph.cols, V.rows);
        double *got = scratch_gather(&team, &graph);
        double *wanted = plain(V.rows, V.cols, value, neighbours, gaussian);
        for (int64_t e = 0; e < V.rows * V.rows; e++)
            assert_true(fabs(got[e] - wanted[e]) <= 1e-12 * wanted[e]);
        for (int64_t i = 0; i < V.rows; i++)
            for (int64_t j = 0; j < i; j++)
                assert_true(got[i * V.rows + j] == got[j * V.rows + i]);
        free(got);
        free(wanted);
        pw_matrix_destroy(&graph);
    }
    pw_matrix_destroy(&V);
}

static void dense_rows(void **state)
{
    (void)state;
    check(dense(150, 3, spread, PW_F64), spread, 10);
    check(dense(67, 40, spread, PW_F64), spread, 5);
    check(dense(70, 2, far, PW_F64), far, 9);
}

static void equal_rows(void **state)
{
    (void)state;
    check(dense(66, 3, repeated, PW_F64), repeated, 10);
    check(dense(66, 3, repeated, PW_F64), repeated, 12);
    check(dense(66, 3, repeated, PW_F64), repeated, 3);
}

static void of_equally_near_rows_the_first(void **state)
{
    (void)state;
    check(dense(130, 4, whole, PW_U8), whole, 8);
    check(sparse(130, 4, whole, PW_TYPE_NARROWEST), whole, 8);
}

static void sparse_rows(void **state)
{
    (void)state;
    check(sparse(140, 60, rare, PW_F64), rare, 6);
}

static void few_rows(void **state)
{
    (void)state;
    for (int64_t m = 1; m <= 5; m++) {
        check(dense(m, 2, spread, PW_F64), spread, 1);
        check(dense(m, 2, spread, PW_F64), spread, 10);
        check(sparse(m, 7, rare, PW_F64), rare, 2);
    }
}

/* ---- components ---- */

/* A ring of every third of 30 nodes, pairs of some others, nodes with an edge to themselves, and nodes with none. */
static double ring_and_pairs(int64_t i, int64_t j)
{
    if (i % 3 == 0 && j % 3 == 0)
        return (i + 3) % 30 == j || (j + 3) % 30 == i;
    if (i % 3 == 1 && j % 3 == 1 && i < 18 && j < 18)
        return i / 6 == j / 6;
    return i == j && i % 3 == 2 && i < 12;
}

static void components_and_isolated_nodes(void **state)
{
    (void)state;
    const pw_type TYPES[] = {PW_U8, PW_F64};
    for (int is_sparse = 0; is_sparse <= 1; is_sparse++)
        for (int t = 0; t < 2; t++) {
            pw_matrix V = (is_sparse ? sparse : dense)(30, 30, ring_and_pairs, TYPES[t]);
            int64_t parts, isolated;
            assert_int_equal(pw_graph_parts(&team, &V, &parts, &isolated), PW_OK);
            assert_int_equal(isolated, 4 + 6);
            assert_int_equal(parts, 1 + 3 + 4 + isolated);
            pw_matrix_destroy(&V);
        }
}

/* A path whose nodes are far from each other in their numbers: each rank has pieces of it. */
static double path(int64_t i, int64_t j)
{
    const int64_t a = 37 * i % 101, b = 37 * j % 101;
    return a - b == 1 || b - a == 1;
}

static void one_long_path(void **state)
{
    (void)state;
    pw_matrix V = sparse(101, 101, path, PW_TYPE_NARROWEST);
    int64_t parts, isolated;
    assert_int_equal(pw_graph_parts(&team, &V, &parts, &isolated), PW_OK);
    assert_int_equal(parts, 1);
    assert_int_equal(isolated, 0);
    pw_matrix_destroy(&V);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dense_rows),
        cmocka_unit_test(equal_rows),
        cmocka_unit_test(of_equally_near_rows_the_first),
        cmocka_unit_test(sparse_rows),
        cmocka_unit_test(few_rows),
        cmocka_unit_test(components_and_isolated_nodes),
        cmocka_unit_test(one_long_path),
    };
    ranks_begin(&argc, &argv, &team);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ranks_end(&team);
    return failed;
}
