/* Looking things up in the table, and what to say about names that are not in it. */
#ifndef PW_BASE_OPTIONS_FIND_H
#define PW_BASE_OPTIONS_FIND_H

#include "base/options_table.h"

#define PW_VARIABLE_PREFIX "PARTWISE_"
#define PW_ANY_COMMAND (~0u)
enum { PW_VARIABLE_LENGTH = 64 };

/* Local. What the table says about a command. */
const pw_command_info *pw_command_describe(pw_command command);

/* Local. The option of that name that one of `commands` uses; NULL where there is none. */
const pw_option *pw_option_find(const char *name, unsigned commands);

/* Local. The same by letter. */
const pw_option *pw_option_find_letter(char letter, unsigned commands);

/* Local. The field of an option in `options`. */
void *pw_option_field(const pw_option *option, const pw_options *options);

/* Local. The environment variable of an option: "PARTWISE_MAX_ITERATIONS". Returns `variable`. */
char *pw_option_variable(const char *name, char variable[static PW_VARIABLE_LENGTH]);

/* Local. The name of the option of these commands that comes nearest; NULL where none is near. */
const char *pw_option_nearest(const char *name, unsigned commands);

/* Local. Fails for a name that `command` has no option for: says who uses it, or else what the
 * nearest one is, written with `prefix`. The message starts with `label`, the place and name as
 * written. */
pw_code pw_option_fail_unknown(pw_command command, const char *label, const char *prefix,
                               const char *name);

#endif
