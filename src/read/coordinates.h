/* Lines of "row column value", counted from 1: the body of Matrix Market and docword files. */
#ifndef PW_READ_COORDINATES_H
#define PW_READ_COORDINATES_H

#include "matrix/assemble.h"
#include "read/read.h"

/* What a file says about itself before its entries begin. */
typedef struct pw_coordinates {
    int64_t m, n, count; /* shape, entries in the file */
    int64_t header;      /* the last line before the entries */
    bool pattern;        /* no values: all are 1 */
    bool symmetric;      /* entry (i, j) stands for (j, i) as well */
} pw_coordinates;

/* Collective over team. V (sparse) from the lines behind the header. Blank lines and lines that
 * begin with % are skipped. PW_ERROR_INPUT names file and line: not an entry, outside the shape,
 * too few, too many. */
pw_code pw_coordinates_read(pw_team *team, const pw_read_request *request,
                            const pw_coordinates *about, pw_matrix *V);

/* Collective over team. n names from a file with one a line; blank lines do not count.
 * PW_ERROR_INPUT where there are more or fewer. */
pw_code pw_vocabulary_read(pw_team *team, const char *path, int64_t n, pw_names *names);

#endif
