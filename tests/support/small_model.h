/* A small model with known entries, on any ranks and either way round, and a folder for the files that tests write. */
#ifndef PW_TESTS_SMALL_MODEL_H
#define PW_TESTS_SMALL_MODEL_H

#include "write/write.h"

enum { SMALL_M = 11, SMALL_N = 6, SMALL_K = 3 };

/* The fingerprint that the small V is said to have. */
#define SMALL_FINGERPRINT UINT64_C(0xfedcba9876543210)

/* Asserts on all ranks what must be so on all ranks: were it to fail on some only, those would leave the others
 * waiting. */
#define ALL(team, condition) assert_true(everywhere(team, condition))
bool everywhere(pw_team *team, bool good);

/* Local. Entries of W and of Hᵀ. */
double small_W(int64_t i, int c);
double small_H(int64_t j, int c);

/* Local. V without entries, in uneven blocks: rank 1 has no rows. Destroy it. */
pw_matrix small_V(pw_team *team, bool transposed, bool named);

/* Local. A model after so many iterations. `clock`: by how much this rank's clock is ahead. Destroy it. */
pw_model small_model(pw_team *team, const pw_matrix *V, int64_t iterations, double clock);

/* Local. Whether a model has the factors of the small one. */
bool small_factors(pw_team *team, const pw_matrix *V, const pw_model *model);

/* Local. Options of a fit. Destroy them. */
pw_options small_options(const char *seed, const char *checkpoint);

/* Collective over team. Writes the small model by pw_write_model or pw_write_checkpoint. */
typedef pw_code (*small_writer)(pw_team *, const char *, const pw_result *);
pw_code small_write(pw_team *team, small_writer write, const char *path, bool transposed,
                    bool named, int64_t iterations);

/* Collective over team. Makes a folder / removes it with all that is in it. */
void folder_make(pw_team *team);
void folder_remove(pw_team *team);

/* Local. The path of a file in the folder; the last four stay valid. */
const char *folder_file(const char *name);

/* Collective over team. Removes a file, if it is there. */
void folder_unlink(pw_team *team, const char *name);

#endif
