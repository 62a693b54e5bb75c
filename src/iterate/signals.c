#include "iterate/iterate.h"

#include <signal.h>

static volatile sig_atomic_t stop_wanted; /* a handler can reach nothing else */

static void ask_to_stop(int signal)
{
    (void)signal;
    stop_wanted = 1;
}

void pw_signals_catch(void)
{
    struct sigaction action = {.sa_handler = ask_to_stop, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
}

bool pw_signals_stop_wanted(void)
{
    return stop_wanted != 0;
}
