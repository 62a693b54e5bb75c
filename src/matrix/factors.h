/* W and H as the user sees them, out of the two factors that a model holds: which rows of them a rank stands for
 * when they are written, read or summed up. Used by writing and resuming. */
#ifndef PW_MATRIX_FACTORS_H
#define PW_MATRIX_FACTORS_H

#include "matrix/model.h"

/* Rows first … first + count - 1 of the `total` of W or of Hᵀ. The parts of all ranks together are the whole. */
typedef struct pw_factor_part {
    double *X; /* count × k, row-major; inside the model */
    int64_t total, first, count;
} pw_factor_part;

/* Local. This rank's part of W (m × k) and of Hᵀ (n × k): what it owns of the distributed factor, an even share of
 * the replicated one. */
pw_factor_part pw_factor_W(const pw_team *team, const pw_matrix *V, const pw_model *model);
pw_factor_part pw_factor_H(const pw_team *team, const pw_matrix *V, const pw_model *model);

/* Local. The factors of the model's momentum in the place of its own, for whatever writes, reads or sums up factors. */
pw_model pw_momentum_factors(const pw_model *model);

/* Local. The biases of rows and columns in the place of W and Hᵀ, with k = 1. */
pw_model pw_bias_vectors(const pw_model *model);

/* Collective over team. Completes the replicated factor on every rank, each of which has filled its share. */
void pw_factors_replicate(pw_team *team, const pw_matrix *V, pw_model *model);

/* Collective over team. A number that depends on every bit of W, H, and rank 0's history and state of the run, and not
 * on how they are distributed. The same on every rank. */
uint64_t pw_model_checksum(pw_team *team, const pw_matrix *V, const pw_model *model);

/* Local. The same for a name and its value; sum up those of several. */
uint64_t pw_text_checksum(const char *name, const char *value);

#endif
