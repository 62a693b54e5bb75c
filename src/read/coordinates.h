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

#endif
