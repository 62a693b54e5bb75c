/* The registry of methods: one line a method. update/registry.c turns it into functions, the options
 * table into choices and help.
 *
 * X(name, "its name in options", frobenius, missing, kl, beta, traits, copies, what it is)
 *   frobenius … beta  the sums that the method needs under a loss: ½‖V − WH‖², the same with missing
 *                     entries, Kullback–Leibler, all other β-divergences; PW_SUMS_NONE where it does not apply
 *   traits            those of pw_trait that it has, 0 for none
 *   copies            copies of the distributed factor that the method keeps, for the memory estimate
 */
#ifndef PW_BASE_METHODS_H
#define PW_BASE_METHODS_H

/* What an update learns about its block of rows X of one factor; the other factor is Y. */
typedef enum pw_sums {
    PW_SUMS_NONE,
    PW_SUMS_GRAM,    /* R = V Yᵀ and G = Y Yᵀ */
    PW_SUMS_IMPUTED, /* the same, with entries of WH for those of V that are missing */
    PW_SUMS_RATIO,   /* numerator N and denominator D of a ratio */
    PW_SUMS_NEWTON,  /* the same, and the matrix M of second derivatives of each row */
    PW_SUMS_RANK_ONE /* N = Σ (r + x y) y and D = Σ y² + l2 over the observed entries, r of V − WH, one component
                        after the other (iterate/rank_one.c) */
} pw_sums;

typedef enum pw_trait {
    PW_MONOTONE = 1,        /* the objective never rises */
    PW_REVIVES = 2,         /* a dead component (all zeros on one side) can come back to life */
    PW_REPEATS = 4,         /* --inner-iterations concerns it */
    PW_EXTRAPOLATES = 8,    /* --extrapolate does, for the frobenius loss without missing entries */
    PW_ORTHOGONALISES = 16, /* --orthogonal does */
    PW_DAMPS = 32,          /* under --symmetric it damps its steps; others are held by a penalty */
    PW_MULTIPLIES = 64,     /* what is 0 stays 0: it starts from positive factors */
    PW_SELECTS =
        128 /* one factor is made of rows or columns of V; one update of the other ends the run */
} pw_trait;

/* clang-format off */
#define PW_METHODS(X) \
    X(hals, "hals", PW_SUMS_GRAM, PW_SUMS_IMPUTED, PW_SUMS_NONE, PW_SUMS_NONE, PW_MONOTONE | PW_REVIVES | PW_REPEATS | PW_EXTRAPOLATES | PW_ORTHOGONALISES, 1, "hierarchical alternating least squares, with repeated inner updates") \
    X(bpp, "bpp", PW_SUMS_GRAM, PW_SUMS_IMPUTED, PW_SUMS_NONE, PW_SUMS_NONE, PW_MONOTONE | PW_REVIVES | PW_EXTRAPOLATES, 1, "alternating non-negative least squares, exact by block principal pivoting") \
    X(mu, "mu", PW_SUMS_GRAM, PW_SUMS_RATIO, PW_SUMS_RATIO, PW_SUMS_RATIO, PW_MONOTONE | PW_ORTHOGONALISES | PW_DAMPS | PW_MULTIPLIES, 1, "multiplicative updates") \
    X(orthogonal_mu, "orthogonal-mu", PW_SUMS_GRAM, PW_SUMS_NONE, PW_SUMS_NONE, PW_SUMS_NONE, PW_ORTHOGONALISES | PW_MULTIPLIES, 1, "multiplicative updates that make the rows of H (with --orthogonal w the columns of W) orthogonal") \
    X(newton, "newton", PW_SUMS_NONE, PW_SUMS_NONE, PW_SUMS_NEWTON, PW_SUMS_NONE, PW_MONOTONE | PW_REVIVES, 1, "Newton steps within bounds that keep them descending") \
    X(ccd, "ccd", PW_SUMS_NONE, PW_SUMS_RANK_ONE, PW_SUMS_NONE, PW_SUMS_NONE, PW_MONOTONE, 1, "one component after the other, for ratings: the observed entries of V, with --bias") \
    X(spa, "spa", PW_SUMS_GRAM, PW_SUMS_NONE, PW_SUMS_NONE, PW_SUMS_NONE, PW_MONOTONE | PW_SELECTS, 1, "no iteration: H becomes K rows of V (W columns, by --anchors) that successive projections find, the other factor the best for them") \
    /* a new one goes above this line */
/* clang-format on */

#define PW_METHOD_ENUMERATOR(name, ...) PW_METHOD_##name,
enum { PW_METHOD_auto, PW_METHODS(PW_METHOD_ENUMERATOR) PW_METHOD_COUNT };

#endif
