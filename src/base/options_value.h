/* One option's value: from text into its field of pw_options, with all checks, and back. */
#ifndef PW_BASE_OPTIONS_VALUE_H
#define PW_BASE_OPTIONS_VALUE_H

#include "base/options_table.h"

enum {
    PW_NUMBER_LENGTH = 32,
    PW_CHOICES_LENGTH = 1024 /* more than any list of choices takes */
};

/* Local. Sets an option's field from text (copied). On failure the field stays as it was, and the
 * message starts with `label`: where the value was written. */
pw_code pw_option_set(const pw_option *option, const char *label, const char *text,
                      pw_options *options);

/* Local. The value as text that pw_option_set would read back to the same value; "" for text that
 * was not given. Borrowed from options, from the table or from `number`. */
const char *pw_option_text(const pw_option *option, const pw_options *options,
                           char number[static PW_NUMBER_LENGTH]);

/* Local. "a, b or c": of at most 64 names, which NULL ends, those whose bit is in the set, with `last` (" or ") before the
 * last one. Returns text. */
char *pw_option_list(const char *const *names, uint64_t set, const char *last, char *text,
                     size_t size);

/* Local. The choices of an option: "a, b or c". Returns text. */
char *pw_option_choices_text(const pw_option *option, char *text, size_t size);

#endif
