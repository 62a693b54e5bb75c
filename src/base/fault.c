#include "base/fault.h"

#ifdef PW_FAULTS
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const SITE_NAMES[PW_FAULT_SITES] = {"memory", "open", "read", "write"};

bool pw_fault(pw_fault_site site)
{
    static _Atomic long calls[PW_FAULT_SITES];
    const long call = ++calls[site];
    const char *wanted = getenv("PARTWISE_FAULT"), *rank = getenv("OMPI_COMM_WORLD_RANK");
    char name[16];
    long wanted_rank, wanted_call;
    if (!wanted || sscanf(wanted, "%15[a-z]:%ld:%ld", name, &wanted_rank, &wanted_call) != 3)
        return false;
    return strcmp(name, SITE_NAMES[site]) == 0 && wanted_call == call &&
           wanted_rank == (rank ? atol(rank) : 0);
}
#endif
