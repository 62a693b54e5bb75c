/* Names of rows or columns, dealt evenly over the ranks whatever the layout of V: rank r holds the names
 * pw_share(total, size, r) … pw_share(total, size, r + 1) - 1. */
#ifndef PW_MATRIX_NAMES_H
#define PW_MATRIX_NAMES_H

#include "dist/team.h"

#include <stdint.h>

typedef struct pw_names {
    int64_t total;   /* over all ranks; 0: there are no names */
    int64_t first;   /* index of this rank's first name */
    int64_t count;   /* this rank's names */
    int64_t *offset; /* count + 1: name i is text + offset[i] … text + offset[i + 1] - 1, no NUL */
    char *text;
    int64_t capacity, text_capacity; /* of the growing arrays */
} pw_names;

/* Local. Appends a name of `length` bytes. */
pw_code pw_names_add(pw_names *names, const char *name, int64_t length);

/* Local. The last two names become one; a blank goes between them where neither is empty. */
pw_code pw_names_join(pw_names *names);

/* Local. Leaves an empty list. NULL-safe. */
void pw_names_destroy(pw_names *names);

/* Collective over team. Deals names that stand anywhere in contiguous runs: this rank gives `count` names that
 * have the global indices in `index` (`given`->first is ignored). Every index 0 … total - 1 must be given
 * once. `given` is left empty. */
pw_code pw_names_deal(pw_team *team, pw_names *given, const int64_t *index, int64_t total,
                      pw_names *names);

/* Collective over team. All names on rank 0; the others get none. */
pw_code pw_names_gather(pw_team *team, const pw_names *names, pw_names *all);

#endif
