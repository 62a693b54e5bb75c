/* Failures inside the library: a code that travels as the return value, and a text kept per thread. */
#ifndef PW_BASE_STATUS_H
#define PW_BASE_STATUS_H

#include "partwise/status.h"

enum { PW_FAILURE_LENGTH = 1024 };

/* Local. Keeps the text of a failure and returns `code`. The text is one line without a full path
 * to the code: "FILE: what is wrong, and where. What to do." */
pw_code pw_fail(pw_code code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Leave through the function's `done:` label when a call fails. Needs a local `pw_code code`. */
#define PW_TRY(call)                                                                               \
    do {                                                                                           \
        if ((code = (call)) != PW_OK)                                                              \
            goto done;                                                                             \
    } while (0)

#endif
