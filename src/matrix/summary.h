/* One pass over V before the work: is every entry finite and non-negative, and what does V look
 * like. */
#ifndef PW_MATRIX_SUMMARY_H
#define PW_MATRIX_SUMMARY_H

#include "matrix/matrix.h"

typedef struct pw_summary {
    double observed;         /* number of entries that are not missing, held-out ones not counted */
    int64_t held_out;        /* number of entries held out */
    double sum, sum_squares; /* over all finite observed entries but those held out */
    double least, largest;   /* of all finite observed entries, absent ones being 0 */
    double least_positive;   /* of those above 0; 0 where no entry is */
    int64_t nonzeros;        /* of those not held out */
    int64_t zero_rows, zero_columns; /* of V as the user sees it */
    uint64_t
        fingerprint; /* of shape and nonzero entries: the same for any layout, type and storage */
    int64_t bad;     /* observed entries that are negative or not finite */
    int64_t bad_row, bad_column; /* the first of them by row, then column (from 0), and its value */
    double bad_value;
} pw_summary;

/* Local. The mean of the observed entries; 0 where there are none. */
double pw_summary_mean(const pw_summary *summary);

/* Collective over team. Looks at every entry once, weighted where V has weights; never fails on bad entries, only on
 * memory. */
pw_code pw_matrix_summarise(pw_team *team, const pw_matrix *V, pw_summary *summary);

/* Local (the summary is the same on every rank). PW_ERROR_INPUT with place, value and number of
 * bad entries, or where none is observed, or none held out that ought to be, or where the entries are too large or too small to be squared. */
pw_code pw_summary_check(const pw_matrix *V, const pw_summary *summary);

#endif
