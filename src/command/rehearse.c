#include "command/rehearse.h"

#ifdef PW_FAULTS
#include "base/fault.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

enum { LENGTH = 4096 };

static void ask(int code, char fault[static LENGTH])
{
    FILE *const stream[] = {stdout, stderr};
    for (int i = 0; i < 2; i++) {
        fprintf(stream[i], "partwise: ended with %d\n", code);
        fflush(stream[i]);
    }
    if (!fgets(fault, LENGTH, stdin))
        fault[0] = '\0';
}

bool pw_rehearse_again(int rank, int code)
{
    char fault[LENGTH] = "";
    if (!getenv("PARTWISE_REHEARSE"))
        return false;
    MPI_Barrier(MPI_COMM_WORLD); /* all have ended */
    if (rank == 0)
        ask(code, fault);
    MPI_Bcast(fault, LENGTH, MPI_CHAR, 0, MPI_COMM_WORLD);
    pw_fault_choose(fault);
    return fault[0] != '\0';
}
#endif
