/* How a row of the table of options is written; for the table only. */
#ifndef PW_BASE_OPTIONS_ROWS_H
#define PW_BASE_OPTIONS_ROWS_H

#include "base/options_table.h"

/* Who uses an option. */
enum {
    FIT = PW_COMMAND_FIT,
    CONVERT = PW_COMMAND_CONVERT,
    GENERATE = PW_COMMAND_GENERATE,
    INFO = PW_COMMAND_INFO,
    MATCH = PW_COMMAND_MATCH,
    TRANSFORM = PW_COMMAND_TRANSFORM,
    PREDICT = PW_COMMAND_PREDICT,
    SCAN = PW_COMMAND_SCAN,
    SVD = PW_COMMAND_SVD,
    CLUSTER = PW_COMMAND_CLUSTER,
    BENCH = PW_COMMAND_BENCH,
    PLAN = PW_COMMAND_PLAN,
    FITS = FIT | SCAN,                                 /* models at random starts */
    READERS = FITS | CONVERT | INFO | TRANSFORM | SVD, /* all that read V */
    ALL = READERS | CLUSTER | GENERATE | MATCH | PREDICT | BENCH | PLAN
};

/* What an option is: its field in pw_options, whose type the compiler checks, and its range. */
#define FIELD(field, c_type)                                                                       \
    .offset = offsetof(pw_options, field) + 0 * sizeof(_Generic(((pw_options *)0)->field, c_type   \
                                                                : (char)0))
#define FLAG(field) .type = PW_OPTION_FLAG, FIELD(field, bool)
#define TEXT(field, value) .value_name = value, .type = PW_OPTION_TEXT, FIELD(field, char *)
#define WHOLE(field, from, to, value)                                                              \
    .value_name = value, .type = PW_OPTION_WHOLE, .least = from, .most = to, FIELD(field, int64_t)
#define SIZE(field, from, to)                                                                      \
    .value_name = "SIZE", .type = PW_OPTION_SIZE, .least = from, .most = to, FIELD(field, int64_t)
#define REAL(field, from, to, value)                                                               \
    .value_name = value, .type = PW_OPTION_REAL, .least = from, .most = to, FIELD(field, double)
#define CHOICE(field, list, value)                                                                 \
    .value_name = value, .type = PW_OPTION_CHOICE, .choices = list, FIELD(field, int64_t)

#endif
