/* What is timed is the work that is meant: products by tiles and by BLAS against plain sums, each stored entry of V gathered and scattered. */
#include "measure/measure.h"
#include "support/on_ranks.h"
#include "support/plain.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

enum { M = 1100, N = 37, K = 5 }; /* several tiles on a rank */

static pw_team team;
static long
    late; /* ns that this rank takes to come from a barrier, as one that waits for its turn on a core */

/* In place of the library's. */
int MPI_Barrier(MPI_Comm comm)
{
    const struct timespec nap = {.tv_nsec = late};
    const int code = PMPI_Barrier(comm);
    nanosleep(&nap, NULL);
    return code;
}

static double entry(int64_t i, int64_t j)
{
    return (double)((i * 7 + j * 13) % 11);
}

static double number(const pw_sweep_meter *m, const void *values, int64_t at)
{
    return m->single ? ((const float *)values)[at] : ((const double *)values)[at];
}

static void assert_near(double found, double right)
{
    if (!(fabs(found - right) <= 1e-5 * fabs(right)))
        fail_msg("%.9g instead of %.9g", found, right);
}

static void check_products(const pw_sweep_meter *m)
{
    for (int64_t j = 0; j < N; j++)
        for (int c = 0; c < K; c++) {
            double sum = 0;
            for (int64_t i = 0; i < m->V->count; i++)
                sum += entry(m->V->first + i, j) * m->W[i * K + c];
            assert_near(m->P[j * K + c], sum);
            if (m->P_wide)
                assert_near(number(m, m->P_wide, j * K + c), sum);
        }
    for (int64_t i = 0; m->R_wide && i < m->V->count; i++)
        for (int c = 0; c < K; c++) {
            double sum = 0;
            for (int64_t j = 0; j < N; j++)
                sum += entry(m->V->first + i, j) * m->H[j * K + c];
            assert_near(number(m, m->R_wide, i * K + c), sum);
        }
}

static void sweeps(void **state)
{
    (void)state;
    const plain all = {M, N, entry};
    for (int way = 0; way < 8; way++) {
        const bool sparse = way & 1, single = way & 2;
        pw_matrix V = plain_make(&team, &all, sparse, false, way & 4 ? PW_F64 : PW_U8);
        pw_sweep_meter meter;
        pw_team_use_threads(way & 4 ? 3 : 1, &team);
        assert_int_equal(pw_sweep_meter_create(&team, &V, K, single, !sparse, &meter), PW_OK);
        for (int turn = 0; turn < 2; turn++) { /* sums begin anew */
            assert_true(pw_sweep_meter_run(&meter) > 0);
            if (!sparse)
                assert_true(pw_sweep_meter_blas(&meter) > 0);
        }
        check_products(&meter);
        assert_true(pw_sweep_flops(&V, K) == 4.0 * K * (double)V.entries);
        pw_sweep_meter_destroy(&meter);
        pw_matrix_destroy(&V);
    }
    pw_team_use_threads(1, &team);
}

static void gathers(void **state)
{
    (void)state;
    const plain all = {M, N, entry};
    pw_matrix V = plain_make(&team, &all, true, false, PW_U8);
    for (int k = 5; k <= 21; k += 8) { /* below a vector, and beside whole ones */
        pw_gather gather;
        assert_int_equal(pw_gather_create(&team, &V, k, false, &gather), PW_OK);
        const int64_t local = pw_matrix_local_entries(&V);
        assert_true(gather.entries <= local && gather.entries > local - 64);
        for (int64_t i = 0; i < N * k; i++)
            ((double *)gather.H)[i] = 1;
        assert_true(pw_gather_measure(&gather) > 0);
        assert_true(gather.gathered == (double)(gather.entries * k));
        for (int64_t e = 0; e < gather.entries; e++) /* what was scattered to, taken away again */
            for (int c = 0; c < k; c++)
                ((double *)gather.P)[V.column[e] * k + c] -= 1;
        for (int64_t i = 0; i < N * k; i++)
            assert_true(((double *)gather.P)[i] == 0);
        pw_gather_destroy(&gather);
    }
    pw_matrix_destroy(&V);
}

static void count(void *context)
{
    const struct timespec nap = {.tv_nsec = 1000000};
    nanosleep(&nap, NULL);
    ++*(int *)context;
}

static void all_ranks_count(void **state)
{
    (void)state;
    int times = 0;
    late = 20000000L * team.rank;
    assert_true(pw_measure_seconds(&team, count, &times) >= 0.001 + 0.02 * (team.size - 1));
    late = 0;
    assert_int_equal(times, 1);
}

static void machine(void **state)
{
    (void)state;
    double values[] = {3, 1, 2, 10};
    pw_gauge gauge;
    assert_true(pw_measure_median(values, 4) == 2.5 && pw_measure_median(values, 3) == 2);
    assert_int_equal(pw_gauge_create(&team, 2, &gauge), PW_OK);
    assert_true(pw_bandwidth_measure(&team, &gauge) > 0);
    assert_true(pw_peak_measure(&team, 2, true) > 0);
    pw_gauge_destroy(&gauge);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sweeps),
        cmocka_unit_test(gathers),
        cmocka_unit_test(all_ranks_count),
        cmocka_unit_test(machine),
    };
    ranks_begin(&argc, &argv, &team);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ranks_end(&team);
    return failed;
}
