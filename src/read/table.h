/* How a table is laid out, as its first two lines and the options tell. */
#ifndef PW_READ_TABLE_H
#define PW_READ_TABLE_H

#include "matrix/names.h"
#include "read/read.h"

/* What the file does not tell for sure. */
typedef enum pw_table_doubt {
    PW_TABLE_CLEAR,
    PW_TABLE_COUNTING_ROW, /* the first row counts 0, 1, 2, …: names of the columns? */
    PW_TABLE_INDEX_COLUMN /* the first column is called "id" or so, of numbers: names of the rows? */
} pw_table_doubt;

typedef struct pw_table_layout {
    char delimiter;
    int64_t names;    /* so many first fields of a row are its name; 0: rows have none */
    bool header;      /* there is one, with the names of the columns */
    int64_t fields;   /* of a row, with those of its name */
    int64_t row_line; /* line number of the first row */
    pw_table_doubt doubt;
} pw_table_layout;

/* Local. Looks at the beginning of the file. Names of columns, where there is a header, go to
 * `names`. PW_ERROR_INPUT where the two lines do not fit together or hold no column of numbers. */
pw_code pw_table_look(const pw_read_request *request, pw_table_layout *layout, pw_names *names);

#endif
