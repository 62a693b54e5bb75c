/* How a table is laid out, as its first two lines and the options tell. */
#ifndef PW_READ_TABLE_H
#define PW_READ_TABLE_H

#include "matrix/names.h"
#include "read/read.h"

typedef struct pw_table_layout {
    char delimiter;
    bool row_names;   /* the first field of a row is its name */
    int64_t header;   /* line number of the header, 0: there is none */
    int64_t fields;   /* of a row, with its name */
    int64_t row_line; /* line number of the first row, for messages */
} pw_table_layout;

/* Local. Looks at the beginning of the file. Names of columns, where there is a header, go to
 * `names`. PW_ERROR_INPUT where the two lines do not fit together or hold no column of numbers. */
pw_code pw_table_look(const pw_read_request *request, pw_table_layout *layout, pw_names *names);

#endif
