#define _GNU_SOURCE /* cpu_set_t */
#include "command/environment.h"

#include "base/version.h"
#include "dist/collective.h"
#include "linalg/blas.h"

#include <sched.h>
#include <unistd.h>

/* Cores that the ranks of a host may run on, all together. */
static int count_cores(MPI_Comm host)
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    if (sched_getaffinity(0, sizeof cores, &cores) != 0)
        return (int)sysconf(_SC_NPROCESSORS_ONLN);
    MPI_Allreduce(MPI_IN_PLACE, &cores, sizeof cores, MPI_BYTE, MPI_BOR, host);
    return CPU_COUNT(&cores);
}

/* Hosts of the team, and the most threads that any of them has to run beyond its cores. */
static int64_t count_hosts(pw_team *team, int64_t *surplus)
{
    MPI_Comm host;
    int rank_on_host, threads = team->threads;
    MPI_Comm_split_type(team->comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &host);
    MPI_Comm_rank(host, &rank_on_host);
    MPI_Allreduce(MPI_IN_PLACE, &threads, 1, MPI_INT, MPI_SUM, host);
    *surplus = threads - count_cores(host);
    pw_reduce_max_int(team, surplus, 1);
    MPI_Comm_free(&host);
    int64_t hosts = rank_on_host == 0;
    pw_reduce_sum_int(team, &hosts, 1);
    return hosts;
}

void pw_report_environment(pw_team *team)
{
    int64_t surplus;
    const int64_t hosts = count_hosts(team, &surplus);
    const char *better = pw_blas_better_kernel();
    char name[MPI_MAX_PROCESSOR_NAME];
    int length;
    MPI_Get_processor_name(name, &length);
    pw_log_say(&team->log,
               "partwise %s: %d rank%s × %d thread%s on %lld host%s (%s%s), BLAS kernel %s",
               pw_version(), team->size, team->size == 1 ? "" : "s", team->threads,
               team->threads == 1 ? "" : "s", (long long)hosts, hosts == 1 ? "" : "s", name,
               hosts == 1 ? "" : ", …", pw_blas_kernel());
    if (surplus > 0)
        pw_log_warn(&team->log,
                    "a host has %lld threads more than cores: ranks wait for each other. Use fewer "
                    "ranks, or --threads 1.",
                    (long long)surplus);
    if (!pw_blas_single_thread())
        pw_log_warn(&team->log, "cannot limit the threads of this BLAS: set its environment "
                                "variable (MKL_NUM_THREADS, BLIS_NUM_THREADS, …) to 1.");
    if (better)
        pw_log_warn(&team->log,
                    "BLAS runs its %s kernel, but this CPU can run %s: set OPENBLAS_CORETYPE=%s "
                    "for dense data, it is 2 to 4 times faster.",
                    pw_blas_kernel(), better, better);
}
