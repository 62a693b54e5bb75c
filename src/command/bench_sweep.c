/* The products of a sweep on all ranks, beside the peak and the bandwidth of that moment, BLAS, and the first rank alone. */
#include "command/bench.h"

#include "base/memory.h"

#include <math.h>

/* What is measured in turns, and what comes of each turn. */
enum {
    SECONDS,
    PEAK,
    BANDWIDTH,
    GATHER,
    BLAS,
    ALONE,
    OF_PEAK,
    OF_ROOF,
    BLAS_RATIO,
    ALONE_RATIO,
    FIGURES
};

typedef struct measuring {
    pw_bench *bench;
    pw_bench_sweep *result;
    pw_sweep_meter meter;
    pw_sweep_meter alone; /* on the first rank, where there are others */
    pw_gather gather;     /* sparse */
    double *turn[FIGURES];
} measuring;

static bool has_others(const pw_bench *bench)
{
    return bench->team->size > 1;
}

static pw_code create(measuring *m, const pw_matrix *V, const pw_matrix *whole)
{
    pw_bench *bench = m->bench;
    const pw_bench_case *of = &m->result->of;
    pw_code code = PW_OK, own = PW_OK;
    for (int f = 0; f < FIGURES && own == PW_OK; f++)
        own = PW_NEW(m->turn[f], bench->grid.repeats);
    PW_TRY(pw_agree(bench->team, own));
    PW_TRY(pw_sweep_meter_create(bench->team, V, of->k, of->single, !V->sparse, &m->meter));
    if (V->sparse)
        PW_TRY(pw_gather_create(bench->team, V, of->k, of->single, &m->gather));
    if (has_others(bench) && bench->team->rank == 0)
        own = pw_sweep_meter_create(&bench->alone, whole, of->k, of->single, false, &m->alone);
    code = pw_agree(bench->team, own);
done:
    return code;
}

static void destroy(measuring *m)
{
    pw_sweep_meter_destroy(&m->meter);
    pw_sweep_meter_destroy(&m->alone);
    pw_gather_destroy(&m->gather);
    for (int f = 0; f < FIGURES; f++)
        free(m->turn[f]);
}

/* Seconds of the first rank with all of V; the others sleep. Known to the first rank only. */
static double run_alone(measuring *m)
{
    const double seconds = m->bench->team->rank == 0 ? pw_sweep_meter_run(&m->alone) : NAN;
    pw_measure_meet(m->bench->team);
    return seconds;
}

/* Seconds in which the machine could do it: arithmetic, or what must cross memory, whichever takes longer. */
static double roof(const pw_bench_sweep *r, const double now[static FIGURES])
{
    const double real = r->of.single ? sizeof(float) : sizeof(double);
    const double stream = r->bytes / now[BANDWIDTH];
    const double gather =
        r->of.shape.sparse ? 3 * real * r->of.k * (double)r->of.shape.entries / now[GATHER] : 0;
    return fmax(fmax(r->flops / now[PEAK], stream), gather);
}

static void take_turn(measuring *m, int64_t turn)
{
    pw_bench *bench = m->bench;
    const pw_bench_sweep *r = m->result;
    double now[FIGURES];
    now[PEAK] = pw_peak_measure(bench->team, bench->team->threads, r->of.single);
    now[BANDWIDTH] = pw_bandwidth_measure(bench->team, &bench->gauge);
    now[GATHER] = r->of.shape.sparse ? pw_gather_measure(&m->gather) : NAN;
    now[BLAS] = r->of.shape.sparse ? NAN : pw_sweep_meter_blas(&m->meter);
    now[SECONDS] = pw_sweep_meter_run(&m->meter);
    now[ALONE] = has_others(bench) ? run_alone(m) : NAN;
    now[OF_PEAK] = r->flops / now[SECONDS] / now[PEAK];
    now[OF_ROOF] = roof(r, now) / now[SECONDS];
    now[BLAS_RATIO] = now[BLAS] / now[SECONDS];
    now[ALONE_RATIO] = now[ALONE] / now[SECONDS];
    for (int f = 0; f < FIGURES; f++)
        m->turn[f][turn] = now[f];
}

static void take_medians(measuring *m)
{
    double median[FIGURES];
    for (int f = 0; f < FIGURES; f++)
        median[f] =
            isnan(m->turn[f][0]) ? NAN : pw_measure_median(m->turn[f], m->bench->grid.repeats);
    pw_bench_sweep *r = m->result;
    r->seconds = median[SECONDS];
    r->peak = median[PEAK];
    r->bandwidth = median[BANDWIDTH];
    r->gather = median[GATHER];
    r->of_peak = median[OF_PEAK];
    r->of_roof = median[OF_ROOF];
    r->blas = median[BLAS];
    r->blas_ratio = median[BLAS_RATIO];
    r->alone = median[ALONE];
    r->alone_ratio = median[ALONE_RATIO];
}

static pw_code measure(pw_bench *bench, const pw_bench_case *of, const pw_matrix *V,
                       const pw_matrix *whole)
{
    pw_bench_sweep result = {.of = *of,
                             .flops = pw_sweep_flops(V, of->k),
                             .bytes = pw_sweep_bytes(V, of->k, of->single)};
    measuring m = {.bench = bench, .result = &result};
    pw_code code = PW_OK;
    PW_TRY(pw_agree(bench->team, PW_GROW(bench->sweep, &bench->sweep_room, bench->sweeps + 1)));
    PW_TRY(create(&m, V, whole));
    pw_sweep_meter_run(&m.meter); /* what is touched for the first time takes longer */
    if (V->sparse)
        pw_gather_measure(&m.gather);
    for (int64_t turn = 0; turn < bench->grid.repeats; turn++)
        take_turn(&m, turn);
    take_medians(&m);
    bench->sweep[bench->sweeps++] = result;
    pw_bench_say_sweep(bench, &result);
done:
    destroy(&m);
    return code;
}

pw_code pw_bench_measure_sweeps(pw_bench *bench, const pw_bench_shape *shape, const pw_matrix *V,
                                const pw_matrix *whole)
{
    const pw_bench_grid *grid = &bench->grid;
    bool single[2];
    const int precisions = pw_bench_precisions(grid, V->type, single);
    pw_bench_case of = {.shape = *shape, .type = V->type};
    pw_code code = PW_OK;
    of.shape.entries = V->entries;
    for (int p = 0; p < precisions; p++)
        for (int i = 0; i < grid->ks; i++) {
            of.k = grid->k[i];
            of.single = single[p];
            PW_TRY(measure(bench, &of, V, whole));
        }
done:
    return code;
}
