/* The registry of methods: one line a method. update/registry.c turns it into functions, the options
 * table into choices and help.
 *
 * X(name, frobenius, missing, kl, beta, monotone, revives, repeats, copies, what it is)
 *   frobenius … beta  the sums that the method needs under a loss: ½‖V − WH‖², the same with missing
 *                     entries, Kullback–Leibler, all other β-divergences; PW_SUMS_NONE where it does not apply
 *   monotone  the objective never rises
 *   revives   a component that has died (all zeros on one side) comes back once the other side is positive
 *   repeats   --inner-iterations concerns it
 *   copies    copies of the distributed factor that the method keeps, for the memory estimate
 */
#ifndef PW_BASE_METHODS_H
#define PW_BASE_METHODS_H

/* What an update learns about its block of rows X of one factor; the other factor is Y. */
typedef enum pw_sums {
    PW_SUMS_NONE,
    PW_SUMS_GRAM,    /* R = V Yᵀ and G = Y Yᵀ */
    PW_SUMS_IMPUTED, /* the same, with entries of WH for those of V that are missing */
    PW_SUMS_RATIO,   /* numerator N and denominator D of a ratio */
    PW_SUMS_NEWTON   /* the same, and the matrix M of second derivatives of each row */
} pw_sums;

#define PW_METHODS(X)                                                                              \
    X(hals, PW_SUMS_GRAM, PW_SUMS_IMPUTED, PW_SUMS_NONE, PW_SUMS_NONE, true, true, true, 1,        \
      "hierarchical alternating least squares, with repeated inner updates")                       \
    X(mu, PW_SUMS_GRAM, PW_SUMS_RATIO, PW_SUMS_RATIO, PW_SUMS_RATIO, true, false, false, 1,        \
      "multiplicative updates")                                                                    \
    X(newton, PW_SUMS_NONE, PW_SUMS_NONE, PW_SUMS_NEWTON, PW_SUMS_NONE, true, true, false, 1,      \
      "Newton steps within bounds that keep them descending")

#define PW_METHOD_ENUMERATOR(name, ...) PW_METHOD_##name,
enum { PW_METHOD_auto, PW_METHODS(PW_METHOD_ENUMERATOR) PW_METHOD_COUNT };

#endif
