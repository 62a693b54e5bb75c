/* The consensus of restarts against loops over their definitions, with many ties and without; the same tree on any number
 * of ranks. Trees are not compared with another algorithm's, which may break ties in another way: each merge must be one of
 * the nearest pairs that there are. */
#include "base/random.h"
#include "dist/collective.h"
#include "select/consensus.h"
#include "select/linkage.h"
#include "support/on_ranks.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { MOST = 70 };

static pw_team team, alone;

typedef struct problem {
    int64_t items;
    int restarts, k;
    double noise; /* share of labels that are drawn anew in each restart */
    double none;  /* share without label */
} problem;

static double draw(uint32_t what, int64_t i, int r)
{
    return pw_random_uniform((pw_random_key){.seed = 8, .model = what}, i, (uint32_t)r);
}

static int32_t *make_labels(const problem *p)
{
    int32_t *labels = calloc((size_t)(p->items * p->restarts) + 1, sizeof *labels);
    for (int r = 0; r < p->restarts; r++)
        for (int64_t i = 0; i < p->items; i++) {
            const bool anew = draw(1, i, r) < p->noise;
            labels[r * p->items + i] =
                draw(2, i, r) < p->none ? -1
                                        : (int32_t)(p->k * (anew ? draw(3, i, r) : draw(4, i, 0)));
        }
    return labels;
}

static pw_consensus make(pw_team *t, const problem *p, const int32_t *labels, int64_t k)
{
    pw_consensus s;
    if (pw_consensus_create(t, p->items, p->restarts, labels, k, &s) != PW_OK)
        fail_msg("%s", pw_failure());
    return s;
}

/* ---- what is true by definition; distances as they are, d[i][j] ---- */

typedef double square[MOST][MOST];

static void find_distances(const problem *p, const int32_t *labels, square d)
{
    for (int64_t i = 0; i < p->items; i++)
        for (int64_t j = 0; j < p->items; j++) {
            int together = 0;
            for (int r = 0; r < p->restarts; r++) {
                const int32_t *of = labels + r * p->items;
                together += of[i] >= 0 && of[i] == of[j];
            }
            d[i][j] = i == j ? 0 : 1 - (double)together / p->restarts;
        }
}

static bool near(double a, double b)
{
    return fabs(a - b) < 1e-6; /* C are floats */
}

static void check_matrix(const pw_consensus *s, square d)
{
    double sum = 0;
    assert_int_equal(s->first, pw_share(s->items, team.size, team.rank));
    assert_int_equal(s->first + s->count, pw_share(s->items, team.size, team.rank + 1));
    for (int64_t i = 0; i < s->count; i++)
        for (int64_t j = 0; j < s->items; j++)
            assert_true(s->C[i * s->items + j] == (float)(1 - d[s->first + i][j]));
    for (int64_t i = 0; i < s->items; i++)
        for (int64_t j = 0; j < s->items; j++)
            sum += 4 * (0.5 - d[i][j]) * (0.5 - d[i][j]);
    assert_true(near(s->dispersion, sum / (double)(s->items * s->items)));
}

/* Mean distances of all pairs of clusters, by the cluster of each item. */
static double mean_between(int64_t items, square d, const int64_t *of, int64_t a, int64_t b)
{
    double sum = 0;
    int pairs = 0;
    for (int64_t i = 0; i < items; i++)
        for (int64_t j = 0; of[i] == a && j < items; j++)
            if (of[j] == b) {
                sum += d[i][j];
                pairs++;
            }
    return sum / pairs;
}

static double least_between(int64_t items, square d, const int64_t *of)
{
    double least = INFINITY;
    for (int64_t i = 0; i < items; i++)
        for (int64_t j = 0; j < i; j++)
            if (of[i] != of[j])
                least = fmin(least, mean_between(items, d, of, of[i], of[j]));
    return least;
}

/* Each row merges a nearest pair; `joined` becomes the heights at which items are joined, `cut` the clusters when k are
 * left. */
