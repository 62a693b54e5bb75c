/* Updates in vector lanes (lanes.h) are compiled twice, in long vectors and, with PW_SHORT_VECTORS, in short ones
 * (base/vectors.h). The Makefile lists their files. PW_OF_WIDTH(name) is the name of a function in one of the two; under its
 * own name widths.c calls the one for this processor. */
#ifndef PW_UPDATE_WIDTHS_H
#define PW_UPDATE_WIDTHS_H

#include "update/update.h"

#ifdef PW_SHORT_VECTORS
#define PW_OF_WIDTH(name) name##_short
#else
#define PW_OF_WIDTH(name) name##_long
#endif

/* FUNCTIONS(update, work) of each update. */
#define PW_WIDTHS(FUNCTIONS)                                                                       \
    FUNCTIONS(pw_bpp_update, pw_bpp_work)                                                          \
    FUNCTIONS(pw_hals_update, pw_hals_work)                                                        \
    FUNCTIONS(pw_mu_update, pw_mu_work)                                                            \
    FUNCTIONS(pw_newton_update, pw_newton_work)                                                    \
    FUNCTIONS(pw_problem_residual, pw_problem_residual_work)

#define PW_DECLARE_WIDTHS(update, work)                                                            \
    void update##_long(const pw_problem *p);                                                       \
    void update##_short(const pw_problem *p);                                                      \
    int64_t work##_long(int k);                                                                    \
    int64_t work##_short(int k);
PW_WIDTHS(PW_DECLARE_WIDTHS)
#undef PW_DECLARE_WIDTHS

#endif
