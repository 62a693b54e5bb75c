/* What the table of options consists of, for the files that read it: the parser, the .ini reader,
 * the help. Everybody else uses base/options.h. */
#ifndef PW_BASE_OPTIONS_TABLE_H
#define PW_BASE_OPTIONS_TABLE_H

#include "base/options.h"

#include <stddef.h>

typedef enum pw_option_type {
    PW_OPTION_FLAG,   /* bool */
    PW_OPTION_WHOLE,  /* int64_t within [least, most] */
    PW_OPTION_SIZE,   /* int64_t: bytes within [least, most], read with or without a unit */
    PW_OPTION_REAL,   /* double within [least, most] */
    PW_OPTION_CHOICE, /* int64_t: index into `choices` */
    PW_OPTION_TEXT    /* char *, owned by pw_options */
} pw_option_type;

typedef struct pw_option {
    const char *section; /* of the .ini file and the help */
    const char *name;    /* --name; PARTWISE_NAME with '_' for '-' */
    char letter;         /* -x; 0: none */
    pw_option_type type;
    size_t offset;              /* of its field in pw_options */
    double least, most;         /* of numbers */
    const char *const *choices; /* NULL-terminated */
    const char *value_name;     /* in the help */
    const char *initial;        /* default as text, NULL: none */
    unsigned commands;          /* those that use it: sum of pw_command */
    unsigned required;          /* those that cannot do without */
    bool identity;              /* a resumed run must have the same value */
    bool ends;                  /* decides when and how a model comes to its end */
    bool inherited;             /* new data take it from the model that they are transformed by */
    const char *help;
} pw_option;

typedef struct pw_option_section {
    const char *name;
    const char *title;
} pw_option_section;

enum { PW_MOST_POSITIONALS = 2 };

typedef struct pw_command_info {
    pw_command command;
    const char *name;
    const char *usage;                            /* what follows `partwise NAME` */
    const char *positionals[PW_MOST_POSITIONALS]; /* names of the options they give a value to */
    const char *summary;                          /* one line */
    const char *description;
    const char *examples; /* lines, each ends with '\n' */
} pw_command_info;

/* Each ends with an element whose name is NULL. An option whose meaning depends on the command
 * has a row for each meaning. */
extern const pw_option PW_OPTIONS[];
extern const pw_option_section PW_OPTION_SECTIONS[];
extern const pw_command_info PW_COMMANDS[];

enum { PW_MOST_OPTIONS = 160 }; /* rows of PW_OPTIONS; checked where the table ends */

#endif
