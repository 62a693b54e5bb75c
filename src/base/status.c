#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>

static _Thread_local char failure_text[PW_FAILURE_LENGTH];

pw_code pw_fail(pw_code code, const char *format, ...)
{
    char text[PW_FAILURE_LENGTH]; /* the arguments may point into the old text */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(failure_text, sizeof failure_text, "%s", text);
    return code;
}

const char *pw_failure(void)
{
    return failure_text;
}
