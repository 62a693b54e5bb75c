/* Information criteria: what a fit costs in likelihood, and what its parameters cost. Smaller is better, and only differences
 * between models of the same V under the same loss mean anything. */
#ifndef PW_SELECT_INFORMATION_H
#define PW_SELECT_INFORMATION_H

#include <stdint.h>

/* Local. Akaike's criterion (1974), Schwarz's (1978), of V (m × n, `observed` entries seen) ≈ WH with k components and
 * the given loss, penalties not counted. `beta` is that of the loss (update/loss.h):
 *
 *     2, Frobenius           normal errors of unknown variance: N ln(2 loss / N) + penalty
 *     1, Kullback–Leibler    Poisson counts, of which the loss is half the deviance: 2 loss + penalty
 *
 * with N observed entries, and penalty 2 p for Akaike, p ln N for Schwarz. p = k (m + n − k), k at most min(m, n),
 * counts the free parameters of the product WH: the dimension of the set of matrices of rank k, which is that of W and
 * H less the k² of the square matrices that may be put between them. Terms that are the same for all k are left out.
 *
 * NaN where they are not defined: for other losses, where nothing is observed, and where the fit is exact under normal
 * errors. They are those of a fit of greatest likelihood, by free factors: for a run with penalties, or one whose
 * factors are tied (symmetric, orthogonal) or partly given, p is too large, and they are better left out. Under
 * Kullback–Leibler V must hold counts: for c V the loss, not the penalty, is c times as large. Counts that scatter more
 * than Poisson's make both favour too many components. */
double pw_information_akaike(double beta, double loss, double observed, int64_t m, int64_t n,
                             int k);
double pw_information_schwarz(double beta, double loss, double observed, int64_t m, int64_t n,
                              int k);

#endif
