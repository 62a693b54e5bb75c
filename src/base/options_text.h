/* Pieces of text that the help and the man page share. */
#ifndef PW_BASE_OPTIONS_TEXT_H
#define PW_BASE_OPTIONS_TEXT_H

#include "base/options_table.h"
#include "base/options_value.h"

/* Local. Prints text in lines of at most 92 columns, beginning at `column`; further lines begin at
 * `indent`. */
void pw_text_wrap(FILE *stream, const char *text, int column, int indent);

/* Local. Prints every line of `lines` with `before` in front of it. */
void pw_text_lines(FILE *stream, const char *lines, const char *before);

enum { PW_LIMITS_LENGTH = PW_CHOICES_LENGTH + 64 };

/* Local. " (hals or mu; default: hals)", "" where there is nothing to say. Returns text. */
char *pw_option_limits_text(const pw_option *option, unsigned commands, char *text, size_t size);

/* Local. PW_ERROR_OUTPUT where something that was printed did not arrive. */
pw_code pw_text_finish(FILE *stream);

#endif
