/* The figures as tables for people. */
#include "command/bench.h"

#include "base/type.h"

#include <inttypes.h>
#include <math.h>

enum { CASE_LENGTH = 96, CELL_LENGTH = 16 };

static void case_text(const pw_bench_case *of, char text[static CASE_LENGTH])
{
    char shape[48];
    snprintf(shape, sizeof shape, "%s %" PRId64 "x%" PRId64, of->shape.sparse ? "sparse" : "dense",
             of->shape.rows, of->shape.columns);
    snprintf(text, CASE_LENGTH, "%-22s %-4s %-6s %4d", shape, pw_type_text(of->type),
             of->single ? "single" : "double", of->k);
}

/* "-" where there is no such figure. */
static const char *cell(double value, int decimals, char text[static CELL_LENGTH])
{
    if (isnan(value))
        return "-";
    snprintf(text, CELL_LENGTH, "%.*f", decimals, value);
    return text;
}

static void say_machine(pw_bench *bench, const pw_bench_machine *m)
{
    pw_log_say(&bench->team->log, "%6d %15.1f %15.1f %15.2f", m->cores, 1e-9 * m->peak[false],
               1e-9 * m->peak[true], 1e-9 * m->bandwidth);
}

void pw_bench_say_machine(pw_bench *bench)
{
    pw_log_say(&bench->team->log, "%6s %15s %15s %15s", "cores", "peak f64 GF/s", "peak f32 GF/s",
               "read GB/s");
    say_machine(bench, &bench->one);
    if (bench->all.cores > 1)
        say_machine(bench, &bench->all);
}

void pw_bench_say_sweep_head(pw_bench *bench)
{
    pw_log_say(&bench->team->log, "\n%-39s %9s %7s %7s %7s %7s %8s %7s %7s", "both products", "ms",
               "GF/s", "GB/s", "% peak", "% roof", "gather", "BLAS x", "alone x");
}

void pw_bench_say_sweep(pw_bench *bench, const pw_bench_sweep *s)
{
    char text[CASE_LENGTH], gather[CELL_LENGTH], blas[CELL_LENGTH], alone[CELL_LENGTH];
    case_text(&s->of, text);
    pw_log_say(&bench->team->log, "%s %9.2f %7.1f %7.2f %7.1f %7.1f %8s %7s %7s", text,
               1e3 * s->seconds, 1e-9 * s->flops / s->seconds, 1e-9 * s->bytes / s->seconds,
               100 * s->of_peak, 100 * s->of_roof, cell(1e-9 * s->gather, 2, gather),
               cell(s->blas_ratio, 2, blas), cell(s->alone_ratio, 2, alone));
}

static void say_iteration(pw_bench *bench, const pw_bench_iteration *i)
{
    char text[CASE_LENGTH], method[2 * PW_BENCH_WORD];
    const double *ms = i->phase;
    case_text(&i->of, text);
    snprintf(method, sizeof method, "%s:%s", i->method->loss, i->method->method);
    pw_log_say(&bench->team->log, "%s %-14s %8.2f %9.2f %9.2f %9.2f %9.2f %9.2f", text, method,
               1 / i->seconds, 1e3 * (ms[PW_PHASE_TIMES_H] + ms[PW_PHASE_TIMES_W]),
               1e3 * ms[PW_PHASE_UPDATE], 1e3 * ms[PW_PHASE_SWEEP_REST], 1e3 * ms[PW_PHASE_REDUCE],
               1e3 * ms[PW_PHASE_REPLICATED]);
}

void pw_bench_say_iterations(pw_bench *bench)
{
    if (bench->iterations == 0)
        return;
    pw_log_say(&bench->team->log, "\n%-39s %-14s %8s %9s %9s %9s %9s %9s", "iterations, ms",
               "method", "per s", "products", "update", "rest", "reduce", "H update");
    for (int64_t i = 0; i < bench->iterations; i++)
        say_iteration(bench, &bench->iteration[i]);
}
