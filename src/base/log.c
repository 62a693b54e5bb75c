#include "base/log.h"

#include <stdarg.h>
#include <unistd.h>

pw_log pw_log_to(FILE *stream, pw_log_level level)
{
    return (pw_log){.stream = stream, .level = level, .terminal = stream && isatty(fileno(stream))};
}

static void end_live_line(pw_log *log)
{
    if (log->live_length > 0)
        fprintf(log->stream, "\r%*s\r", log->live_length, "");
    log->live_length = 0;
}

static void write_line(pw_log *log, const char *prefix, const char *format, va_list arguments)
{
    end_live_line(log);
    fputs(prefix, log->stream);
    vfprintf(log->stream, format, arguments);
    fputc('\n', log->stream);
    fflush(log->stream);
}

#define WRITE_AT(least, prefix)                                                                    \
    if (log->stream && log->level >= (least)) {                                                    \
        va_list arguments;                                                                         \
        va_start(arguments, format);                                                               \
        write_line(log, prefix, format, arguments);                                                \
        va_end(arguments);                                                                         \
    }

void pw_log_say(pw_log *log, const char *format, ...)
{
    WRITE_AT(PW_LOG_NORMAL, "")
}

void pw_log_detail(pw_log *log, const char *format, ...)
{
    WRITE_AT(PW_LOG_VERBOSE, "")
}

void pw_log_warn(pw_log *log, const char *format, ...)
{
    WRITE_AT(PW_LOG_QUIET, "partwise: warning: ")
}

void pw_log_live(pw_log *log, const char *format, ...)
{
    if (!log->stream || !log->terminal || log->level < PW_LOG_NORMAL)
        return;
    va_list arguments;
    va_start(arguments, format);
    char line[256];
    const int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    fprintf(log->stream, "\r%s%*s", line, log->live_length > length ? log->live_length - length : 0,
            "");
    log->live_length = length;
    fflush(log->stream);
}
