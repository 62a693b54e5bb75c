/* Gather and scatter, the roof of sparse products: what each stored entry of V moves, a row of H in and a row of P in and out, and
 * next to no arithmetic: all that is gathered is added up, whatever its place in its row, and 1 added to what is scattered to. */
#include "measure/measure.h"

#include "base/clones.h"
#include "base/fetch.h"
#include "base/memory.h"

#include <math.h>
#include <omp.h>

enum {
    MOST_ENTRIES = 1 << 18, /* of a rank, in one measurement */
    TOGETHER = 32,          /* rows gathered, then scattered to */
    BESIDE = 4,             /* rows that are in hand at a time */
    AHEAD = 12,             /* rows that are fetched early */
    VECTOR = 64             /* bytes */
};

static volatile double sink; /* keeps the results, and so the work */

/* With the line that its last bytes are in. */
PW_INLINE void fetch_row(const void *row, const int bytes)
{
    pw_fetch(row, bytes);
    pw_fetch((const char *)row + bytes - 1, 1);
}

/* Columns of `count` entries, and AHEAD more. Returns the sum of all that is gathered. */
#define GATHER(name, real)                                                                         \
    typedef real name##_vector __attribute__((vector_size(VECTOR), aligned(sizeof(real))));        \
                                                                                                   \
    PW_CLONES static double name(const uint32_t *column, int64_t count, int k, const real *H,      \
                                 real *P)                                                          \
    {                                                                                              \
        enum { LANES = VECTOR / sizeof(real) };                                                    \
        const int whole = k / LANES * LANES;                                                       \
        name##_vector sum[BESIDE] = {{0}};                                                         \
        real rest = 0;                                                                             \
        for (int64_t i = 0; i < count; i += TOGETHER) {                                            \
            for (int64_t e = i; e < i + TOGETHER; e += BESIDE) {                                   \
                const real *h[BESIDE];                                                             \
                for (int r = 0; r < BESIDE; r++) {                                                 \
                    h[r] = H + (int64_t)column[e + r] * k;                                         \
                    fetch_row(H + (int64_t)column[e + r + AHEAD] * k, k * (int)sizeof(real));      \
                }                                                                                  \
                for (int a = 0; a < whole; a += LANES)                                             \
                    for (int r = 0; r < BESIDE; r++)                                               \
                        sum[r] += *(const name##_vector *)(const void *)(h[r] + a);                \
                for (int a = whole; a < k; a++)                                                    \
                    for (int r = 0; r < BESIDE; r++)                                               \
                        rest += h[r][a];                                                           \
            }                                                                                      \
            for (int64_t e = i; e < i + TOGETHER; e++) {                                           \
                real *p = P + (int64_t)column[e] * k;                                              \
                fetch_row(P + (int64_t)column[e + AHEAD] * k, k * (int)sizeof(real));              \
                for (int a = 0; a < whole; a += LANES)                                             \
                    *(name##_vector *)(void *)(p + a) += (real)1;                                  \
                for (int a = whole; a < k; a++)                                                    \
                    p[a] += 1;                                                                     \
            }                                                                                      \
        }                                                                                          \
        for (int r = 0; r < BESIDE; r++)                                                           \
            for (int a = 0; a < LANES; a++)                                                        \
                rest += sum[r][a];                                                                 \
        return (double)rest;                                                                       \
    }

GATHER(gather_double, double)
GATHER(gather_float, float)

static int64_t real_size(const pw_gather *g)
{
    return g->single ? sizeof(float) : sizeof(double);
}

pw_code pw_gather_create(pw_team *team, const pw_matrix *V, int k, bool single, pw_gather *gather)
{
    const int64_t local = pw_matrix_local_entries(V);
    pw_code code = PW_OK;
    *gather = (pw_gather){.team = team, .V = V, .k = k, .single = single};
    const int64_t most = local < MOST_ENTRIES ? local : MOST_ENTRIES;
    gather->entries = most > AHEAD ? (most - AHEAD) / TOGETHER * TOGETHER : 0;
    const size_t size = (size_t)real_size(gather);
    gather->H = pw_new(V->cols * k, size);
    gather->P = pw_new(V->cols * k * team->threads, size); /* one of each thread */
    if (!gather->H || !gather->P)
        code = PW_ERROR_MEMORY;
    for (int64_t i = 0; code == PW_OK && i < V->cols * k; i++) /* else it has no pages of its own */
        ((char *)gather->H)[i * (int64_t)size] = 0;
    return pw_agree(team, code);
}

void pw_gather_destroy(pw_gather *gather)
{
    free(gather->H);
    free(gather->P);
    *gather = (pw_gather){.k = 0};
}

static void run(void *context)
{
    pw_gather *g = context;
    const int threads = g->team->threads;
    const int64_t blocks = g->entries / TOGETHER;
    double all = 0;
#pragma omp parallel num_threads(threads) reduction(+ : all)
    {
        const int thread = omp_get_thread_num();
        const int64_t from = pw_share(blocks, threads, thread) * TOGETHER;
        const int64_t count = pw_share(blocks, threads, thread + 1) * TOGETHER - from;
        const int64_t of_thread = g->V->cols * g->k * thread;
        const uint32_t *column = g->V->column + from;
        all += g->single ? gather_float(column, count, g->k, g->H, (float *)g->P + of_thread)
                         : gather_double(column, count, g->k, g->H, (double *)g->P + of_thread);
    }
    g->gathered = sink = all;
}

double pw_gather_measure(pw_gather *gather)
{
    double bytes = 3.0 * (double)(gather->entries * gather->k * real_size(gather));
    MPI_Allreduce(MPI_IN_PLACE, &bytes, 1, MPI_DOUBLE, MPI_SUM, gather->team->comm);
    const double seconds = pw_measure_seconds(gather->team, run, gather);
    return bytes > 0 ? bytes / seconds : NAN;
}