static void check_linkage(const pw_consensus *s, square d, square joined, int64_t *cut)
{
    int64_t of[MOST];
    for (int64_t i = 0; i < s->items; i++)
        of[i] = cut[i] = i;
    for (int64_t r = 0; r < s->items - 1; r++) {
        const double *row = s->linkage + 4 * r, height = row[2];
        const int64_t a = (int64_t)row[0], b = (int64_t)row[1];
        int64_t size = 0;
        assert_true(a < b && b < s->items + r);
        assert_true(fabs(mean_between(s->items, d, of, a, b) - height) < 1e-13);
        assert_true(fabs(least_between(s->items, d, of) - height) < 1e-13);
        assert_true(r == 0 || height >= row[-2]);
        for (int64_t i = 0; i < s->items; i++)
            for (int64_t j = 0; j < s->items; j++)
                if (of[i] == a && of[j] == b)
                    joined[i][j] = joined[j][i] = height;
        for (int64_t i = 0; i < s->items; i++)
            if (of[i] == a || of[i] == b) {
                of[i] = s->items + r;
                size++;
            }
        assert_true(row[3] == (double)size);
        if (r < s->items - s->k)
            memcpy(cut, of, sizeof of);
    }
}

/* Writes the leaves below a cluster, the left ones first. */
static int64_t *walk(const pw_consensus *s, int64_t cluster, int64_t *leaf)
{
    if (cluster < s->items) {
        *leaf = cluster;
        return leaf + 1;
    }
    const double *row = s->linkage + 4 * (cluster - s->items);
    return walk(s, (int64_t)row[1], walk(s, (int64_t)row[0], leaf));
}

static void check_order(const pw_consensus *s, const int64_t *cut)
{
    int64_t leaf[MOST], number = -1;
    walk(s, 2 * s->items - 2, leaf);
    assert_memory_equal(leaf, s->order, (size_t)s->items * sizeof *leaf);
    for (int64_t p = 0; p < s->items; p++) {
        number += p == 0 || cut[leaf[p]] != cut[leaf[p - 1]];
        assert_int_equal(s->cluster[leaf[p]], number);
    }
    assert_int_equal(number + 1, s->k);
}

static void check_cophenetic(const pw_consensus *s, square d, square joined)
{
    long double x = 0, y = 0, xx = 0, xy = 0, yy = 0;
    const long double pairs = s->items * (s->items - 1) / 2.0L;
    for (int64_t i = 0; i < s->items; i++)
        for (int64_t j = 0; j < i; j++) {
            x += d[i][j] / pairs;
            y += joined[i][j] / pairs;
        }
    for (int64_t i = 0; i < s->items; i++)
        for (int64_t j = 0; j < i; j++) {
            xx += (d[i][j] - x) * (d[i][j] - x);
            xy += (d[i][j] - x) * (joined[i][j] - y);
            yy += (joined[i][j] - y) * (joined[i][j] - y);
        }
    assert_true(near(s->cophenetic, (double)(xy / sqrtl(xx * yy))));
}

static double mean_to(const pw_consensus *s, square d, int64_t i, int64_t cluster)
{
    double sum = 0;
    int members = 0;
    for (int64_t j = 0; j < s->items; j++)
        if (j != i && s->cluster[j] == cluster) {
            sum += d[i][j];
            members++;
        }
    return members > 0 ? sum / members : -1;
}

static void check_silhouettes(const pw_consensus *s, square d)
{
    double sum = 0;
    for (int64_t i = 0; i < s->items; i++) {
        const double a = mean_to(s, d, i, s->cluster[i]);
        double b = INFINITY;
        for (int64_t c = 0; c < s->k; c++)
            if (c != s->cluster[i])
                b = fmin(b, mean_to(s, d, i, c));
        assert_true(near(s->silhouette[i], a < 0 || fmax(a, b) == 0 ? 0 : (b - a) / fmax(a, b)));
        sum += s->silhouette[i];
    }
    assert_true(fabs(s->mean_silhouette - sum / (double)s->items) < 1e-13);
    for (int64_t c = 0; c < s->k; c++) {
        double of_cluster = 0;
        int members = 0;
        for (int64_t i = 0; i < s->items; i++)
            if (s->cluster[i] == c) {
                of_cluster += s->silhouette[i];
                members++;
            }
        assert_true(members > 0);
        assert_true(fabs(s->cluster_silhouette[c] - of_cluster / members) < 1e-13);
    }
}

static const problem PROBLEMS[] = {
    {23, 500, 3, 0.4, 0},    {40, 12, 4, 0.3, 0},  {40, 3, 3, 0.6, 0.1},
    {MOST, 40, 5, 0.5, 0.2}, {MOST, 2, 2, 0.2, 0}, {5, 9, 2, 0.5, 0},
};
enum { PROBLEM_COUNT = sizeof PROBLEMS / sizeof *PROBLEMS };

