/* Resamples of V: each entry drawn anew around what V has there, every time that it is read; V stays as it is in
 * memory. The draw is a function of seed and place, so a resample is the same in every sweep, on any number of ranks,
 * for any layout and storage. */
#ifndef PW_MATRIX_PERTURB_H
#define PW_MATRIX_PERTURB_H

#include "matrix/summary.h"

/* Local. The resample of V that belongs to `seed`: like V, whose arrays it borrows, so it is not destroyed.
 *
 *     poisson      a Poisson number with mean v
 *     uniform      v (1 + delta u), u uniform in (−1, 1)
 *
 * What is 0, missing or not stored stays so. Drawn before weights apply; held-out entries are those of V itself. */
pw_matrix pw_matrix_resample(const pw_matrix *V, pw_perturb kind, double delta, uint64_t seed);

/* Collective over team. Makes of `summary`, which is that of V, the one of its resample; the fingerprint stays that of the
 * input. PW_ERROR_INPUT where entries are too large or too small to be squared. */
pw_code pw_perturb_summarise(pw_team *team, const pw_matrix *resample, pw_summary *summary);

/* Local. Draws `count` entries, whose values in V are v, of this rank's row `row`: those in `column`, or in first … where
 * that is NULL. */
void pw_perturb_apply(const pw_matrix *resample, int64_t row, const uint32_t *column, int64_t first,
                      int64_t count, double *v);

#endif
