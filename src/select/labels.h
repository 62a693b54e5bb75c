/* Which component each item belongs to. */
#ifndef PW_SELECT_LABELS_H
#define PW_SELECT_LABELS_H

#include "matrix/model.h"

/* Collective over team. The component with the largest weight for `items` items: columns of V as the user sees it, else
 * rows. `item`: which, ascending; NULL: the first so many. Weights are those of V ≈ W diag(scale) H where the columns of W
 * (for rows of V: the rows of H) have sum 1 and all else is in the other factor, so that they do not depend on how a
 * component is split between the factors; `raw`: the other factor as it stands. Of equal weights the first component
 * counts; -1 where all are 0. `labels`, items, is the same on every rank. Memory. */
pw_code pw_labels_find(pw_team *team, const pw_matrix *V, const pw_model *model, bool of_columns,
                       bool raw, int64_t items, const int64_t *item, int32_t *labels);

/* Collective over team. By what the weights of each component (model->k) are multiplied there, where they are not raw: the
 * largest is 1, as only their ratios matter. */
void pw_labels_factors(pw_team *team, const pw_matrix *V, const pw_model *model, bool of_columns,
                       double *factor);

#endif
