/* The HDF5 library trusts what it reads and may crash where a file is damaged; Open MPI 4.1 with PMIx crashes once in a
 * thousand ends (open-mpi/ompi issue 10117). The handler only calls what is safe in a signal. */
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
static volatile sig_atomic_t ending, result;

static void say(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        _exit(PW_ERROR_INPUT);
}

/* Elsewhere the earlier handler speaks: a fault repeats itself on return, at its own place; a signal that was sent is
 * sent again. */
static void explain(int number, siginfo_t *cause, void *context)
{
    (void)context;
    const char *path = pw_reader_current();
    if (ending)
        _exit(result);
    for (int i = 0; i < CRASH_COUNT; i++)
        sigaction(CRASHES[i], &before[i], NULL);
    if (!path) {
        if (cause->si_code <= 0)
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

static void catch_crashes(void)
{
    const struct sigaction action = {.sa_sigaction = explain, .sa_flags = SA_SIGINFO};
    for (int i = 0; i < CRASH_COUNT; i++)
        sigaction(CRASHES[i], &action, &before[i]);
}

void pw_crash_explain(int rank)
{
    own_rank = rank;
#ifndef __SANITIZE_ADDRESS__ /* its report says more */
    catch_crashes();
#endif
}

void pw_crash_ignore(int code)
{
    result = code;
    ending = 1;
    catch_crashes();
}
