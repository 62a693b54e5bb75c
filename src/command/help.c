/* What partwise says about itself. Needs no MPI, so that it also answers on a login node. */
#include "command/help.h"

#include "base/options.h"
#include "base/options_table.h"
#include "base/options_text.h"
#include "base/version.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_one_of(const char *word, const char *const words[])
{
    while (*words && strcmp(word, *words) != 0)
        words++;
    return *words;
}

static const char *const HELP[] = {"help", "--help", "-h", NULL};
static const char *const VERSION[] = {"--version", "-V", NULL};

static pw_code print_general(FILE *stream)
{
    fprintf(stream,
            "partwise factorises a non-negative matrix V into W H, on a laptop or many nodes.\n\n"
            "Usage: partwise COMMAND ... [options]\n"
            "       mpirun -n RANKS partwise COMMAND ... [options]\n\nCommands\n");
    for (const pw_command_info *info = PW_COMMANDS; info->name; info++)
        fprintf(stream, "  %-10s%s\n", info->name, info->summary);
    fprintf(stream, "  %-10s%s\n", "help", "explain a command: partwise help fit");
    fprintf(stream,
            "\nTry it\n"
            "  partwise generate swimmer -o swimmer.h5\n"
            "  partwise info swimmer.h5\n"
            "  partwise fit swimmer.h5 -k 17 -o model.h5\n\n"
            "`partwise --version` prints the version, `partwise help --man` the man page.\n");
    return pw_text_finish(stream);
}

static pw_code print_version(FILE *stream)
{
    fprintf(stream, "partwise %s (commit %s)\n", pw_version(), pw_commit());
    return pw_text_finish(stream);
}

/* argv[0] is "help". */
static pw_code explain(int argc, char **argv)
{
    pw_code code = PW_OK;
    pw_command command;
    if (argc < 2 || is_one_of(argv[1], HELP))
        return print_general(stdout);
    if (argc > 2)
        return pw_fail(PW_ERROR_USAGE, "help: '%.100s' is one argument too many.", argv[2]);
    if (strcmp(argv[1], "--man") == 0)
        return pw_options_print_man(stdout);
    PW_TRY(pw_command_named(argv[1], &command));
    PW_TRY(pw_options_print_help(command, stdout));
done:
    return code;
}

static pw_code answer(int argc, char **argv)
{
    if (argc < 2) {
        print_general(stderr);
        return pw_fail(PW_ERROR_USAGE, "the command is missing.");
    }
    if (is_one_of(argv[1], HELP))
        return explain(argc - 1, argv + 1);
    if (is_one_of(argv[1], VERSION))
        return print_version(stdout);
    if (argv[1][0] == '-')
        return pw_fail(PW_ERROR_USAGE,
                       "%.100s: the command comes first: partwise COMMAND [options].", argv[1]);
    pw_command command;
    return pw_command_named(argv[1], &command);
}

/* MPI is not running yet, but those who start many processes number them. */
static bool is_first_process(void)
{
    static const char *const NUMBERS[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK",
                                          "SLURM_PROCID", NULL};
    for (int i = 0; NUMBERS[i]; i++)
        if (getenv(NUMBERS[i]))
            return strcmp(getenv(NUMBERS[i]), "0") == 0;
    return true;
}

pw_code pw_command_help(int argc, char **argv)
{
    if (!is_first_process() &&
        !(freopen("/dev/null", "w", stdout) && freopen("/dev/null", "w", stderr)))
        return PW_ERROR_OUTPUT;
    const pw_code code = answer(argc, argv);
    if (code != PW_OK)
        fprintf(stderr, "partwise: error: %s\n", pw_failure());
    if (code != PW_OK && !is_first_process())
        sleep(1); /* mpirun ends all with the first that fails: let the one that speaks do so */
    return code;
}
