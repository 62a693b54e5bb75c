/* The version, and the commit, which the Makefile passes to this file alone. */
#include "base/version.h"

#include "partwise/version.h"

#ifndef PW_COMMIT
#define PW_COMMIT "unknown"
#endif

const char *pw_version(void)
{
    return PW_VERSION;
}

const char *pw_commit(void)
{
    return PW_COMMIT;
}
