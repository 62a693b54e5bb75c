/* Stability of components: known clusterings, and a naive twin that works on the components themselves. */
#include "base/random.h"
#include "select/stability.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { MOST_RESTARTS = 12, MOST_K = 5, DIMENSIONS = 9, MOST = MOST_RESTARTS * MOST_K };

/* Components, each of length 1, or zero everywhere. */
typedef struct ensemble {
    int restarts, k;
    double x[MOST][DIMENSIONS];
    double cosines[MOST * MOST];
} ensemble;

static double dot(const double *a, const double *b)
{
    double sum = 0;
    for (int d = 0; d < DIMENSIONS; d++)
        sum += a[d] * b[d];
    return sum;
}

static void scale(double *a)
{
    const double length = sqrt(dot(a, a));
    for (int d = 0; d < DIMENSIONS; d++)
        a[d] = length > 0 ? a[d] / length : 0;
}

static void find_cosines(ensemble *e)
{
    const int n = e->restarts * e->k;
    for (int i = 0; i < n; i++)
        scale(e->x[i]);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            e->cosines[i * n + j] = dot(e->x[i], e->x[j]);
}

static double draw(uint64_t seed, int what, int64_t i, int d)
{
    return pw_random_uniform((pw_random_key){.seed = seed, .model = (uint32_t)what}, i,
                             (uint32_t)d);
}

/* The same k directions in every restart, under noise, in another order in each (restart r begins with component r
 * modulo k). */
static void make(ensemble *e, int restarts, int k, double noise, uint64_t seed)
{
    *e = (ensemble){.restarts = restarts, .k = k};
    for (int r = 0; r < restarts; r++)
        for (int c = 0; c < k; c++)
            for (int d = 0; d < DIMENSIONS; d++) {
                const int planted = (r + c) % k;
                const double sharp = draw(seed, 0, planted, d);
                e->x[r * k + c][d] = sharp * sharp * sharp * sharp +
                                     noise * draw(seed, 1, (int64_t)r * k + planted, d);
            }
    find_cosines(e);
}

/* ---- the naive twin ---- */

static bool next_permutation(int k, int *p)
{
    int i = k - 2, j = k - 1;
    while (i >= 0 && p[i] > p[i + 1])
        i--;
    if (i < 0)
        return false;
    while (p[j] < p[i])
        j--;
    int t = p[i];
    p[i] = p[j];
    p[j] = t;
    for (int a = i + 1, b = k - 1; a < b; a++, b--) {
        t = p[a];
        p[a] = p[b];
        p[b] = t;
    }
    return true;
}

/* The best pairs of k components with k centroids: tries all. */
static double match_ref(int k, double (*x)[DIMENSIONS], double (*centroid)[DIMENSIONS], int *best)
{
    int p[MOST_K];
    double most = -HUGE_VAL;
    for (int c = 0; c < k; c++)
        p[c] = c;
    do {
        double sum = 0;
        for (int c = 0; c < k; c++)
            sum += dot(x[c], centroid[p[c]]);
        if (sum > most) {
            most = sum;
            memcpy(best, p, (size_t)k * sizeof *p);
        }
    } while (next_permutation(k, p));
    return most;
}

static int medoid_ref(ensemble *e)
{
    int medoid = 0, ignored[MOST_K];
    double most = -HUGE_VAL;
    for (int r = 0; r < e->restarts; r++) {
        double sum = 0;
        for (int s = 0; s < e->restarts; s++)
            if (s != r)
                sum += match_ref(e->k, e->x + r * e->k, e->x + s * e->k, ignored);
        if (sum > most) {
            most = sum;
            medoid = r;
        }
    }
    return medoid;
}

static void cluster_ref(ensemble *e, int best, int *cluster)
{
    double centroid[MOST_K][DIMENSIONS];
    const int k = e->k, n = e->restarts * k;
    memcpy(centroid, e->x + medoid_ref(e) * k, (size_t)k * sizeof *centroid);
    for (int round = 0; round < 50; round++) {
        for (int r = 0; r < e->restarts; r++)
            match_ref(k, e->x + r * k, centroid, cluster + r * k);
        memset(centroid, 0, sizeof centroid);
        for (int i = 0; i < n; i++)
            for (int d = 0; d < DIMENSIONS; d++)
                centroid[cluster[i]][d] += e->x[i][d];
        for (int c = 0; c < k; c++)
            scale(centroid[c]);
    }
    int number[MOST_K];
    for (int c = 0; c < k; c++)
        number[cluster[best * k + c]] = c;
    for (int i = 0; i < n; i++)
        cluster[i] = number[cluster[i]];
}

