/* The library call: the same factors as the naive loop's shapes promise, and refusals in words. */
#include "partwise/partwise.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { M = 23, N = 17, K = 3 };

static double entry(int64_t i, int64_t j)
{
    return (double)((i * 7 + j * 3 + i * j) % 11);
}

typedef struct block {
    int64_t first, count;
    double *dense;
    int64_t row_pointer[M + 1];
    uint32_t column[M * N];
    double value[M * N];
} block;

/* This rank's rows: uneven blocks, rank 0 has none where there are several. */
static void make_block(block *b)
{
    int rank, size;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    b->first = size == 1 ? 0 : rank == 0 ? 0 : M * (rank - 1) / (size - 1);
    b->count = (size == 1 ? M : rank == 0 ? 0 : M * rank / (size - 1)) - b->first;
    b->dense = calloc((size_t)(b->count * N) + 1, sizeof *b->dense);
    int64_t entries = 0;
    b->row_pointer[0] = 0;
    for (int64_t i = 0; i < b->count; i++) {
        for (int64_t j = 0; j < N; j++) {
            b->dense[i * N + j] = entry(b->first + i, j);
            if (b->dense[i * N + j] == 0)
                continue;
            b->column[entries] = (uint32_t)j;
            b->value[entries++] = b->dense[i * N + j];
        }
        b->row_pointer[i + 1] = entries;
    }
}

static pw_input as_dense(const block *b)
{
    return (pw_input){
        .rows = M, .columns = N, .count = b->count, .type = PW_F64, .values = b->dense};
}

static pw_input as_sparse(const block *b)
{
    return (pw_input){.rows = M,
                      .columns = N,
                      .count = b->count,
                      .type = PW_F64,
                      .values = b->value,
                      .row_pointer = b->row_pointer,
                      .column = b->column};
}

static const char *const OPTIONS[] = {"k=3", "seed=4", "max-iterations=40", "tolerance=0", NULL};

/* ‖V − WH‖² over all ranks, from what came out. */
static double squared_error(const block *b, const pw_factors *f)
{
    double sum = 0;
    for (int64_t i = 0; i < b->count; i++)
        for (int64_t j = 0; j < N; j++) {
            double difference = b->dense[i * N + j];
            for (int c = 0; c < K; c++)
                difference -= f->W[i * K + c] * f->H[c * N + j];
            sum += difference * difference;
        }
    MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    return sum;
}

static void factors_have_their_objective(void **state)
{
    (void)state;
    block b;
    make_block(&b);
    const pw_input inputs[] = {as_dense(&b), as_sparse(&b)};
    double objective[2];
    for (int i = 0; i < 2; i++) {
        pw_factors f;
        if (pw_factorise(MPI_COMM_WORLD, &inputs[i], OPTIONS, &f) != PW_OK)
            fail_msg("%s", pw_failure());
        assert_int_equal(f.iterations, 40);
        assert_string_equal(f.stopped, "iteration limit");
        objective[i] = f.objective;
        assert_true(fabs(0.5 * squared_error(&b, &f) - f.objective) < 1e-9 * f.objective);
        pw_factors_destroy(&f);
    }
    assert_true(fabs(objective[0] - objective[1]) < 1e-10 * objective[0]);
    free(b.dense);
}

/* NaN in place of the zeros, and the zeros themselves, called missing: the same fit, also with entries held out. */
static void missing_entries(void **state)
{
    (void)state;
    block b;
    make_block(&b);
    const pw_input zeros = as_dense(&b), sparse = as_sparse(&b);
    block holes = b;
    holes.dense = calloc((size_t)(b.count * N) + 1, sizeof *holes.dense);
    for (int64_t i = 0; i < b.count * N; i++)
        holes.dense[i] = b.dense[i] == 0 ? NAN : b.dense[i];
    const pw_input inputs[] = {as_dense(&holes), zeros, sparse};
    static const char *const MISSING[] = {"missing=nan", "missing=zero", "missing=zero"};
    double objective[3], error[3];
    for (int i = 0; i < 3; i++) {
        const char *const options[] = {
            "k=3", "seed=4", "max-iterations=40", "tolerance=0", MISSING[i], "holdout=0.1", NULL};
        pw_factors f;
        if (pw_factorise(MPI_COMM_WORLD, &inputs[i], options, &f) != PW_OK)
            fail_msg("%s", pw_failure());
        objective[i] = f.objective;
        error[i] = f.holdout_error;
        pw_factors_destroy(&f);
    }
    for (int i = 1; i < 3; i++) {
        assert_true(fabs(objective[i] - objective[0]) < 1e-9 * objective[0]);
        assert_true(error[0] > 0 && fabs(error[i] - error[0]) < 1e-7 * error[0]);
    }
    free(holes.dense);
    free(b.dense);
}

