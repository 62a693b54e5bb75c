/* Components of a model and the profiles of a reference set, one-to-one by their cosine. */
#ifndef PW_SELECT_MATCH_H
#define PW_SELECT_MATCH_H

#include "select/items.h"

typedef struct pw_match {
    int64_t components, references;
    double *cosine;     /* components × references */
    int64_t *reference; /* of each component; -1: none is left for it */
} pw_match;

/* Collective over team. Components and profiles are the columns in memory of the two matrices, whose items are paired as
 * in `pairing`, which fits. Their cosines (0 where one of the two is zero everywhere) are summed up by rows, each rank its
 * own; then the pairs with the largest sum of cosines are chosen. Every rank gets all; destroy it. Errors:
 * PW_ERROR_INPUT for entries that are negative or not finite, PW_ERROR_MEMORY. */
pw_code pw_match_profiles(pw_team *team, const pw_matrix *model, const pw_matrix *reference,
                          const pw_item_pairing *pairing, pw_match *match);

/* Local. NULL-safe. */
void pw_match_destroy(pw_match *match);

#endif