static void all_is_as_defined(void **state)
{
    (void)state;
    for (int a = 0; a < PROBLEM_COUNT; a++) {
        static square d, joined;
        int64_t cut[MOST];
        const problem *p = &PROBLEMS[a];
        int32_t *labels = make_labels(p);
        find_distances(p, labels, d);
        team.threads = 1 + a % 2;
        pw_consensus s = make(&team, p, labels, p->k);
        check_matrix(&s, d);
        check_linkage(&s, d, joined, cut);
        check_order(&s, cut);
        check_cophenetic(&s, d, joined);
        check_silhouettes(&s, d);
        pw_consensus_destroy(&s);
        free(labels);
    }
    team.threads = 1;
}

static void ranks_make_no_difference(void **state)
{
    (void)state;
    for (int a = 0; a < PROBLEM_COUNT; a++) {
        const problem *p = &PROBLEMS[a];
        int32_t *labels = make_labels(p);
        pw_consensus s = make(&team, p, labels, p->k), one = make(&alone, p, labels, p->k);
        const size_t n = (size_t)p->items;
        assert_memory_equal(s.linkage, one.linkage, 4 * (n - 1) * sizeof *s.linkage);
        assert_memory_equal(s.order, one.order, n * sizeof *s.order);
        assert_memory_equal(s.cluster, one.cluster, n * sizeof *s.cluster);
        assert_memory_equal(s.silhouette, one.silhouette, n * sizeof *s.silhouette);
        assert_true(fabs(s.cophenetic - one.cophenetic) < 1e-13);
        assert_true(fabs(s.dispersion - one.dispersion) < 1e-13);
        pw_consensus_destroy(&s);
        pw_consensus_destroy(&one);
        free(labels);
    }
}

/* What scipy 1.10 (linkage, cophenet, dendrogram) and scikit-learn (silhouette_samples) say of these labels. */
static void as_scipy_has_it(void **state)
{
    (void)state;
    static const int32_t LABELS[8][7] = {{1, 1, 1, 1, -1, 2, 2}, {-1, 0, -1, 1, 2, 2, 2},
                                         {0, 0, 2, 1, 2, -1, 0}, {0, 1, -1, 1, 2, 2, 2},
                                         {2, 0, 1, 2, 2, 2, 0},  {0, 2, 1, 1, 0, 2, 2},
                                         {0, 0, 1, 1, 2, 2, 2},  {0, 0, 0, 1, 0, 2, 2}};
    static const double LINKAGE[6][4] = {{5, 6, 0.25, 2},   {0, 1, 0.5, 2},
                                         {4, 7, 0.5625, 3}, {2, 3, 0.625, 2},
                                         {8, 10, 0.75, 4},  {9, 11, 0.85416666666666663, 7}};
    static const int64_t ORDER[] = {4, 5, 6, 0, 1, 2, 3}, CLUSTER[] = {1, 1, 2, 2, 0, 0, 0};
    static const double SILHOUETTE[] = {
        0.33333333333333331, 0.33333333333333331, 0.16666666666666666, 0.16666666666666666, 0.25,
        0.5714285714285714,  0.41666666666666669};
    const problem p = {.items = 7, .restarts = 8};
    pw_consensus s = make(&team, &p, LABELS[0], 3);
    for (int i = 0; i < 24; i++)
        assert_true(fabs(s.linkage[i] - LINKAGE[i / 4][i % 4]) < 1e-15);
    for (int i = 0; i < 7; i++)
        assert_true(fabs(s.silhouette[i] - SILHOUETTE[i]) < 1e-14);
    assert_memory_equal(s.order, ORDER, sizeof ORDER);
    assert_memory_equal(s.cluster, CLUSTER, sizeof CLUSTER);
    assert_true(fabs(s.cophenetic - 0.85761719104552214) < 1e-14);
    assert_true(fabs(s.dispersion - 0.47448979591836737) < 1e-14);
    pw_consensus_destroy(&s);
}

static void clear_clusters_are_found(void **state)
{
    (void)state;
    const problem p = {30, 6, 3, 0, 0};
    int32_t *labels = make_labels(&p);
    for (int r = 0; r < p.restarts; r++) /* other numbers for the same clusters */
        for (int64_t i = 0; i < p.items; i++)
            labels[r * p.items + i] = (labels[r * p.items + i] + r) % 3;
    pw_consensus s = make(&team, &p, labels, 3);
    assert_true(fabs(s.cophenetic - 1) < 1e-13 && s.cophenetic <= 1);
    assert_true(s.dispersion == 1 && s.mean_silhouette == 1);
    for (int64_t i = 0; i < p.items; i++)
        for (int64_t j = 0; j < i; j++)
            assert_int_equal(s.cluster[i] == s.cluster[j], labels[i] == labels[j]);
    pw_consensus_destroy(&s);
    free(labels);
}

