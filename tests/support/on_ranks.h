/* Tests that run on several ranks. */
#ifndef PW_TESTS_ON_RANKS_H
#define PW_TESTS_ON_RANKS_H

#include "dist/team.h"

/* Collective over MPI_COMM_WORLD. Starts MPI and makes the team of all ranks, on which tests run. */
void ranks_begin(int *argc, char ***argv, pw_team *team);

/* Collective over team. Ends both. */
void ranks_end(pw_team *team);

#endif
