/* Which number of components each criterion of a survey speaks for, and why.
 *
 *     cophenetic   the last k before the coefficient falls clearly (by more than 0.005 below the highest so far; Brunet et
 *                  al. 2004, PNAS 101:4164). Where it rises again as clearly and falls again, each such top counts that
 *                  is at most 0.02 below the highest top, and the last of them is taken: at k = 2 the coefficient is
 *                  near 1 for most data, and a later top tells more.
 *     dispersion   the same with 0.03 and 0.12 (Kim & Park 2007, Bioinformatics 23:1495)
 *     stability    the largest k whose components have a mean silhouette of at least 0.8 and a least one of at least 0.2
 *                  (SigProfilerExtractor: Islam et al. 2022, Cell Genomics 2:100179; NMFk: Nebgen et al. 2021). At k = 1
 *                  it is 1 by definition: taken only where all larger k fail.
 *     aic, bic     the least (select/information.h)
 *     holdout      the smallest k whose error is within one standard error of the least, where that is known (Breiman et
 *                  al. 1984), else the least
 *     residual     the elbow of the root of the residual sum of squares: where it is farthest below the straight line
 *                  from the first k to the last (Satopää et al. 2011), of four k or more, unless that is under 5 % of
 *                  the whole fall. By the root and not the sum, whose elbow the first few large components decide.
 *
 * Criteria of the consensus are of k ≥ 2. Rows without a figure are passed over. */
#ifndef PW_SELECT_SUGGEST_H
#define PW_SELECT_SUGGEST_H

#include "select/survey.h"

enum { PW_CRITERIA = 7, PW_REASON_LENGTH = 256 };

typedef struct pw_suggestion {
    const char *criterion; /* as above */
    bool defined;          /* the survey has figures for it */
    int k;                 /* 0: none */
    char
        reason[PW_REASON_LENGTH]; /* with the figures that decided, or why there is no suggestion */
} pw_suggestion;

typedef struct pw_suggestions {
    pw_suggestion of[PW_CRITERIA];
    char warning[2 * PW_REASON_LENGTH]; /* where criteria disagree, else "" */
} pw_suggestions;

/* Local. */
void pw_suggest(const pw_survey *survey, pw_suggestions *suggestions);

/* Local. Prints those that are defined for people: criterion, k, reason; not the warning. */
void pw_suggestions_print(const pw_suggestions *suggestions, FILE *stream);

/* Collective over team. Writes those of rank 0 into /suggestions of an HDF5 file: data sets criterion, k, reason (all seven),
 * attribute warning. Errors: those of the writer. */
pw_code pw_suggestions_write(pw_team *team, pw_writer *writer, const pw_suggestions *suggestions);

#endif
