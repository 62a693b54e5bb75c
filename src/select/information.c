#include "select/information.h"

#include <math.h>

/* −2 ln(likelihood) but for what is the same for all k. */
static double misfit(double beta, double loss, double observed)
{
    if (!(observed > 0))
        return NAN;
    if (beta == 2)
        return loss > 0 ? observed * log(2 * loss / observed) : NAN;
    return beta == 1 ? 2 * loss : NAN;
}

static double parameters(int64_t m, int64_t n, int k)
{
    const double least = (double)(m < n ? m : n), rank = k < least ? k : least;
    return rank * ((double)m + (double)n - rank);
}

double pw_information_akaike(double beta, double loss, double observed, int64_t m, int64_t n, int k)
{
    return misfit(beta, loss, observed) + 2 * parameters(m, n, k);
}

double pw_information_schwarz(double beta, double loss, double observed, int64_t m, int64_t n,
                              int k)
{
    return misfit(beta, loss, observed) + log(observed) * parameters(m, n, k);
}
