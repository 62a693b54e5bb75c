/* What a model says about entries of V, each rank about its own rows of the swept matrix. */
#ifndef PW_PREDICT_PREDICT_H
#define PW_PREDICT_PREDICT_H

#include "matrix/model.h"

/* Entries of this rank's rows: those of row i are row_pointer[i] … row_pointer[i + 1] - 1, from 0 on. */
typedef struct pw_predictions {
    const int64_t *row_pointer;
    const uint32_t *column;
    double *x;            /* predicted */
    const double *actual; /* what there is to compare with; NULL: nothing */
    int64_t *own_pointer; /* what of the above is owned */
    uint32_t *own_column;
    double *own_actual;
} pw_predictions;

/* How far predictions are from what is known. */
typedef struct pw_errors {
    double count, rmse, mae;
} pw_errors;

/* Collective over team. The stored entries of sparse V (borrowed), compared with their values where it has any.
 * Destroy them. */
pw_code pw_predict_entries(pw_team *team, const pw_matrix *V, const pw_model *model,
                           pw_predictions *predictions);

/* Collective over team. The `top` largest predictions for each row of the swept matrix among the entries that V does not
 * have: zeros and absent ones, or those that are NaN where V->missing says so. Largest first; of equal ones that of the
 * smaller column. Destroy them. */
pw_code pw_predict_top(pw_team *team, const pw_matrix *V, const pw_model *model, int64_t top,
                       pw_predictions *predictions);

/* Local. NULL-safe. */
void pw_predictions_destroy(pw_predictions *predictions);

/* Collective over team. */
pw_errors pw_predictions_compare(pw_team *team, const pw_matrix *V,
                                 const pw_predictions *predictions);

/* Collective over team. Writes them as CSV in the order of the swept rows: row, column, prediction, value where there is one. Names
 * come from the model file `model`, numbers from 0 stand for those it has not. */
pw_code pw_predictions_write(pw_team *team, const pw_matrix *V, const char *model,
                             const pw_predictions *predictions, const char *path);

#endif
