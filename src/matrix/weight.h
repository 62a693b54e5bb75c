/* Weighting of V on the way in: an iteration sees row_i · column_j · f(v_ij), where f is v or ln(1 + v). V stays as it is in
 * memory; entries are weighted as tiles are read. */
#ifndef PW_MATRIX_WEIGHT_H
#define PW_MATRIX_WEIGHT_H

#include "base/options.h"
#include "matrix/matrix.h"
#include "matrix/summary.h"

/* Rows and columns are those of the swept matrix. */
struct pw_weight {
    bool logarithm; /* f(v) = ln(1 + v) */
    double *row;    /* V->count: of this rank's rows; NULL: all 1 */
    double *column; /* V->cols, the same on every rank; NULL: all 1 */
};

/* Collective over team. Gives V the weights that --weight and --affinity ask for, from its own entries:
 *
 *     log1p        f(v) = ln(1 + v)
 *     row-l1       rows (of V as the user sees it) sum to 1
 *     column-l1    columns sum to 1
 *     column-l2    columns have ‖·‖₂ = 1
 *     tfidf        column_j = ln((1 + m) / (1 + df_j)) + 1, df_j the number of rows with v_ij ≠ 0: the smooth inverse
 *                  document frequency of scikit-learn
 *
 *     normalised   (affinity, of symmetric V) v_ij / √(d_i d_j), d the row sums
 *
 * Rows and columns of zeros stay zeros. The weights become V's, which pw_matrix_destroy frees; where V has some already
 * they stay. PW_ERROR_INPUT where V should be symmetric and is not. */
pw_code pw_matrix_weigh(pw_team *team, const pw_options *options, pw_matrix *V);

/* Collective over team. Gives V, which has none, the weights v_ij / √(r_i c_j) of its row sums r and column sums c: D^-½ V D^-½ where
 * it is `symmetric`, and known to be. */
pw_code pw_matrix_weigh_both(pw_team *team, bool symmetric, pw_matrix *V);

/* Collective over team. Makes of `summary`, which is that of V as it is, the one of V as it is weighted: sums and range; the
 * fingerprint stays that of the input. PW_ERROR_INPUT where weighted entries are too large or too small to be squared. */
pw_code pw_weight_summarise(pw_team *team, const pw_matrix *V, pw_summary *summary);

/* Local. Weights `count` entries v of this rank's row `row`: those in `column`, or in first … where that is NULL. */
void pw_weight_apply(const pw_weight *weight, int64_t row, const uint32_t *column, int64_t first,
                     int64_t count, double *v);

/* Local. Takes its weights from V; NULL-safe in them. */
void pw_matrix_unweigh(pw_matrix *V);

/* Local. NULL-safe. */
void pw_weight_destroy(pw_weight *weight);

#endif
