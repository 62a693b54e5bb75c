/* Parts of a scan: which k are fitted together, where memory does not hold the models of all of them. */
#ifndef PW_COMMAND_PARTS_H
#define PW_COMMAND_PARTS_H

#include "command/ensemble.h"

typedef struct pw_parts {
    int *begin; /* count + 1: part p has the k begin[p + 1] … begin[p] - 1; the widest come first */
    int count;
} pw_parts;

/* Collective over team, once V is read. `k`: ks of them, ascending. What the models of a part take together is at most what
 * --memory allows, or most of what is free. Destroy the parts. PW_ERROR_MEMORY where the models of a single k do not fit,
 * PW_ERROR_USAGE where several parts do not go with the other options. */
pw_code pw_parts_plan(const pw_job *job, int ks, const int *k, pw_parts *parts);
void pw_parts_destroy(pw_parts *parts);

/* Local. "part 1 of 3: k = 9 … 12". Returns `text`. */
const char *pw_parts_text(const pw_parts *parts, const int *k, int part, char text[static 64]);

#endif
