/* Gather and scatter, the roof of sparse products: what each stored entry of V moves, a row of H in and a row of P in and out, and
 * next to no arithmetic. */
#include "measure/measure.h"

#include "base/clones.h"
#include "base/memory.h"

#include <omp.h>

enum {
    MOST_ENTRIES = 1 << 18, /* of a rank, in one measurement */
    TOGETHER = 32,          /* rows gathered, then scattered to */
    AHEAD = 8,              /* rows that are fetched early */
    LINE = 64
};

#define FETCH(row, bytes, writes)                                                                  \
    for (int64_t b_ = 0; b_ < (bytes); b_ += LINE)                                                 \
    __builtin_prefetch((const char *)(row) + b_, writes)

#define GATHER(name, real)                                                                         \
    PW_CLONES static void name(const uint32_t *column, int64_t count, int k,                       \
                               const real *restrict H, real *restrict P, real *restrict row)       \
    {                                                                                              \
        const int64_t bytes = (int64_t)sizeof(real) * k;                                           \
        for (int64_t i = 0; i < count; i += TOGETHER) {                                            \
            const int64_t end = i + TOGETHER < count ? i + TOGETHER : count;                       \
            for (int64_t e = i; e < end; e++) {                                                    \
                const real *restrict h = H + (int64_t)column[e] * k;                               \
                if (e + AHEAD < count)                                                             \
                    FETCH(H + (int64_t)column[e + AHEAD] * k, bytes, 0);                           \
                for (int a = 0; a < k; a++)                                                        \
                    row[a] += h[a];                                                                \
            }                                                                                      \
            for (int64_t e = i; e < end; e++) {                                                    \
                real *restrict p = P + (int64_t)column[e] * k;                                     \
                if (e + AHEAD < count)                                                             \
                    FETCH(P + (int64_t)column[e + AHEAD] * k, bytes, 1);                           \
                for (int a = 0; a < k; a++)                                                        \
                    p[a] += row[a];                                                                \
            }                                                                                      \
        }                                                                                          \
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
    gather->entries = local < MOST_ENTRIES ? local : MOST_ENTRIES;
    const size_t size = (size_t)real_size(gather);
    gather->H = pw_new(V->cols * k, size);
    gather->P = pw_new(V->cols * k * team->threads, size); /* one of each thread */
    gather->row = pw_new((int64_t)k * team->threads, size);
    if (!gather->H || !gather->P || !gather->row)
        code = PW_ERROR_MEMORY;
    for (int64_t i = 0; code == PW_OK && i < V->cols * k; i++) /* else it has no pages of its own */
        ((char *)gather->H)[i * (int64_t)size] = 0;
    return pw_agree(team, code);
}

void pw_gather_destroy(pw_gather *gather)
{
    free(gather->H);
    free(gather->P);
    free(gather->row);
    *gather = (pw_gather){.k = 0};
}

static void run(void *context)
{
    const pw_gather *g = context;
    const int threads = g->team->threads;
#pragma omp parallel num_threads(threads)
    {
        const int thread = omp_get_thread_num();
        const int64_t from = pw_share(g->entries, threads, thread);
        const int64_t count = pw_share(g->entries, threads, thread + 1) - from;
        const int64_t of_thread = g->V->cols * g->k * thread;
        const uint32_t *column = g->V->column + from;
        if (g->single)
            gather_float(column, count, g->k, g->H, (float *)g->P + of_thread,
                         (float *)g->row + (int64_t)g->k * thread);
        else
            gather_double(column, count, g->k, g->H, (double *)g->P + of_thread,
                          (double *)g->row + (int64_t)g->k * thread);
    }
}

double pw_gather_measure(pw_gather *gather)
{
    double bytes = 3.0 * (double)(gather->entries * gather->k * real_size(gather));
    MPI_Allreduce(MPI_IN_PLACE, &bytes, 1, MPI_DOUBLE, MPI_SUM, gather->team->comm);
    return bytes / pw_measure_seconds(gather->team, run, gather);
}
