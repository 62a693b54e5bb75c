/* Updates of a factor: pure local functions of one block, without MPI, files or allocation. W and H go
 * through the same code: both are "rows × k, row-major", and each row is updated on its own. */
#ifndef PW_UPDATE_UPDATE_H
#define PW_UPDATE_UPDATE_H

#include "base/methods.h"

#include <stdbool.h>
#include <stdint.h>

/* min ½‖V − X Hᵀ…‖² over the rows of X ≥ 0, given R = V Hᵀ and G = H Hᵀ: everything that the quadratic
 * methods need to know. The gradient is X G − R. */
typedef struct pw_quadratic {
    int64_t rows;
    int k;
    double *X; /* rows × k, updated in place */
    int64_t ldx;
    const double *R; /* rows × k */
    int64_t ldr;
    const double *G;  /* k × k, symmetric */
    int inner;        /* most repeats of the update (methods that repeat) */
    double *work;     /* pw_update_work(k) doubles */
    double *residual; /* k sums, added to: squares of the projected gradient that entries see as
                         their update begins */
} pw_quadratic;

typedef void (*pw_quadratic_update)(const pw_quadratic *q);

typedef struct pw_method {
    const char *name, *text;
    bool monotone, revives;
    int copies;
    pw_quadratic_update update;
} pw_method;

/* Local. The method at a place of the registry (base/methods.h). */
const pw_method *pw_method_at(int64_t index);

/* Local. Doubles of workspace for an update of k components. */
int64_t pw_update_work(int k);

/* Local. How often HALS may repeat its update within an iteration: half the ratio of the work of a product with V
 * to the work of one update of the whole factor (Gillis & Glineur 2012, with α = ½), at least 1, at most 10.
 * Depends on the whole matrix only, never on a rank's part: `nonzeros` of V, `rows` of the factor. */
int pw_inner_iterations(int64_t nonzeros, int64_t rows, int k);

/* Local. pw_mu_update, pw_hals_update, …: the updates, each in a file of its name. */
#define PW_METHOD_UPDATE(name, monotone, revives, copies, text)                                    \
    void pw_##name##_update(const pw_quadratic *q);
PW_METHODS(PW_METHOD_UPDATE)
#undef PW_METHOD_UPDATE

/* Local. Adds to q->residual the squares of the projected gradient of X as it stands; X stays. */
void pw_quadratic_residual(const pw_quadratic *q);

/* Local. The projected gradient of one entry x ≥ 0 with gradient g and curvature d = G_cc: g where the entry can
 * follow −g, else what of it a step to zero along the curvature would undo. Zero exactly where the KKT
 * conditions x ≥ 0, g ≥ 0, x g = 0 hold, and continuous in x, so that it vanishes for multiplicative
 * updates too, whose entries approach zero and never reach it. */
static inline double pw_projected(double x, double g, double d)
{
    return g > d * x ? d * x : g;
}

/* Local. Naive twins for tests, one row and component at a time. */
void pw_mu_update_ref(const pw_quadratic *q);
void pw_hals_update_ref(const pw_quadratic *q);
void pw_quadratic_residual_ref(const pw_quadratic *q);

#endif
