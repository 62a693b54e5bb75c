/* Reading V from a file, whatever its format, each rank its own part. */
#ifndef PW_READ_READ_H
#define PW_READ_READ_H

#include "base/options.h"
#include "matrix/matrix.h"

typedef struct pw_read_request {
    const char *path;          /* of the file */
    const char *inside;        /* path inside an HDF5 file, NULL where not given */
    const pw_options *options; /* header, row_names, distribute */
    int64_t block_size;        /* of text, in bytes; 0: chosen (tests take tiny ones) */
} pw_read_request;

/* Collective over team. Recognises the format of options->input by content and reads it into V, with names.
 * V is in memory in its own type; its entries are not yet checked (pw_matrix_summarise). */
pw_code pw_matrix_read(pw_team *team, const pw_options *options, pw_matrix *V);

/* Collective over team. Which entries of V are observed, by --missing and the file of --mask. PW_ERROR_INPUT for a mask
 * of another shape. */
pw_code pw_matrix_observe(pw_team *team, const pw_options *options, pw_matrix *V);

/* Local. How long FILE is in FILE[:/path/in/file]: up to the last colon before which there is a file, else to the first ":/",
 * else to the end. `input` is changed meanwhile. */
int64_t pw_input_file_length(char *input);

/* Collective over team. The readers, one a format. */
pw_code pw_read_hdf5(pw_team *team, const pw_read_request *request, pw_matrix *V);
pw_code pw_read_matrix_market(pw_team *team, const pw_read_request *request, pw_matrix *V);
pw_code pw_read_docword(pw_team *team, const pw_read_request *request, pw_matrix *V);
pw_code pw_read_table(pw_team *team, const pw_read_request *request, pw_matrix *V); /* CSV, TSV */

/* Collective over team. n names from a file with one a line; blank lines do not count. Replaces
 * those that are there. PW_ERROR_INPUT where there are more or fewer. */
pw_code pw_vocabulary_read(pw_team *team, const char *path, int64_t n, pw_names *names);

#endif
