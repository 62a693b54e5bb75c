/* Known classes of the rows of V. */
#ifndef PW_READ_TRUTH_H
#define PW_READ_TRUTH_H

#include "matrix/names.h"

typedef struct pw_truth {
    pw_names names;  /* of the rows, in the order of the file; total 0: it has none */
    pw_names labels; /* their classes, as text */
} pw_truth;

/* Collective over team. Reads `m` labels from FILE[:/path/in/file]:
 *
 *     text, gzip too    a label, or a name and a label with a comma or a tab between them, on each line; a first line that is no
 *                       label of a row, one more than there are rows, holds titles
 *     HDF5              the list at the path, of numbers or text, or a categorical column of AnnData; without a path
 *                       /truth/labels of generated data, or /labels of an earlier result
 *
 * PW_ERROR_INPUT with the place where that is something else or of another length. Destroy the truth in any case. */
pw_code pw_truth_read(pw_team *team, const char *input, int64_t m, pw_truth *truth);

/* Local. NULL-safe. */
void pw_truth_destroy(pw_truth *truth);

#endif
