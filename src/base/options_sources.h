/* Where the values of options come from. The stronger source always wins, in whatever order they
 * are read; a value that loses is checked all the same. */
#ifndef PW_BASE_OPTIONS_SOURCES_H
#define PW_BASE_OPTIONS_SOURCES_H

#include "base/options_table.h"

typedef enum pw_option_source {
    PW_SOURCE_DEFAULT,
    PW_SOURCE_FILE,
    PW_SOURCE_ENVIRONMENT,
    PW_SOURCE_COMMAND_LINE
} pw_option_source;

/* The options as they are being put together. */
typedef struct pw_option_reading {
    pw_command command;
    pw_options *options;
    pw_option_source source[PW_MOST_OPTIONS]; /* of the value that stands, by row of the table */
} pw_option_reading;

/* Local. Where the value of an option came from. */
pw_option_source pw_option_source_of(const pw_option_reading *reading, const pw_option *option);

/* Local. Whether somebody asked for this option of this command here; the environment may mean other runs. */
bool pw_option_is_given(const pw_option_reading *reading, const char *name);

/* Local. Whether the options of a fit go together, also of one that a clustering makes; chooses what was left to it, such as
 * the method. Nothing for other commands. */
pw_code pw_options_check_fit(const pw_option_reading *reading);

/* Local. Whether generated data use the options that were given for them; what follows from others is set. Nothing for
 * other commands. */
pw_code pw_options_check_kind(const pw_option_reading *reading);

/* Local. The part of pw_options_check_fit about first factors, once the method is chosen. */
pw_code pw_options_check_start(const pw_option_reading *reading);
/* Local. Whether the options of a clustering go together; those that depend on its method get their defaults. Nothing for
 * other commands. */
pw_code pw_options_check_cluster(const pw_option_reading *reading);

/* Local. Gives an option a value, unless a stronger source already did. */
pw_code pw_option_give(pw_option_reading *reading, const pw_option *option, pw_option_source source,
                       const char *label, const char *text);

/* Local. Reads argv[1] … : options, and what stands without a name. */
pw_code pw_options_read_command_line(pw_option_reading *reading, int argc, char **argv);

/* Local. Reads PARTWISE_NAME for every option of the command. */
pw_code pw_options_read_environment(pw_option_reading *reading);

/* Local. Reads an .ini file. */
pw_code pw_options_read_file(pw_option_reading *reading, const char *path);

#endif
