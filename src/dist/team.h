/* A team: the ranks that work on one V together, with what they share while they do. */
#ifndef PW_DIST_TEAM_H
#define PW_DIST_TEAM_H

#include "base/log.h"
#include "base/status.h"
#include "base/timer.h"

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct pw_team {
    MPI_Comm comm; /* MPI_ERRORS_ARE_FATAL: MPI calls are not checked */
    int rank, size;
    int threads;  /* OpenMP threads of this rank */
    double crowd; /* ranks on this node for each one of the team there: 1 unless it was split off */
    pw_log log;   /* speaks on rank 0 only */
    pw_timer timer;
} pw_team;

/* Collective over comm. Duplicates comm. Its ranks have one thread each. */
void pw_team_create(MPI_Comm comm, pw_log_level level, pw_team *team);

/* Local. Sets team->threads: as many of `threads` as OpenMP grants (OMP_THREAD_LIMIT, a caller's own parallel
 * region); later regions get exactly as many, which shares of work rely on. */
void pw_team_use_threads(int threads, pw_team *team);

/* Collective over team. The same for --threads: 0 takes OMP_NUM_THREADS, 1 where it is not set. PW_ERROR_USAGE where that is
 * more than PW_MOST_THREADS; until then no thread is started. */
pw_code pw_team_choose_threads(int64_t asked, pw_team *team);

/* Collective over comm. Its ranks on the node of this one. */
int pw_ranks_on_node(MPI_Comm comm);

/* Local. The group of a rank where `size` ranks split into `groups`, and the first rank of a group: blocks of
 * consecutive ranks, so that a group stays on one node where it can; their sizes differ by one at the most. */
int pw_team_group(int size, int groups, int rank);
int pw_team_group_first(int size, int groups, int group);

/* Collective over team. The team of this rank's group. Its timer begins at 0; its log is silent but in the first group,
 * where it is that of the team. Destroy it. */
void pw_team_split(const pw_team *team, int groups, pw_team *own);

/* Collective over team. NULL-safe; leaves an empty team behind. */
void pw_team_destroy(pw_team *team);

/* Collective over team. Ranks agree on one outcome: the code and the failure text of the lowest rank
 * that failed, PW_OK if none did. The gate between local work that may fail and the next collective call. */
pw_code pw_agree(pw_team *team, pw_code code);

/* Local. A failure that leaves the other ranks in a collective call for ever: prints it, ends the job. */
_Noreturn void pw_team_abort(pw_team *team, pw_code code);

#endif
