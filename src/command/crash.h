/* HDF5 may crash on a damaged file, the MPI library while it ends. */
#ifndef PW_COMMAND_CRASH_H
#define PW_COMMAND_CRASH_H

/* Local. From now on a crash while an HDF5 file is open for reading ends the process with one line
 * that names the file, and the exit code PW_ERROR_INPUT; any other one happens as before. After
 * MPI_Init, which has a handler of its own. */
void pw_crash_explain(int rank);

/* Local. From now on a crash ends the process with this exit code and no word: when all is written and only MPI_Finalize
 * is left. */
void pw_crash_ignore(int code);

#endif
