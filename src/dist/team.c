#include "dist/team.h"

#include "base/options.h"
#include "dist/layout.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

void pw_team_create(MPI_Comm comm, pw_log_level level, pw_team *team)
{
    *team = (pw_team){.threads = 1, .crowd = 1};
    pw_team_use_threads(1, team);
    MPI_Comm_dup(comm, &team->comm);
    MPI_Comm_set_errhandler(team->comm, MPI_ERRORS_ARE_FATAL);
    MPI_Comm_rank(team->comm, &team->rank);
    MPI_Comm_size(team->comm, &team->size);
    team->log = pw_log_to(team->rank == 0 ? stderr : NULL, level);
}

int pw_team_group(int size, int groups, int rank)
{
    return (int)pw_share_of(size, groups, rank);
}

int pw_team_group_first(int size, int groups, int group)
{
    return (int)pw_share(size, groups, group);
}

int pw_ranks_on_node(MPI_Comm comm)
{
    MPI_Comm node;
    int ranks;
    MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
    MPI_Comm_size(node, &ranks);
    MPI_Comm_free(&node);
    return ranks;
}

void pw_team_split(const pw_team *team, int groups, pw_team *own)
{
    const int group = pw_team_group(team->size, groups, team->rank);
    *own = (pw_team){.threads = team->threads};
    MPI_Comm_split(team->comm, group, team->rank, &own->comm);
    MPI_Comm_set_errhandler(own->comm, MPI_ERRORS_ARE_FATAL);
    MPI_Comm_rank(own->comm, &own->rank);
    MPI_Comm_size(own->comm, &own->size);
    own->crowd = team->crowd * pw_ranks_on_node(team->comm) / pw_ranks_on_node(own->comm);
    own->log = group == 0 ? team->log : pw_log_to(NULL, team->log.level);
}

void pw_team_use_threads(int threads, pw_team *team)
{
    int granted = 1;
    omp_set_dynamic(0);
#pragma omp parallel num_threads(threads)
#pragma omp single
    granted = omp_get_num_threads();
    team->threads = granted;
}

pw_code pw_team_choose_threads(int64_t asked, pw_team *team)
{
    const int usual = getenv("OMP_NUM_THREADS") ? omp_get_max_threads() : 1;
    const int threads = asked > 0 ? (int)asked : usual;
    pw_code code = PW_OK;
    if (threads > PW_MOST_THREADS)
        code = pw_fail(PW_ERROR_USAGE,
                       "OMP_NUM_THREADS: %d threads are more than a rank may have (%d). Set it "
                       "to how many cores each rank has.",
                       threads, PW_MOST_THREADS);
    code = pw_agree(team, code);
    if (code == PW_OK)
        pw_team_use_threads(threads, team);
    return code;
}

void pw_team_destroy(pw_team *team)
{
    if (team && team->size > 0) {
        MPI_Comm_free(&team->comm);
        *team = (pw_team){.size = 0};
    }
}

pw_code pw_agree(pw_team *team, pw_code code)
{
    int first = code == PW_OK ? team->size : team->rank;
    MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, team->comm);
    if (first == team->size)
        return PW_OK;
    struct {
        int code;
        char text[PW_FAILURE_LENGTH];
    } failure = {.code = code};
    if (team->rank == first)
        snprintf(failure.text, sizeof failure.text, "%s", pw_failure());
    MPI_Bcast(&failure, sizeof failure, MPI_BYTE, first, team->comm);
    return pw_fail((pw_code)failure.code, "%s", failure.text);
}

_Noreturn void pw_team_abort(pw_team *team, pw_code code)
{
    fprintf(stderr, "partwise: error: %s (rank %d ends the job)\n", pw_failure(), team->rank);
    MPI_Abort(team->comm, code);
    for (;;) /* MPI_Abort does not return, but is not declared so */
        ;
}