static double mean_distance_ref(ensemble *e, const int *cluster, int i, int c)
{
    double sum = 0;
    int count = 0;
    for (int j = 0; j < e->restarts * e->k; j++)
        if (j != i && cluster[j] == c) {
            sum += 1 - dot(e->x[i], e->x[j]);
            count++;
        }
    return sum / count;
}

static double silhouette_ref(ensemble *e, const int *cluster, int i)
{
    const double a = mean_distance_ref(e, cluster, i, cluster[i]);
    double b = HUGE_VAL;
    for (int c = 0; c < e->k; c++)
        if (c != cluster[i])
            b = fmin(b, mean_distance_ref(e, cluster, i, c));
    return (b - a) / fmax(a, b);
}

static bool near(double a, double b)
{
    return fabs(a - b) < 1e-9;
}

static void check_against_twin(ensemble *e, int best)
{
    int cluster[MOST];
    pw_stability s;
    assert_int_equal(pw_stability_find(e->restarts, e->k, best, e->cosines, &s), PW_OK);
    cluster_ref(e, best, cluster);
    double mean = 0, minimum = HUGE_VAL;
    for (int c = 0; c < e->k; c++) {
        double sum = 0;
        for (int i = 0; i < e->restarts * e->k; i++) {
            assert_int_equal(s.cluster[i], cluster[i]);
            assert_true(near(s.component[i], silhouette_ref(e, cluster, i)));
            sum += cluster[i] == c ? s.component[i] / e->restarts : 0;
        }
        assert_true(near(s.silhouette[c], sum));
        mean += sum / e->k;
        minimum = fmin(minimum, sum);
    }
    assert_true(near(s.mean, mean) && near(s.minimum, minimum));
    pw_stability_destroy(&s);
}

/* ---- tests ---- */

static void the_same_in_another_order(void **state)
{
    (void)state;
    static ensemble e;
    for (int k = 2; k <= MOST_K; k++) {
        pw_stability s;
        make(&e, 7, k, 0, 1);
        assert_int_equal(pw_stability_find(7, k, 3, e.cosines, &s), PW_OK);
        assert_true(s.mean == 1 && s.minimum == 1);
        for (int c = 0; c < k; c++) {
            assert_int_equal(s.cluster[3 * k + c], c);
            for (int r = 0; r < 7; r++) /* planted (r + c) mod k stands at 3 + c' in restart 3 */
                assert_int_equal((s.cluster[r * k + c] + 3) % k, (r + c) % k);
        }
        pw_stability_destroy(&s);
    }
}

static void noise_as_the_twin(void **state)
{
    (void)state;
    static ensemble e;
    double sum = 0;
    for (int k = 2; k <= MOST_K; k++)
        for (uint64_t seed = 0; seed < 6; seed++) {
            const double noise = 0.2 + 0.8 * (double)seed;
            make(&e, 4 + (int)seed, k, noise, seed);
            check_against_twin(&e, (int)seed % 4);
            pw_stability s;
            assert_int_equal(pw_stability_find(e.restarts, k, 0, e.cosines, &s), PW_OK);
            sum += s.mean;
            pw_stability_destroy(&s);
        }
    assert_true(sum < 22); /* of 24 cases: some were hard */
}

/* One of four directions is found anew in each restart: its cluster alone is unstable. */
static void one_unstable_component(void **state)
{
    (void)state;
    static ensemble e;
    enum { K = 4, RESTARTS = 10 };
    pw_stability s;
    e = (ensemble){.restarts = RESTARTS, .k = K};
    for (int r = 0; r < RESTARTS; r++)
        for (int c = 0; c < K; c++) {
            double *x = e.x[r * K + (r + c) % K];
            for (int d = 0; d < DIMENSIONS; d++)
                x[d] = 0.01 * draw(7, 2, (int64_t)r * K + c, d);
            x[c < 3 ? c : 3 + r % 6] += 1;
        }
    find_cosines(&e);
    assert_int_equal(pw_stability_find(RESTARTS, K, 2, e.cosines, &s), PW_OK);
    for (int c = 0; c < K; c++) {
        const int planted = (c + K - 2) % K;
        assert_true(planted == 3 ? s.silhouette[c] < 0.3 : s.silhouette[c] > 0.95);
        for (int r = 0; r < RESTARTS; r++)
            assert_int_equal(s.cluster[r * K + (r + planted) % K], c);
    }
    assert_true(s.minimum < 0.3 && s.mean > 0.7 && s.mean < 0.8);
    pw_stability_destroy(&s);
}

