/* The figures as JSON for programs. Rates are per second, times in seconds, nothing is rounded. */
#include "command/bench.h"

#include "base/type.h"
#include "base/version.h"
#include "linalg/blas.h"
#include "store/output.h"

#include <inttypes.h>
#include <math.h>

static void print_number(FILE *file, const char *name, double value)
{
    if (!isfinite(value))
        fprintf(file, "\"%s\": null", name);
    else
        fprintf(file, "\"%s\": %.9g", name, value);
}

static void print_machine(FILE *file, const char *name, const pw_bench_machine *m)
{
    fprintf(
        file,
        "    \"%s\": {\"cores\": %d, \"peak_f64\": %.9g, \"peak_f32\": %.9g, \"bandwidth\": %.9g}",
        name, m->cores, m->peak[false], m->peak[true], m->bandwidth);
}

static void print_case(FILE *file, const pw_bench_case *of)
{
    fprintf(file,
            "    {\"storage\": \"%s\", \"rows\": %" PRId64 ", \"columns\": %" PRId64
            ", \"entries\": %" PRId64
            ", \"skew\": %g, \"type\": \"%s\", \"precision\": \"%s\", \"k\": %d",
            of->shape.sparse ? "sparse" : "dense", of->shape.rows, of->shape.columns,
            of->shape.entries, of->shape.skew, pw_type_text(of->type),
            of->single ? "single" : "double", of->k);
}

static void print_sweep(FILE *file, const pw_bench_sweep *s)
{
    const struct figure {
        const char *name;
        double value;
    } figure[] = {{"flops", s->flops},         {"bytes", s->bytes},
                  {"seconds", s->seconds},     {"peak", s->peak},
                  {"bandwidth", s->bandwidth}, {"gather", s->gather},
                  {"of_peak", s->of_peak},     {"of_roof", s->of_roof},
                  {"blas_seconds", s->blas},   {"blas_ratio", s->blas_ratio},
                  {"alone_seconds", s->alone}, {"alone_ratio", s->alone_ratio}};
    print_case(file, &s->of);
    for (size_t i = 0; i < sizeof figure / sizeof *figure; i++) {
        fprintf(file, ", ");
        print_number(file, figure[i].name, figure[i].value);
    }
    fprintf(file, "}");
}

static void print_iteration(FILE *file, const pw_bench_iteration *i)
{
    const char *before = "";
    print_case(file, &i->of);
    fprintf(file, ", \"loss\": \"%s\", \"method\": \"%s\", \"seconds\": %.9g, \"phases\": {",
            i->method->loss, i->method->method, i->seconds);
    for (int p = 0; p < PW_PHASE_COUNT; p++)
        if (i->phase[p] > 0) {
            fprintf(file, "%s\"%s\": %.9g", before, pw_phase_text((pw_phase)p), i->phase[p]);
            before = ", ";
        }
    fprintf(file, "}}");
}

static void print(const void *context, FILE *file)
{
    const pw_bench *bench = context;
    char host[MPI_MAX_PROCESSOR_NAME] = "";
    int length;
    MPI_Get_processor_name(host, &length);
    fprintf(
        file,
        "{\n  \"version\": \"%s\", \"commit\": \"%s\", \"host\": \"%s\", \"blas_kernel\": \"%s\",\n"
        "  \"ranks\": %d, \"threads\": %d, \"repeats\": %" PRId64 ",\n  \"machine\": {\n",
        pw_version(), pw_commit(), host, pw_blas_kernel(), bench->team->size, bench->team->threads,
        bench->grid.repeats);
    print_machine(file, "one", &bench->one);
    fprintf(file, ",\n");
    print_machine(file, "all", &bench->all);
    fprintf(file, "},\n  \"sweeps\": [\n");
    for (int64_t i = 0; i < bench->sweeps; i++) {
        print_sweep(file, &bench->sweep[i]);
        fprintf(file, i + 1 < bench->sweeps ? ",\n" : "\n");
    }
    fprintf(file, "  ],\n  \"iterations\": [\n");
    for (int64_t i = 0; i < bench->iterations; i++) {
        print_iteration(file, &bench->iteration[i]);
        fprintf(file, i + 1 < bench->iterations ? ",\n" : "\n");
    }
    fprintf(file, "  ]\n}\n");
}

pw_code pw_bench_write(pw_bench *bench)
{
    enum { RECORD_BYTES = 1000 };
    return pw_output_print(bench->team, bench->options->output,
                           RECORD_BYTES * (1 + bench->sweeps + bench->iterations), print, bench);
}
