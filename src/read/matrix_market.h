/* What the head of a Matrix Market file says. */
#ifndef PW_READ_MATRIX_MARKET_H
#define PW_READ_MATRIX_MARKET_H

#include "read/coordinates.h"

typedef struct pw_market {
    bool dense;           /* "array": values alone, column after column */
    pw_coordinates about; /* .count is that of the file: half and diagonal of symmetric arrays */
} pw_market;

/* Local. Reads the head: banner, comments, size. PW_ERROR_INPUT also for kinds of matrices that
 * partwise does not factorise, with the reason. */
pw_code pw_market_read_head(const char *path, pw_market *market);

/* Collective over team. V (dense) from the values of an "array" file. */
pw_code pw_market_read_array(pw_team *team, const pw_read_request *request,
                             const pw_coordinates *about, pw_matrix *V);

#endif