/* Columns of V itself divided by their sums are what weight=column-l1 makes of them; normalise=l2 leaves W of length 1. */
static void weights_and_norms(void **state)
{
    static const char *const PLAIN[] = {"k=3", "max-iterations=20", NULL};
    static const char *const OTHER[] = {"k=3", "max-iterations=20", "weight=column-l1",
                                        "normalise=l2", NULL};
    pw_factors plain, other;
    double square[K] = {0};
    block b;
    (void)state;
    make_block(&b);
    const pw_input dense = as_dense(&b), sparse = as_sparse(&b);
    assert_int_equal(pw_factorise(MPI_COMM_WORLD, &sparse, OTHER, &other), PW_OK);
    for (int64_t j = 0; j < N; j++) {
        double sum = 0;
        for (int64_t i = 0; i < M; i++)
            sum += entry(i, j);
        for (int64_t i = 0; i < b.count; i++)
            b.dense[i * N + j] /= sum;
    }
    assert_int_equal(pw_factorise(MPI_COMM_WORLD, &dense, PLAIN, &plain), PW_OK);
    assert_true(fabs(plain.objective - other.objective) < 1e-10 * plain.objective);
    assert_true(!plain.scale && other.scale);
    for (int64_t i = 0; i < b.count; i++)
        for (int c = 0; c < K; c++) {
            square[c] += other.W[i * K + c] * other.W[i * K + c];
            assert_true(fabs(plain.W[i * K + c] - other.W[i * K + c] * other.scale[c]) < 1e-8);
        }
    MPI_Allreduce(MPI_IN_PLACE, square, K, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    for (int c = 0; c < K; c++)
        assert_true(fabs(square[c] - 1) < 1e-12);
    pw_factors_destroy(&plain);
    pw_factors_destroy(&other);
    free(b.dense);
}

static void refuse(const pw_input *input, const char *const options[], pw_code expected,
                   const char *word)
{
    pw_factors f;
    assert_int_equal(pw_factorise(MPI_COMM_WORLD, input, options, &f), expected);
    if (!strstr(pw_failure(), word))
        fail_msg("'%s' does not speak of '%s'", pw_failure(), word);
    pw_factors_destroy(&f);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    block b;
    make_block(&b);
    pw_input V = as_dense(&b);
    refuse(&V, (const char *const[]){"k=3", "checkpoint=c.h5", NULL}, PW_ERROR_USAGE, "checkpoint");
    refuse(&V, (const char *const[]){"k=3", "mask=m.h5", NULL}, PW_ERROR_USAGE, "mask");
    refuse(&V, (const char *const[]){"k=3", "restarts=2", NULL}, PW_ERROR_USAGE, "restarts");
    refuse(&V, (const char *const[]){"k=0", NULL}, PW_ERROR_USAGE, "k");
    refuse(&V, (const char *const[]){"seed=1", NULL}, PW_ERROR_USAGE, "k");
    refuse(&V, (const char *const[]){"k=3", "methd=mu", NULL}, PW_ERROR_USAGE, "method");
    V.rows = M + 1;
    refuse(&V, OPTIONS, PW_ERROR_INPUT, "rows");
    V = as_sparse(&b);
    if (b.count > 0)
        b.column[0] = N;
    refuse(&V, OPTIONS, PW_ERROR_INPUT, "columns");
    V = as_dense(&b);
    if (b.count > 0)
        b.dense[2] = -1;
    refuse(&V, OPTIONS, PW_ERROR_INPUT, "-1");
    free(b.dense);
}

static void ranks_that_differ_are_refused(void **state)
{
    (void)state;
    block b;
    int rank, size;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (size == 1)
        return;
    make_block(&b);
    pw_input V = as_dense(&b);
    const bool last = rank == size - 1;
    refuse(&V, (const char *const[]){last ? "k=4" : "k=3", NULL}, PW_ERROR_USAGE, "other options");
    V = last ? as_sparse(&b) : as_dense(&b);
    refuse(&V, OPTIONS, PW_ERROR_USAGE, "other options");
    free(b.dense);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factors_have_their_objective),
        cmocka_unit_test(missing_entries),
        cmocka_unit_test(weights_and_norms),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(ranks_that_differ_are_refused),
    };
    MPI_Init(&argc, &argv);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failed;
}
