/* The factor beside one that is made of rows or columns of V: the exact solution of each row's problem, by the pivoting
 * of bpp.c. Flops and words moved are those of one such update; the run has no other (iterate/stopping.c), and the
 * choice of the rows is that of its start (initialise/spa.c). */
#include "update/update.h"

int64_t pw_spa_work(int k)
{
    return pw_bpp_work(k);
}

void pw_spa_update(const pw_problem *p)
{
    pw_bpp_update(p);
}
