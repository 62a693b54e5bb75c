#include "dist/timings.h"

#include "dist/collective.h"

#include <string.h>

void pw_timings_reduce(pw_team *team, pw_timing timings[static PW_PHASE_COUNT])
{
    enum { N = PW_PHASE_COUNT };
    const pw_timer *timer = &team->timer;
    double sum[3 * N], most[2 * N]; /* seconds, flops, bytes; and seconds, −seconds */
    memcpy(sum, timer->seconds, N * sizeof *sum);
    memcpy(sum + N, timer->flops, N * sizeof *sum);
    memcpy(sum + 2 * N, timer->bytes, N * sizeof *sum);
    for (int p = 0; p < N; p++) {
        most[p] = timer->seconds[p];
        most[N + p] = -timer->seconds[p];
    }
    pw_reduce_sum(team, sum, 3 * N);
    pw_reduce_max(team, most, 2 * N);
    for (int p = 0; p < N; p++)
        timings[p] = (pw_timing){.min = -most[N + p],
                                 .mean = sum[p] / team->size,
                                 .max = most[p],
                                 .flops = sum[N + p],
                                 .bytes = sum[2 * N + p]};
}
