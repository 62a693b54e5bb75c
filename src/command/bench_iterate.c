/* Whole iterations, as a fit has them. */
#include "command/bench.h"

#include "base/memory.h"
#include "dist/timings.h"
#include "initialise/initialise.h"
#include "iterate/iterate.h"
#include "update/update.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const char IN_MEMORY[] = "(memory)";

/* The options of a fit that makes so many iterations. */
static pw_code parse(const pw_bench_case *of, const pw_bench_method *method, int64_t iterations,
                     pw_options *options)
{
    char k[24], most[24];
    bool help = false;
    snprintf(k, sizeof k, "%d", of->k);
    snprintf(most, sizeof most, "%" PRId64, iterations);
    const char *words[] = {"fit",
                           IN_MEMORY,
                           "-k",
                           k,
                           "--loss",
                           method->loss,
                           "--method",
                           method->method,
                           "--precision",
                           of->single ? "single" : "double",
                           "--max-iterations",
                           most,
                           "--tolerance",
                           "0",
                           "--stall",
                           "0"};
    return pw_options_parse(PW_COMMAND_FIT, sizeof words / sizeof *words, (char **)words, options,
                            &help);
}

/* What the options of a fit say against a method goes for --methods. */
static pw_code blame_methods(void)
{
    char why[PW_FAILURE_LENGTH];
    snprintf(why, sizeof why, "%s", pw_failure());
    const char *colon = strstr(why, ": ");
    return pw_fail(PW_ERROR_USAGE, "--methods: %s", colon ? colon + 2 : why);
}

static pw_code check_method(const pw_bench_grid *grid, const pw_bench_method *method)
{
    const pw_bench_case of = {.k = 1};
    pw_options options = {.command = PW_COMMAND_FIT};
    bool sparse = false;
    for (int s = 0; s < grid->shapes; s++)
        sparse = sparse || grid->shape[s].sparse;
    pw_code code = parse(&of, method, 1, &options);
    if (code != PW_OK)
        code = blame_methods();
    else if (pw_method_at(options.method)->traits & PW_SELECTS)
        code =
            pw_fail(PW_ERROR_USAGE, "--methods: %s has no iterations to be timed.", method->method);
    else if (sparse && options.loss != PW_LOSS_FROBENIUS && options.loss != PW_LOSS_KL)
        code = pw_fail(PW_ERROR_USAGE, "--methods: loss '%s' needs dense V; give --sparse none.",
                       method->loss);
    pw_options_destroy(&options);
    return code;
}

pw_code pw_bench_check_methods(const pw_bench *bench)
{
    const pw_bench_grid *grid = &bench->grid;
    pw_code code = PW_OK;
    for (int m = 0; m < grid->methods && code == PW_OK; m++)
        code = check_method(grid, &grid->method[m]);
    return pw_agree(bench->team, code);
}

/* The median over all iterations but the first. */
static pw_code find_seconds(const pw_history *history, double *seconds)
{
    const int64_t count = history->count - 1;
    double *step = NULL;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(step, history->count));
    for (int64_t i = 0; i < count; i++)
        step[i] = history->row[i + 1].seconds - history->row[i].seconds;
    *seconds = count > 0 ? pw_measure_median(step, count) : NAN;
done:
    free(step);
    return code;
}

static bool is_of_sweep(int phase)
{
    return phase >= PW_PHASE_WAIT && phase <= PW_PHASE_REDUCE;
}

/* The last sweep only finds the figures of the factors as they stand. */
static void find_phases(pw_team *team, int64_t iterations, double phase[static PW_PHASE_COUNT])
{
    pw_timing timings[PW_PHASE_COUNT];
    pw_timings_reduce(team, timings);
    for (int p = 0; p < PW_PHASE_COUNT; p++)
        phase[p] = timings[p].mean / (double)(iterations + is_of_sweep(p));
}

/* Fits quietly, with timers of its own. */
static pw_code fit(pw_bench *bench, const pw_matrix *V, const pw_summary *summary,
                   const pw_options *options, pw_bench_iteration *result)
{
    pw_team *team = bench->team;
    const pw_log_level level = team->log.level;
    const pw_iterate_hooks hooks = {.checkpoint = NULL};
    pw_model model = {.k = 0};
    pw_code code = PW_OK;
    team->log.level = PW_LOG_QUIET;
    PW_TRY(pw_model_allocate(team, V, options, (int)options->k, 0, &model));
    PW_TRY(pw_initialise(team, V, summary, options, &model));
    team->timer = (pw_timer){.seconds = {0}};
    PW_TRY(pw_iterate(team, V, summary, options, &hooks, &model, 1));
    find_phases(team, model.iteration, result->phase);
    PW_TRY(pw_agree(team, find_seconds(&model.history, &result->seconds)));
done:
    team->log.level = level;
    pw_model_destroy(&model);
    return code;
}

static pw_code measure(pw_bench *bench, const pw_bench_case *of, const pw_bench_method *method,
                       const pw_matrix *V, const pw_summary *summary)
{
    pw_bench_iteration result = {.of = *of, .method = method};
    pw_options options = {.command = PW_COMMAND_FIT};
    pw_code code = PW_OK;
    PW_TRY(pw_agree(bench->team,
                    PW_GROW(bench->iteration, &bench->iteration_room, bench->iterations + 1)));
    PW_TRY(pw_agree(bench->team, parse(of, method, bench->grid.repeats + 1, &options)));
    PW_TRY(fit(bench, V, summary, &options, &result));
    bench->iteration[bench->iterations++] = result;
done:
    pw_options_destroy(&options);
    return code;
}

pw_code pw_bench_measure_iterations(pw_bench *bench, const pw_bench_shape *shape,
                                    const pw_matrix *V)
{
    const pw_bench_grid *grid = &bench->grid;
    bool single[2];
    const int precisions = pw_bench_precisions(grid, V->type, single);
    pw_summary summary;
    pw_bench_case of = {.shape = *shape, .type = V->type};
    pw_code code = PW_OK;
    of.shape.entries = V->entries;
    PW_TRY(pw_matrix_summarise(bench->team, V, &summary));
    for (int p = 0; p < precisions; p++)
        for (int i = 0; i < grid->ks; i++)
            for (int m = 0; m < grid->methods; m++) {
                of.k = grid->k[i];
                of.single = single[p];
                PW_TRY(measure(bench, &of, &grid->method[m], V, &summary));
            }
done:
    return code;
}
