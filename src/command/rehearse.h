/* Runs again and again in one process, each with a fault of its own (base/fault.h): for the tests, as most of a small run's time is
 * that of its start. In the builds with -DPW_FAULTS only. */
#ifndef PW_COMMAND_REHEARSE_H
#define PW_COMMAND_REHEARSE_H

#include <stdbool.h>

#ifdef PW_FAULTS
/* Collective over all ranks. Where PARTWISE_REHEARSE is set rank 0 says "partwise: ended with CODE" on standard output and on
 * standard error, and reads the fault of the next run, which begins after that: a line as PARTWISE_FAULT may be. False where it is not
 * set, or there are no more lines. */
bool pw_rehearse_again(int rank, int code);
#else
static inline bool pw_rehearse_again(int rank, int code)
{
    (void)rank, (void)code;
    return false;
}
#endif

#endif
