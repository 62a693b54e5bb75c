/* Which of several known names a misspelt one was probably meant to be. */
#ifndef PW_BASE_NEAREST_H
#define PW_BASE_NEAREST_H

/* Local. Letters to insert, delete, replace or swap with their neighbour to turn one name into the
 * other (optimal string alignment). Only the first 63 letters of each count. */
int pw_edit_distance(const char *a, const char *b);

/* A search: start with {.word = …}, offer every known name, then read `name`. Borrows all names. */
typedef struct pw_nearest {
    const char *word; /* what was written */
    const char *name; /* the nearest offered so far; NULL while none resembles the word */
    int distance;
} pw_nearest;

/* Local. Offers a known name. It is taken where it is nearer than those before, and near enough
 * to be meant: half of the word's letters stand, or it contains the word ("iter":
 * "max-iterations"). */
void pw_nearest_offer(pw_nearest *nearest, const char *name);

#endif
