/* The losses, entry by entry: how far x = (WH)_ij is from v, and the weights that multiplicative updates
 * give to an entry. Entries of v that are NaN are missing: they cost nothing and weigh nothing. */
#ifndef PW_UPDATE_LOSS_H
#define PW_UPDATE_LOSS_H

#include "base/options.h"

/* The β-divergences d(v | x) of Févotte & Idier 2011:
 *
 *     β = 2     ½ (v − x)²                                         Frobenius
 *     β = 1     v ln(v/x) − v + x                                  Kullback–Leibler, generalised
 *     β = 0     v/x − ln(v/x) − 1                                  Itakura–Saito
 *     else      (v^β + (β − 1) x^β − β v x^(β−1)) / (β (β − 1))
 */
typedef struct pw_loss {
    double beta;
    double exponent; /* of the ratio in an update: every step descends */
    double floor;    /* entries of v below it count as it; 0: none */
    double least;    /* entries of x below it count as it: no division by zero */
} pw_loss;

/* Local. The loss of a run; `mean` of the entries of V sets the scale of what counts as zero. */
pw_loss pw_loss_of(const pw_options *options, double mean);

/* Local. Of an entry of V that is 0, for losses that are sparse: its cost d(0 | x) and its weight b. */
static inline double pw_loss_of_zero(const pw_loss *loss, double x)
{
    return loss->beta == 1 ? x : 0.5 * x * x;
}

static inline double pw_loss_weight_of_zero(const pw_loss *loss, double x)
{
    return loss->beta == 1 ? 1 : x;
}

/* Local. Whether entries of V that are 0 cost nothing that is not known without visiting them, so that sparse V
 * needs its nonzeros only. */
bool pw_loss_is_sparse(const pw_loss *loss);

enum { PW_LOSS_ENTRIES = 256 }; /* the most of one call */

/* Local. Weights of `count` entries: a = v x^(β−2), b = x^(β−1), both 0 where v is missing; b may be NULL. No two of
 * the arrays may overlap. */
void pw_loss_weigh(const pw_loss *loss, int64_t count, const double *v, const double *x, double *a,
                   double *b);

/* Local. Both for β = 1, as products with dense V need them: a = v / x into a, and Σ d(v | x), which is returned, where
 * `measure`. */
double pw_loss_take_kl_double(const pw_loss *loss, int64_t count, const double *v, const double *x,
                              double *a, bool measure);
double pw_loss_take_kl_float(const pw_loss *loss, int64_t count, const float *v, const float *x,
                             float *a, bool measure);

/* Local. Σ d(v | x) over `count` entries. */
double pw_loss_sum(const pw_loss *loss, int64_t count, const double *v, const double *x);

/* Local. The same as if v were 0, for losses that are sparse. */
double pw_loss_sum_of_zeros(const pw_loss *loss, int64_t count, const double *x);

#endif