/* In the last restart both components are nearest to centroid 0, and the nearer of them belongs to the other. */
static void greed_is_wrong(void **state)
{
    (void)state;
    static const double degrees[] = {0, 40, 0, 40, 15, -20};
    static ensemble e;
    pw_stability s;
    e = (ensemble){.restarts = 3, .k = 2};
    for (int i = 0; i < 6; i++) {
        e.x[i][0] = cos(degrees[i] * 3.14159265358979 / 180);
        e.x[i][1] = sin(degrees[i] * 3.14159265358979 / 180);
    }
    find_cosines(&e);
    assert_true(e.cosines[4 * 6] > e.cosines[4 * 6 + 1]);
    assert_true(e.cosines[4 * 6] > e.cosines[5 * 6]);
    assert_int_equal(pw_stability_find(3, 2, 0, e.cosines, &s), PW_OK);
    assert_int_equal(s.cluster[4], 1);
    assert_int_equal(s.cluster[5], 0);
    pw_stability_destroy(&s);
    check_against_twin(&e, 1);
}

/* A component that has died has cosine 0 with all: it is in a cluster, and no part of a stable one. */
static void dead_components(void **state)
{
    (void)state;
    static ensemble e;
    pw_stability s;
    make(&e, 5, 3, 0, 4);
    memset(e.x[3], 0, sizeof e.x[3]);
    find_cosines(&e);
    assert_int_equal(pw_stability_find(5, 3, 0, e.cosines, &s), PW_OK);
    assert_true(s.component[3] == 0);
    assert_true(s.silhouette[s.cluster[3]] < 0.8);
    assert_int_equal(s.cluster[3] + s.cluster[4] + s.cluster[5], 3);
    pw_stability_destroy(&s);
    e = (ensemble){.restarts = 5, .k = 3};
    assert_int_equal(pw_stability_find(5, 3, 0, e.cosines, &s), PW_OK);
    assert_true(s.mean == 0 && s.minimum == 0);
    pw_stability_destroy(&s);
}

/* All components of all restarts are the same but for rounding: no clusters. */
static void doubles_are_no_clusters(void **state)
{
    (void)state;
    static ensemble e;
    pw_stability s;
    e = (ensemble){.restarts = 4, .k = 3};
    for (int i = 0; i < 12; i++)
        for (int d = 0; d < DIMENSIONS; d++)
            e.x[i][d] = (1 + d) * (1 + 1e-15 * draw(1, 3, i, d));
    find_cosines(&e);
    assert_int_equal(pw_stability_find(4, 3, 0, e.cosines, &s), PW_OK);
    assert_true(s.mean == 0 && s.minimum == 0);
    pw_stability_destroy(&s);
}

static void one_component_or_one_restart(void **state)
{
    (void)state;
    static ensemble e;
    pw_stability s;
    make(&e, 7, 1, 1, 2);
    assert_int_equal(pw_stability_find(7, 1, 6, e.cosines, &s), PW_OK);
    assert_true(s.mean == 1 && s.minimum == 1 && s.silhouette[0] == 1 && s.component[5] == 1);
    pw_stability_destroy(&s);
    make(&e, 1, 3, 1, 2);
    assert_int_equal(pw_stability_find(1, 3, 0, e.cosines, &s), PW_OK);
    assert_true(isnan(s.mean) && isnan(s.minimum) && isnan(s.silhouette[2]));
    assert_int_equal(s.cluster[2], 2);
    pw_stability_destroy(&s);
    pw_stability_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_in_another_order),
        cmocka_unit_test(noise_as_the_twin),
        cmocka_unit_test(one_unstable_component),
        cmocka_unit_test(greed_is_wrong),
        cmocka_unit_test(dead_components),
        cmocka_unit_test(doubles_are_no_clusters),
        cmocka_unit_test(one_component_or_one_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
