/* Faults on purpose, for the tests: PARTWISE_FAULT="SITE:RANK:N" lets the N-th call (from 1) at that
 * site on that MPI rank fail. "list:FILE" lets none fail, and lists the calls of each rank in FILE.RANK,
 * each as its site and a number for the way through the program that led there. Compiled in with
 * -DPW_FAULTS only; a release build never looks. */
#ifndef PW_BASE_FAULT_H
#define PW_BASE_FAULT_H

#include <stdbool.h>

typedef enum pw_fault_site {
    PW_FAULT_MEMORY,
    PW_FAULT_OPEN,
    PW_FAULT_READ,
    PW_FAULT_WRITE,
    PW_FAULT_SITES
} pw_fault_site;

#ifdef PW_FAULTS
enum { PW_TEST_BUILD = true }; /* what a release warns of is an error */
/* Local. True when this call is the one that has to fail. */
bool pw_fault(pw_fault_site site);

/* Local. From now on, and counted from here, another fault than that of the environment: up to 4095 bytes, which may end with a
 * newline. */
void pw_fault_choose(const char *fault);
#else
enum { PW_TEST_BUILD = false };
static inline bool pw_fault(pw_fault_site site)
{
    (void)site;
    return false;
}
#endif

#endif
