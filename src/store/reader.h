/* Reading HDF5 files. Nothing here communicates: each rank opens the file by itself and reads its
 * own part, so that a failure is a local status which the caller agrees upon.
 *
 * Paths inside the file are absolute or relative to the root. All failures are PW_ERROR_INPUT or
 * PW_ERROR_MEMORY. */
#ifndef PW_STORE_READER_H
#define PW_STORE_READER_H

#include "base/status.h"
#include "base/type.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pw_reader pw_reader;

enum { PW_DATASET_DIMENSIONS = 32 };

typedef enum pw_object { PW_OBJECT_NONE, PW_OBJECT_GROUP, PW_OBJECT_DATASET } pw_object;
typedef enum pw_content { PW_CONTENT_NUMBER, PW_CONTENT_TEXT, PW_CONTENT_OTHER } pw_content;

/* What a data set looks like. */
typedef struct pw_dataset {
    int dimensions; /* 0: one value, or none */
    int64_t extent[PW_DATASET_DIMENSIONS];
    int64_t chunk_rows; /* extent of a chunk in the first dimension; 0 where not chunked */
    pw_content content;
    pw_type type; /* of numbers, as they are best held in memory */
    const char
        *words; /* what the content is, where it is no number: "text", "complex numbers", … */
} pw_dataset;

/* Local. Whether there is a file that begins, perhaps after a user block, like HDF5. */
bool pw_reader_recognises(const char *path);

/* Local. Opens a file for reading. Close it. Fails where there is no such file, it may not be
 * read, or is not HDF5. */
pw_code pw_reader_open(const char *path, pw_reader **reader);

/* Local. NULL-safe; leaves NULL. */
void pw_reader_close(pw_reader **reader);

/* Local. The path of the file that was opened last, while it is open, else NULL. Safe in a signal
 * handler. */
const char *pw_reader_current(void);

/* Local. The path that the file was opened by. Borrowed. */
const char *pw_reader_path(const pw_reader *reader);

/* Local. What there is at a path inside the file; dangling links are nothing. */
pw_object pw_reader_kind(pw_reader *reader, const char *name);

/* Local. Calls `visit` with the name of each member of a group, in the order of names, until it
 * returns something else than PW_OK, which is then returned. */
typedef pw_code (*pw_member_visitor)(void *context, const char *member);
pw_code pw_reader_members(pw_reader *reader, const char *group, pw_member_visitor visit,
                          void *context);

/* Local. Describes a data set. */
pw_code pw_reader_describe(pw_reader *reader, const char *name, pw_dataset *dataset);

/* Local. Elements first … first + count - 1 of a one-dimensional data set of numbers, as `type`.
 * HDF5 converts: numbers that do not fit `type` are clipped to its range. */
pw_code pw_reader_range(pw_reader *reader, const char *name, int64_t first, int64_t count,
                        pw_type type, void *values);

/* Local. The block of `rows` rows and `columns` columns from (row, column) on of a two-dimensional
 * data set of numbers, row-major without gaps, as `type`. Any size: chunks are unpacked once where
 * they lie inside. */
pw_code pw_reader_block(pw_reader *reader, const char *name, int64_t row, int64_t rows,
                        int64_t column, int64_t columns, pw_type type, void *values);

/* Local. The same for whole rows. */
pw_code pw_reader_rows(pw_reader *reader, const char *name, int64_t row, int64_t rows, pw_type type,
                       void *values);

/* Local. Bytes of the file before the first element of a data set whose elements stand there one behind the other, as `type`
 * is in memory, for those that read without HDF5. For others *obstacle says why they do not ("is compressed"), else it is
 * NULL. */
pw_code pw_reader_offset(pw_reader *reader, const char *name, pw_type type, int64_t *offset,
                         const char **obstacle);

/* Local. Calls `visit` with elements first … first + count - 1 of a one-dimensional data set of
 * text, of fixed or variable length; padding is cut off. The text is borrowed and need not end
 * with NUL. */
typedef pw_code (*pw_text_visitor)(void *context, const char *text, int64_t length);
pw_code pw_reader_text(pw_reader *reader, const char *name, int64_t first, int64_t count,
                       pw_text_visitor visit, void *context);

/* Local. Attributes of the group or data set `name` ("/" for the file). They never fail: an
 * attribute that is absent, empty or of another kind is not there. */
bool pw_reader_has_attribute(pw_reader *reader, const char *name, const char *attribute);

/* Local. The text of an attribute, the caller's to free; NULL where there is none. */
char *pw_reader_attribute_text(pw_reader *reader, const char *name, const char *attribute);

/* Local. The first `most` numbers of an attribute; returns how many it holds (0: not there, or no
 * numbers). */
int64_t pw_reader_attribute_ints(pw_reader *reader, const char *name, const char *attribute,
                                 int64_t most, int64_t *values);
int64_t pw_reader_attribute_doubles(pw_reader *reader, const char *name, const char *attribute,
                                    int64_t most, double *values);

#endif
