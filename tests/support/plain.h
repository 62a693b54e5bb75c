/* Small matrices whose entries are a function of their place. */
#ifndef PW_TESTS_PLAIN_H
#define PW_TESTS_PLAIN_H

#include "matrix/matrix.h"

/* m × n as the user sees it. */
typedef struct plain {
    int64_t m, n;
    double (*entry)(int64_t i, int64_t j);
} plain;

/* Collective over team. Dealt evenly by rows of the swept matrix; sparse ones store what is not 0. pw_matrix_destroy it. */
pw_matrix plain_make(pw_team *team, const plain *p, bool sparse, bool transposed, pw_type type);

#endif
