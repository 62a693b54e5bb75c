/* What a run says while it works: lines for people on a terminal, `key = value` lines in a file. */
#ifndef PW_BASE_LOG_H
#define PW_BASE_LOG_H

#include <stdbool.h>
#include <stdio.h>

typedef enum pw_log_level { PW_LOG_QUIET, PW_LOG_NORMAL, PW_LOG_VERBOSE } pw_log_level;

typedef struct pw_log {
    FILE *stream; /* NULL on all ranks but the one that speaks */
    pw_log_level level;
    bool terminal;   /* the stream is a terminal: live lines may be drawn */
    int live_length; /* characters of the live line that stands on the terminal */
} pw_log;

/* Local. A log to `stream` (borrowed); NULL makes a silent one. */
pw_log pw_log_to(FILE *stream, pw_log_level level);

/* Local. One line, at level normal / verbose / always, prefixed by `partwise: warning: ` for warnings. */
void pw_log_say(pw_log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));
void pw_log_detail(pw_log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));
void pw_log_warn(pw_log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Local. Draws over the live line of a terminal; nothing where the stream is no terminal. */
void pw_log_live(pw_log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
