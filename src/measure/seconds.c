#include "dist/collective.h"
#include "measure/measure.h"

#include <stdlib.h>
#include <time.h>

double pw_measure_seconds(pw_team *team, void (*work)(void *context), void *context)
{
    MPI_Barrier(team->comm);
    const double start = pw_seconds();
    work(context);
    MPI_Barrier(team->comm);
    double seconds = pw_seconds() - start; /* of the first to begin: all of it */
    pw_reduce_max(team, &seconds, 1);
    return seconds;
}

void pw_measure_meet(pw_team *team)
{
    const struct timespec nap = {.tv_nsec = 1000000};
    MPI_Request meeting;
    int all = 0;
    MPI_Ibarrier(team->comm, &meeting);
    for (MPI_Test(&meeting, &all, MPI_STATUS_IGNORE); !all;
         MPI_Test(&meeting, &all, MPI_STATUS_IGNORE))
        nanosleep(&nap, NULL);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double pw_measure_median(double *values, int64_t count)
{
    qsort(values, (size_t)count, sizeof *values, compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}
