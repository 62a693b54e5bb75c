/* partwise COMMAND …: finds the command, reads its options, runs it on all ranks, and turns what came of
 * it into the exit code. */
#include "command/command.h"
#include "command/crash.h"
#include "command/help.h"
#include "command/rehearse.h"
#include "dist/collective.h"
#include "iterate/iterate.h"
#include "linalg/blas.h"

#include <stdlib.h>
#include <string.h>

typedef struct command_entry {
    const char *name;
    pw_command id;
    pw_code (*run)(pw_team *team, const pw_options *options);
} command_entry;

static const command_entry COMMANDS[] = {
    {"fit", PW_COMMAND_FIT, pw_command_fit},
    {"scan", PW_COMMAND_SCAN, pw_command_scan},
    {"svd", PW_COMMAND_SVD, pw_command_svd},
    {"transform", PW_COMMAND_TRANSFORM, pw_command_transform},
    {"convert", PW_COMMAND_CONVERT, pw_command_convert},
    {"generate", PW_COMMAND_GENERATE, pw_command_generate},
    {"info", PW_COMMAND_INFO, pw_command_info},
    {"plan", PW_COMMAND_PLAN, pw_command_plan},
    {"match", PW_COMMAND_MATCH, pw_command_match},
    {"predict", PW_COMMAND_PREDICT, pw_command_predict},
    {"cluster", PW_COMMAND_CLUSTER, pw_command_cluster},
    {"bench", PW_COMMAND_BENCH, pw_command_bench},
};

static const command_entry *find_command(const char *name)
{
    for (size_t i = 0; i < sizeof COMMANDS / sizeof *COMMANDS; i++)
        if (strcmp(name, COMMANDS[i].name) == 0)
            return &COMMANDS[i];
    return NULL;
}

static pw_code agree_on_options(pw_team *team, const pw_options *options)
{
    const uint64_t mine = pw_options_fingerprint(options);
    uint64_t first = mine;
    pw_code code = PW_OK;
    pw_broadcast(team, &first, sizeof first, 0);
    if (first != mine)
        code = pw_fail(PW_ERROR_USAGE,
                       "rank %d has other options than rank 0. Give them on the "
                       "command line, or pass PARTWISE_… on by mpirun -x.",
                       team->rank);
    return pw_agree(team, code);
}

static pw_log_level log_level(const pw_options *options)
{
    return options->quiet ? PW_LOG_QUIET : options->verbose ? PW_LOG_VERBOSE : PW_LOG_NORMAL;
}

/* All ranks read the same words, but a file or a variable of the environment may be missing on one node. */
static pw_code parse(pw_team *team, const command_entry *command, int argc, char **argv,
                     pw_options *options, bool *help)
{
    pw_code code = pw_options_default(command->id, options);
    if (code == PW_OK)
        code = pw_options_parse(command->id, argc, argv, options, help);
    code = pw_agree(team, code);
    return code == PW_OK && !*help ? agree_on_options(team, options) : code;
}

static pw_code run(const command_entry *command, int argc, char **argv)
{
    pw_options options = {.command = command->id};
    pw_team team;
    bool help = false;
    pw_team_create(MPI_COMM_WORLD, PW_LOG_NORMAL, &team);
    pw_code code = parse(&team, command, argc, argv, &options, &help);
    if (code == PW_OK && help) {
        if (team.rank == 0)
            code = pw_options_print_help(command->id, stdout);
        code = pw_agree(&team, code);
    } else if (code == PW_OK) {
        team.log.level = log_level(&options);
        code = pw_team_choose_threads(options.threads, &team);
        if (code == PW_OK)
            code = command->run(&team, &options);
    }
    if (code != PW_OK && code != PW_STOPPED && code != PW_STOPPED_UNSAVED && team.rank == 0)
        fprintf(stderr, "partwise: error: %s\n", pw_failure());
    pw_options_destroy(&options);
    pw_team_destroy(&team);
    return code;
}

int main(int argc, char **argv)
{
    const command_entry *command = argc > 1 ? find_command(argv[1]) : NULL;
    if (!command)
        return pw_command_help(argc, argv);
    int provided, rank;
    pw_code code;
    if (command->id &
        (PW_COMMAND_FIT | PW_COMMAND_SCAN | PW_COMMAND_TRANSFORM)) /* the others just end */
        pw_signals_catch();
    pw_blas_single_thread();
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    pw_crash_explain(rank);
    do
        code = run(command, argc - 1, argv + 1);
    while (pw_rehearse_again(rank, code));
    fflush(NULL);
    pw_crash_ignore(code);
    MPI_Finalize();
    return code;
}
