/* Where V stands inside an HDF5 file, and what it looks like there. Plain data: rank 0 finds it,
 * all get a copy. */
#ifndef PW_READ_HDF5_SOURCE_H
#define PW_READ_HDF5_SOURCE_H

#include "matrix/matrix.h"
#include "store/reader.h"

enum { PW_INSIDE_LENGTH = 1024 };

typedef enum pw_names_kind {
    PW_NAMES_NONE,
    PW_NAMES_TEXT,
    PW_NAMES_INTEGER,
    PW_NAMES_FLOAT,
    PW_NAMES_CATEGORY /* codes into a list of text; -1 is no name */
} pw_names_kind;

/* Where names of rows or columns stand. */
typedef struct pw_names_source {
    pw_names_kind kind;
    char path[PW_INSIDE_LENGTH];
    char categories[PW_INSIDE_LENGTH];
    int64_t category_count;
} pw_names_source;

typedef struct pw_hdf5_source {
    char inside[PW_INSIDE_LENGTH]; /* path inside the file, from "/" on */
    int64_t m, n;                  /* V as the user sees it */
    pw_type type;
    int64_t chunk_rows; /* dense */
    bool sparse;
    bool by_columns; /* sparse: compressed by columns */
    int64_t entries; /* sparse: stored ones */
    pw_type index_type;
    pw_names_source row_names, column_names;
} pw_hdf5_source;

/* Local. Finds V: at `inside` (with or without leading slash), or where a file of a known kind has
 * it, or the only matrix at top level. PW_ERROR_INPUT says what there is instead. */
pw_code pw_hdf5_find(pw_reader *reader, const char *inside, pw_hdf5_source *source);

/* Local. Describes the data set or group at source->inside, or refuses it. */
pw_code pw_hdf5_describe(pw_reader *reader, pw_hdf5_source *source);

/* Local. Whether a group holds a sparse matrix; `by_columns` tells which way. */
bool pw_hdf5_is_sparse(pw_reader *reader, const char *group, bool *by_columns);

/* Local. `name` in `group`, as a path; false where it is too long. */
bool pw_hdf5_join(char path[static PW_INSIDE_LENGTH], const char *group, const char *name);

/* Local. Whether there is a list of `total` names or labels at `path`: a data set, or as a column of a data frame a group with
 * codes and categories, or with values and a mask. */
bool pw_hdf5_find_list(pw_reader *reader, const char *path, int64_t total, pw_names_source *names);

/* Local. Finds the names that belong to source->inside; warns about those that cannot be used. */
void pw_hdf5_find_names(pw_log *log, pw_reader *reader, pw_hdf5_source *source);

/* Collective over team. Reads this rank's share of `total` names. */
pw_code pw_hdf5_read_names(pw_team *team, pw_reader *reader, const pw_names_source *source,
                           int64_t total, pw_names *names);

/* Collective over team. V from a dense data set / from a sparse group, swept by columns where
 * `transposed`. V is empty but for its path. Where it does not fit into memory it is streamed. */
pw_code pw_hdf5_read_dense(pw_team *team, pw_reader *reader, const pw_hdf5_source *source,
                           const pw_options *options, bool transposed, pw_matrix *V);
pw_code pw_hdf5_read_sparse(pw_team *team, pw_reader *reader, const pw_hdf5_source *source,
                            const pw_options *options, bool transposed, pw_matrix *V);

#endif
