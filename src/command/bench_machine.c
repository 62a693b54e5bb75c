#include "command/bench.h"

#include <math.h>
#include <omp.h>

enum { TIMES = 6 }; /* the best of so many counts: it is a limit */

static void measure(pw_team *team, int threads, pw_gauge *gauge, pw_bench_machine *machine)
{
    const int usual = gauge->threads;
    machine->cores = threads;
    MPI_Allreduce(MPI_IN_PLACE, &machine->cores, 1, MPI_INT, MPI_SUM, team->comm);
    gauge->threads = threads;
    for (int i = 0; i < TIMES; i++) {
        for (int single = 0; single < 2; single++)
            machine->peak[single] =
                fmax(machine->peak[single], pw_peak_measure(team, threads, single));
        machine->bandwidth = fmax(machine->bandwidth, pw_bandwidth_measure(team, gauge));
    }
    gauge->threads = usual;
}

/* Threads of this rank, such that all ranks of the node together use all cores that they may run on. */
static int threads_for_all_cores(pw_team *team)
{
    const int cores = omp_get_num_procs() / pw_ranks_on_node(team->comm);
    return cores > team->threads ? cores : team->threads;
}

void pw_bench_measure_machine(pw_bench *bench)
{
    pw_team *team = bench->team;
    if (team->rank == 0)
        measure(team->size > 1 ? &bench->alone : team, 1, &bench->gauge, &bench->one);
    pw_measure_meet(team);
    measure(team, threads_for_all_cores(team), &bench->gauge, &bench->all);
}
