#include "base/fault.h"

#ifdef PW_FAULTS
#include <execinfo.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Atomic long calls[PW_FAULT_SITES];
static char chosen[4096];

static const char *const SITE_NAMES[PW_FAULT_SITES] = {"memory", "open", "read", "write"};

/* Number of the way through our functions that led here: the same on each rank and in each run of one
 * program (the hash FNV-1a of return addresses; those in libraries are left out, as they are not). */
static uint64_t path_here(void)
{
    enum { DEEPEST = 64, PROGRAM_SIZE = 1 << 28 };
    void *frames[DEEPEST];
    const int depth = backtrace(frames, DEEPEST);
    uint64_t hash = 0xcbf29ce484222325u;
    for (int i = 0; i < depth; ++i) {
        const intptr_t place = (intptr_t)frames[i] - (intptr_t)&path_here;
        if (place > -PROGRAM_SIZE && place < PROGRAM_SIZE)
            hash = (hash ^ (uint64_t)place) * 0x100000001b3u;
    }
    return hash;
}

static void list_call(const char *file, const char *rank, pw_fault_site site)
{
    char name[4096];
    snprintf(name, sizeof name, "%s.%s", file, rank ? rank : "0");
    FILE *list = fopen(name, "a");
    if (!list)
        abort();
    fprintf(list, "%s %016" PRIx64 "\n", SITE_NAMES[site], path_here());
    fclose(list);
}

void pw_fault_choose(const char *fault)
{
    snprintf(chosen, sizeof chosen, "%s", fault);
    chosen[strcspn(chosen, "\n")] = '\0';
    for (int site = 0; site < PW_FAULT_SITES; site++)
        calls[site] = 0;
}

bool pw_fault(pw_fault_site site)
{
    const long call = ++calls[site];
    const char *wanted = chosen[0] ? chosen : getenv("PARTWISE_FAULT"),
               *rank = getenv("OMPI_COMM_WORLD_RANK");
    char name[16];
    long wanted_rank, wanted_call;
    if (wanted && strncmp(wanted, "list:", 5) == 0)
        list_call(wanted + 5, rank, site);
    if (!wanted || sscanf(wanted, "%15[a-z]:%ld:%ld", name, &wanted_rank, &wanted_call) != 3)
        return false;
    return strcmp(name, SITE_NAMES[site]) == 0 && wanted_call == call &&
           wanted_rank == (rank ? atol(rank) : 0);
}
#endif
