/* The peak of arithmetic: independent chains of fused multiply-adds, as many as hide their latency and still stay in registers.
 * Which vectors are the widest that the CPU has is found by trying. */
#include "measure/measure.h"

#include "base/clones.h"

#include <math.h>
#include <omp.h>

enum {
    CHAINS = 12,
    WORK = 1 << 24, /* multiply-adds of a thread that tell which vectors are the fastest */
    TIMES = 32      /* so often in a row, beside which waiting for a core is short */
};

static volatile double sink; /* keeps the results, and so the work */
static volatile double half = 0.5,
                       quarter = 0.25; /* what the compiler cannot know it cannot leave out */

#define PEAK(name, real, bytes)                                                                    \
    typedef real name##_vector __attribute__((vector_size(bytes)));                                \
    PW_CLONES static double name(void)                                                             \
    {                                                                                              \
        const name##_vector factor = (name##_vector){0} + (real)half;                              \
        const name##_vector addend = (name##_vector){0} + (real)quarter;                           \
        name##_vector chain[CHAINS];                                                               \
        for (int c = 0; c < CHAINS; c++)                                                           \
            chain[c] = addend * (real)c;                                                           \
        for (int64_t i = 0; i < WORK / CHAINS * (int64_t)sizeof(real) / (bytes); i++)              \
            for (int c = 0; c < CHAINS; c++)                                                       \
                chain[c] = chain[c] * factor + addend;                                             \
        for (int c = 1; c < CHAINS; c++)                                                           \
            chain[0] += chain[c];                                                                  \
        return (double)chain[0][0];                                                                \
    }

PEAK(double_16, double, 16)
PEAK(double_32, double, 32)
PEAK(double_64, double, 64)
PEAK(float_16, float, 16)
PEAK(float_32, float, 32)
PEAK(float_64, float, 64)

typedef struct trial {
    int threads;
    double (*kernel)(void);
    int times;
} trial;

static void run(void *context)
{
    const trial *t = context;
#pragma omp parallel num_threads(t->threads)
    {
        double sum = 0;
        for (int i = 0; i < t->times; i++)
            sum += t->kernel();
#pragma omp critical
        sink = sum;
    }
}

double pw_peak_measure(pw_team *team, int threads, bool single)
{
    static double (*const KERNEL[][3])(void) = {{double_16, double_32, double_64},
                                                {float_16, float_32, float_64}};
    double work = 2.0 * WORK * threads, least = INFINITY;
    trial best = {.threads = threads};
    MPI_Allreduce(MPI_IN_PLACE, &work, 1, MPI_DOUBLE, MPI_SUM, team->comm);
    for (int i = 0; i < 3; i++) {
        trial t = {threads, KERNEL[single][i], 1};
        const double seconds = pw_measure_seconds(team, run, &t);
        if (seconds < least || i == 0)
            best = t;
        least = fmin(least, seconds);
    }
    best.times = TIMES;
    return work * TIMES / pw_measure_seconds(team, run, &best);
}
