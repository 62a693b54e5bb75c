/* Models from one layout of V to another. */
#ifndef PW_MATRIX_TRANSFER_H
#define PW_MATRIX_TRANSFER_H

#include "matrix/model.h"

/* Collective over team. Ranks of a group hold `model` in the layout of their own copy of V, `from`, which is NULL on the
 * others; `owner` is the first of them. Makes it a model of all ranks in the layout of V, without momentum. One that has
 * no factors comes over with its numbers. Errors, on all ranks: PW_ERROR_MEMORY; destroy the model in any case. */
pw_code pw_model_transfer(pw_team *team, const pw_matrix *from, int owner, const pw_matrix *V,
                          pw_model *model);

#endif
