/* The HDF5 library trusts what it reads and may crash where a file is damaged. The handler only
 * calls what is safe in a signal. */
#include "command/crash.h"

#include "base/status.h"
#include "store/reader.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static const int CRASHES[] = {SIGSEGV, SIGBUS, SIGFPE, SIGABRT};
enum { CRASH_COUNT = sizeof CRASHES / sizeof *CRASHES };

static struct sigaction before[CRASH_COUNT];
static int own_rank;

static void say(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        _exit(PW_ERROR_INPUT);
}

static void explain(int number)
{
    const char *path = pw_reader_current();
    for (int i = 0; i < CRASH_COUNT; i++)
        sigaction(CRASHES[i], &before[i], NULL);
    if (!path) {
        raise(number);
        return;
    }
    if (own_rank > 0)
        sleep(3); /* where rank 0 crashes too, one line is enough */
    say("partwise: error: ");
    say(path);
    say(": the HDF5 library crashed while reading it. The file is damaged: fetch or write it "
        "again.\n");
    _exit(PW_ERROR_INPUT);
}

void pw_crash_explain(int rank)
{
#ifndef __SANITIZE_ADDRESS__ /* its report says more */
    const struct sigaction action = {.sa_handler = explain};
    own_rank = rank;
    for (int i = 0; i < CRASH_COUNT; i++)
        sigaction(CRASHES[i], &action, &before[i]);
#else
    (void)rank;
    (void)before;
    (void)explain;
#endif
}
