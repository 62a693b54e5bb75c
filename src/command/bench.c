/* partwise bench: the machine → for each V its products and whole iterations → tables and JSON. */
#include "command/bench.h"
#include "command/command.h"
#include "command/environment.h"
#include "store/output.h"

#include <stdlib.h>

static pw_code create(pw_bench *bench)
{
    pw_team *team = bench->team;
    if (team->size > 1)
        pw_team_split(team, team->size, &bench->alone);
    return pw_gauge_create(team, team->threads, &bench->gauge);
}

static void destroy(pw_bench *bench)
{
    pw_gauge_destroy(&bench->gauge);
    pw_team_destroy(&bench->alone);
    free(bench->grid.k);
    free(bench->sweep);
    free(bench->iteration);
}

/* All of V for the first rank alone, where there are others. */
static pw_code make_whole(pw_bench *bench, const pw_bench_shape *shape, pw_type type,
                          pw_matrix *whole)
{
    pw_code code = PW_OK;
    if (bench->team->size > 1 && bench->team->rank == 0)
        code = pw_bench_make(&bench->alone, shape, type, whole);
    return pw_agree(bench->team, code);
}

static pw_code measure(pw_bench *bench, const pw_bench_shape *shape, pw_type type)
{
    pw_matrix V = {.rows = 0}, whole = {.rows = 0};
    pw_code code = PW_OK;
    PW_TRY(pw_bench_make(bench->team, shape, type, &V));
    PW_TRY(make_whole(bench, shape, type, &whole));
    PW_TRY(pw_bench_measure_sweeps(bench, shape, &V, &whole));
    pw_matrix_destroy(&whole);
    PW_TRY(pw_bench_measure_iterations(bench, shape, &V));
done:
    pw_matrix_destroy(&whole);
    pw_matrix_destroy(&V);
    return code;
}

pw_code pw_command_bench(pw_team *team, const pw_options *options)
{
    pw_bench bench = {.team = team, .options = options};
    const pw_bench_grid *grid = &bench.grid;
    pw_code code = PW_OK;
    PW_TRY(pw_bench_grid_read(options, &bench.grid));
    PW_TRY(pw_bench_check_methods(&bench));
    PW_TRY(pw_output_check(team, options->output));
    pw_report_environment(team);
    PW_TRY(create(&bench));
    pw_bench_measure_machine(&bench);
    pw_bench_say_machine(&bench);
    pw_bench_say_sweep_head(&bench);
    for (int s = 0; s < grid->shapes; s++)
        for (int t = 0; t < grid->types; t++)
            PW_TRY(measure(&bench, &grid->shape[s], grid->type[t]));
    pw_bench_say_iterations(&bench);
    PW_TRY(pw_bench_write(&bench));
    pw_log_say(&team->log, "figures = %s", options->output);
done:
    destroy(&bench);
    return code;
}
