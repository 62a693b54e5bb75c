#include "support/on_ranks.h"

void ranks_begin(int *argc, char ***argv, pw_team *team)
{
    MPI_Init(argc, argv);
    pw_team_create(MPI_COMM_WORLD, PW_LOG_QUIET, team);
}

void ranks_end(pw_team *team)
{
    pw_team_destroy(team);
    MPI_Finalize();
}
