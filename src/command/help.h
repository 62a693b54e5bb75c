/* `partwise help`, `partwise --help` and `partwise --version`. */
#ifndef PW_COMMAND_HELP_H
#define PW_COMMAND_HELP_H

#include "base/status.h"

/* Local. What to do when argv[1] names no command that runs: prints help, man page or version to
 * stdout, or what is wrong to stderr, from one process where mpirun or srun started many. Returns
 * the exit code. */
pw_code pw_command_help(int argc, char **argv);

#endif
