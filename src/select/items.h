/* Which items of two matrices are the same: by name where both have names, else by position. Items are what their rows in
 * memory stand for: rows of V as the user sees it, columns where it is transposed. */
#ifndef PW_SELECT_ITEMS_H
#define PW_SELECT_ITEMS_H

#include "matrix/matrix.h"

/* Names in two different orders meet on rank 0, up to so many on a side; the same order may be of any length. */
enum { PW_MOST_SORTED_ITEMS = 10000000 };

typedef struct pw_item_pairing {
    bool fits; /* every item of one has its twin in the other */
    bool by_name;
    int64_t common; /* names that both have */
    int64_t *
        place; /* where it fits: the row of the model, for each of this rank's rows of the reference */
    char why[PW_FAILURE_LENGTH]; /* where it does not fit: a failure text */
} pw_item_pairing;

/* Collective over team. Pairs the items of two matrices; the outcome is the same on every rank. Mutation classes may be
 * written in any way that mutation_class.h knows. That they do not fit is an outcome, no error: errors are of memory.
 * Destroy the pairing. */
pw_code pw_items_pair(pw_team *team, const pw_matrix *model, const pw_matrix *reference,
                      pw_item_pairing *pairing);

/* Local. NULL-safe. */
void pw_item_pairing_destroy(pw_item_pairing *pairing);

/* Local. Names of the items / of the profiles, which are the columns in memory. Borrowed. */
const pw_names *pw_item_names(const pw_matrix *V);
const pw_names *pw_profile_names(const pw_matrix *V);

#endif
