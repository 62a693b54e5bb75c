/* Multiplicative updates of a factor X with orthogonal columns (Ding, Li, Peng & Park 2006):
 *
 *     x_c ← x_c · √(r_c / (x Xᵀ R)_c)        the orthogonal factor
 *     x_c ← x_c · r_c / (x G)_c              the other
 *
 * Both are the rule of mu.c: the iteration gives XᵀR for G, and the exponent ½ (iterate/orthogonal.c). The
 * objective may rise.
 */
#include "update/update.h"

void pw_orthogonal_mu_update(const pw_problem *p)
{
    pw_mu_update(p);
}

int64_t pw_orthogonal_mu_work(int k)
{
    return pw_mu_work(k);
}
