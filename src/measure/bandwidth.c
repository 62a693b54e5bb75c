/* The bandwidth of memory: how fast numbers are read that no cache holds. */
#include "measure/measure.h"

#include "base/clones.h"
#include "base/memory.h"
#include "base/smaller.h"

#include <omp.h>
#include <unistd.h>

enum {
    LEAST_BYTES = 1 << 25, /* of the numbers of a rank */
    MOST_BYTES = 1 << 28,
    READ_BYTES = 1 << 28, /* by a thread in one measurement, at the least */
    PARTS = 4,
    LANES = 8,
    CHAINS = 8
};

typedef double lanes __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double))));

static volatile double sink; /* keeps the results, and so the work */

PW_CLONES static double sum(const double *values, int64_t count)
{
    lanes chain[CHAINS] = {{0}};
    for (int64_t i = 0; i + CHAINS * LANES <= count; i += CHAINS * LANES)
        for (int c = 0; c < CHAINS; c++)
            chain[c] += *(const lanes *)(const void *)(values + i + c * LANES);
    for (int c = 1; c < CHAINS; c++)
        chain[0] += chain[c];
    return chain[0][0];
}

/* Ranks of a node share its memory. */
static int64_t bytes_of_rank(pw_team *team)
{
    const int ranks = pw_ranks_on_node(team->comm);
    return MOST_BYTES / ranks > LEAST_BYTES ? MOST_BYTES / ranks : LEAST_BYTES;
}

pw_code pw_gauge_create(pw_team *team, int threads, pw_gauge *gauge)
{
    const int64_t bytes = bytes_of_rank(team);
    *gauge = (pw_gauge){.threads = threads, .count = bytes / (int64_t)sizeof *gauge->values};
    pw_code code = pw_memory_check(team, bytes, "bench", "measuring");
    PW_TRY(code);
    PW_TRY(pw_agree(team, PW_NEW(gauge->values, gauge->count)));
#pragma omp parallel for num_threads(threads) schedule(static)
    for (int64_t i = 0; i < gauge->count; i++)
        gauge->values[i] = (double)(i % 7 + 1);
done:
    return code;
}

void pw_gauge_destroy(pw_gauge *gauge)
{
    free(gauge->values);
    *gauge = (pw_gauge){.threads = 0};
}

/* How often one measurement reads all of it. */
static int64_t times_read(const pw_gauge *gauge)
{
    const int64_t numbers = READ_BYTES / (int64_t)sizeof *gauge->values * gauge->threads;
    return pw_parts_of(numbers, gauge->count);
}

/* Reads one part after the other in turns: when it comes back to the first, caches have forgotten that. */
static void run(void *context)
{
    const pw_gauge *gauge = context;
    const int64_t parts = (int64_t)gauge->threads * PARTS, turns = times_read(gauge) * PARTS;
#pragma omp parallel num_threads(gauge->threads)
    {
        const int64_t first = (int64_t)omp_get_thread_num() * PARTS;
        double own = 0;
        for (int64_t i = 0; i < turns; i++) {
            const int64_t part = first + i % PARTS;
            const int64_t from = pw_share(gauge->count, parts, part);
            own += sum(gauge->values + from, pw_share(gauge->count, parts, part + 1) - from);
        }
#pragma omp critical
        sink = own;
    }
}

double pw_bandwidth_measure(pw_team *team, pw_gauge *gauge)
{
    double bytes = (double)gauge->count * sizeof *gauge->values * (double)times_read(gauge);
    MPI_Allreduce(MPI_IN_PLACE, &bytes, 1, MPI_DOUBLE, MPI_SUM, team->comm);
    return bytes / pw_measure_seconds(team, run, gauge);
}
