/* The fields of a line of a table: between delimiters, perhaps in double quotes. */
#ifndef PW_READ_FIELDS_H
#define PW_READ_FIELDS_H

#include "matrix/names.h"
#include "read/stream.h"

/* Runs of blanks and tabs count as one delimiter when the delimiter is PW_WHITE_SPACE. */
#define PW_WHITE_SPACE ' '

typedef struct pw_field {
    const char *begin, *end; /* without quotes and the blanks around */
    bool quoted;             /* doubled quotes inside stand for one */
} pw_field;

typedef enum pw_field_outcome {
    PW_FIELD_FOUND,
    PW_FIELD_NONE,     /* the line has no more */
    PW_FIELD_OPEN,     /* its quotes do not end on the line */
    PW_FIELD_TRAILING, /* something stands behind the quotes */
} pw_field_outcome;

/* Local. Where the first field of a line begins; NULL: the line is blank. */
const char *pw_field_first(const pw_line *line, char delimiter);

/* Local. Takes the field at *at; *at becomes the start of the next one, NULL behind the last. */
pw_field_outcome pw_field_next(const char **at, const char *end, char delimiter, pw_field *field);

/* Local. Skips what may stand between a field's content at `at` and its delimiter, then the
 * delimiter. Sets *next as above; false where something else stands there. */
bool pw_field_end(const char *at, const char *end, char delimiter, const char **next);

/* Local. PW_ERROR_INPUT with file and line for an outcome that is an error. */
pw_code pw_field_failure(pw_field_outcome outcome, const char *path, int64_t line);

/* Local. Appends the field as a name. */
pw_code pw_field_add_name(const pw_field *field, pw_names *names);

/* Local. Whether the field is a number; whether it stands for a missing one ("", NA, null, …). */
bool pw_field_is_number(const pw_field *field);
bool pw_field_is_missing(const pw_field *field);

#endif
