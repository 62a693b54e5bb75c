/* Random problems of rows of a factor, as updates get them. */
#ifndef PW_TESTS_PROBLEM_H
#define PW_TESTS_PROBLEM_H

#include "update/update.h"

typedef struct problem {
    int64_t rows, ldx;
    int k, inner, fixed;
    double *X, *R, *G, *D, *l1, *typical, *work, *residual;
} problem;

/* Local. A random number between 0 and 1, the same in each call. */
double problem_draw(uint32_t what, int64_t row, int column);

/* Local. Workspace that does for every method. */
int64_t problem_work(int k);

/* Local. One with k + 3 random right-hand columns; a leading dimension wider than k; some zeros in X. Discard it. */
problem problem_make(int64_t rows, int k, int inner);
void problem_discard(problem *p);

/* Local. As the sums R and G; borrows from p. */
pw_problem problem_quadratic(const problem *p);

/* Local. The same numbers as a ratio: R is the numerator; D has a row for all where `one_row`. Borrows from p. */
pw_problem problem_ratio(const problem *p, bool one_row, double exponent);

/* Local. Of the quadratic problem: Σ over rows of ½ x G xᵀ − x·(r − l1). */
double problem_objective(const problem *p);

#endif