/* Where all distances are the same there is no correlation; merges go by the numbers of the items. */
static void nothing_to_tell_apart(void **state)
{
    (void)state;
    for (int32_t label = -1; label < 1; label++) {
        int32_t labels[20];
        for (int i = 0; i < 20; i++)
            labels[i] = label;
        const problem p = {.items = 10, .restarts = 2};
        pw_consensus s = make(&team, &p, labels, 2);
        assert_true(isnan(s.cophenetic));
        assert_true(s.dispersion == 1);
        for (int r = 0; r < 9; r++)
            assert_true(s.linkage[4 * r + 2] == (label < 0));
        for (int i = 0; i < 10; i++)
            assert_true(s.silhouette[i] == 0);
        pw_consensus_destroy(&s);
    }
}

static void as_many_clusters_as_items_or_one(void **state)
{
    (void)state;
    const problem p = {9, 5, 3, 0.5, 0};
    int32_t *labels = make_labels(&p);
    for (int64_t k = 9; k < 12; k++) {
        pw_consensus s = make(&team, &p, labels, k);
        assert_int_equal(s.k, 9);
        assert_true(s.mean_silhouette == 0);
        for (int64_t q = 0; q < 9; q++) {
            assert_int_equal(s.cluster[s.order[q]], q);
            assert_true(s.silhouette[q] == 0 && s.cluster_silhouette[q] == 0);
        }
        pw_consensus_destroy(&s);
    }
    pw_consensus s = make(&team, &p, labels, 1);
    for (int64_t i = 0; i < 9; i++)
        assert_true(s.cluster[i] == 0 && isnan(s.silhouette[i]));
    assert_true(isnan(s.mean_silhouette) && isnan(s.cluster_silhouette[0]));
    assert_true(s.cophenetic > 0 && s.cophenetic <= 1);
    pw_consensus_destroy(&s);
    free(labels);
}

static void one_or_two_items(void **state)
{
    (void)state;
    const int32_t labels[] = {0, 0, 1, 0, -1, -1, 1, 1};
    const problem single = {.items = 1, .restarts = 8}, two = {.items = 2, .restarts = 4};
    pw_consensus s = make(&team, &single, labels, 3);
    assert_int_equal(s.k, 1);
    assert_true(s.order[0] == 0 && s.cluster[0] == 0 && s.dispersion == 1);
    assert_true(isnan(s.cophenetic) && isnan(s.mean_silhouette));
    pw_consensus_destroy(&s);
    s = make(&team, &two, labels, 2);
    static const double LINKAGE[] = {0, 1, 0.5, 2};
    assert_memory_equal(s.linkage, LINKAGE, sizeof LINKAGE);
    assert_true(s.order[0] == 0 && s.order[1] == 1 && s.cluster[0] == 0 && s.cluster[1] == 1);
    assert_true(isnan(s.cophenetic) && s.dispersion == 0.5);
    assert_true(s.silhouette[0] == 0 && s.silhouette[1] == 0);
    pw_consensus_destroy(&s);
}

static void too_many_items_are_refused(void **state)
{
    (void)state;
    static const int64_t TOO_MANY[] = {20000000, INT64_C(2000000000000), INT64_MAX};
    for (int i = 0; i < 3; i++) {
        pw_consensus s;
        assert_int_equal(pw_consensus_create(&team, TOO_MANY[i], 1, NULL, 2, &s), PW_ERROR_MEMORY);
        assert_non_null(strstr(pw_failure(), "no room for the consensus of"));
        pw_consensus_destroy(&s);
    }
}

static void least_over_ranks(void **state)
{
    (void)state;
    double value = team.rank == 0 ? 3 : 2;
    int64_t index = 100 - team.rank;
    pw_reduce_min_at(&team, &value, &index);
    assert_true(value == (team.size == 1 ? 3 : 2));
    assert_int_equal(index, 101 - team.size);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_as_defined),     cmocka_unit_test(ranks_make_no_difference),
        cmocka_unit_test(as_scipy_has_it),       cmocka_unit_test(clear_clusters_are_found),
        cmocka_unit_test(nothing_to_tell_apart), cmocka_unit_test(as_many_clusters_as_items_or_one),
        cmocka_unit_test(one_or_two_items),      cmocka_unit_test(too_many_items_are_refused),
        cmocka_unit_test(least_over_ranks),
    };
    ranks_begin(&argc, &argv, &team);
    pw_team_create(MPI_COMM_SELF, PW_LOG_QUIET, &alone);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pw_team_destroy(&alone);
    ranks_end(&team);
    return failed;
}
