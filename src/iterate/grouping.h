/* Into how many groups the ranks of a scan split: what each choice would cost, and the choice. */
#ifndef PW_ITERATE_GROUPING_H
#define PW_ITERATE_GROUPING_H

#include "iterate/iterate.h"

#include <stdio.h>

/* What the cost depends on. */
typedef struct pw_grouping_facts {
    int ranks, threads;    /* threads of each rank */
    int64_t rows, columns; /* of V as it is swept */
    double entries; /* that products with V go over: all where it is dense, else those stored */
    int64_t bytes;  /* of V, on all ranks together */
    bool sparse;
    const pw_options *options;
    const pw_model
        *model; /* `models` of them, in the order in which they are dealt; only k is looked at */
    int64_t models;
    int64_t together; /* so many of them go to the same group */
    int64_t room; /* bytes that each rank may take; what its part of V takes now is among them */
} pw_grouping_facts;

typedef struct pw_grouping_row {
    int groups, ranks; /* ranks of the smallest group */
    int64_t bytes;     /* that a rank takes */
    double seconds;    /* one iteration of all models */
    bool fits;
} pw_grouping_row;

typedef struct pw_grouping {
    pw_grouping_row *row; /* count of them, by ascending number of groups */
    int count, chosen;    /* a row */
    const char *reason;
} pw_grouping;

/* Local. The group to which a model is dealt: `together` at a time, in turn. */
int pw_grouping_owner(int64_t model, int64_t together, int groups);

/* Local. A model of the cost, from constants and not from timings: the same run splits in the same way again. Rows are those
 * numbers of groups that no larger number beats with groups of the same size, and `forced`, which is chosen where
 * it is not 0. Else the choice is the smallest number that is predicted to take at most 1.1 times the least time, of those
 * that fit into memory. Destroy it. Errors: PW_ERROR_MEMORY. */
pw_code pw_grouping_find(const pw_grouping_facts *facts, int forced, pw_grouping *grouping);
void pw_grouping_destroy(pw_grouping *grouping);

/* Local. What there is to do, the table, and the choice with its reason. */
void pw_grouping_print(const pw_grouping_facts *facts, const pw_grouping *grouping, FILE *stream);

#endif
