/* Updates of a factor: pure local functions of one block, without MPI, files or allocation. W and H go
 * through the same code: both are "rows × k, row-major", and each row is updated on its own. */
#ifndef PW_UPDATE_UPDATE_H
#define PW_UPDATE_UPDATE_H

#include "base/methods.h"

#include <float.h>
#include <stdbool.h>
#include <stdint.h>

/* Rows X of one factor, and what there is to know about them given the other factor Y. Of the sums only those
 * are set that the method needs (base/methods.h). Penalties are Σ_c l1_c |x_c| + ½ l2_c x_c² for each row. */
typedef struct pw_problem {
    int64_t rows;
    int k;
    int fixed; /* the first so many components stay as they are */
    double *X; /* rows × k, updated in place */
    int64_t ldx;
    const double *l1; /* k */
    double exponent;  /* of the ratio in a multiplicative update */

    /* PW_SUMS_GRAM, PW_SUMS_IMPUTED: the gradient is X G − R + l1 */
    const double *R; /* rows × k: V Yᵀ */
    int64_t ldr;
    const double *G; /* k × k, symmetric: Y Yᵀ, with l2 added to its diagonal */
    double damping;  /* share of X that a multiplicative step keeps */
    double rounding; /* of R: the ε of the products */

    /* PW_SUMS_RATIO, PW_SUMS_NEWTON: the gradient is D − N + l1 + l2 X */
    const double *N; /* rows × k */
    int64_t ldn;
    const double *D; /* rows × k, or one row for all: ldd = 0 */
    int64_t ldd;
    const double *l2;      /* k */
    const double *typical; /* k: root mean squares of the columns of the whole factor */

    /* PW_SUMS_NEWTON: the second derivatives are M + l2 I */
    const double *M; /* rows × k(k+1)/2: upper triangles, row by row; with C rows × k: diagonals */
    int64_t ldm;
    const double
        *C; /* k × k: correlations in M, taken to be the same for all rows; NULL: M is exact */
    bool careful; /* with C: steps so short that they descend all the same */
    double least; /* positive entry of V */

    /* PW_SUMS_RANK_ONE: N and D, with l2 in D; the gradient is D X − N + l1 */
    bool any_sign; /* biases */

    int inner;        /* most repeats of the update (methods that repeat) */
    double *work;     /* pw_update_work(method, k) doubles */
    double *residual; /* k sums, added to: squares of the projected gradient that entries see as
                         their update begins; those of fixed components stay 0 */
} pw_problem;

typedef void (*pw_update)(const pw_problem *p);
typedef int64_t (*pw_work)(int k);

typedef struct pw_method {
    const char *name, *text;
    pw_sums frobenius, missing, kl, beta;
    unsigned traits; /* pw_trait */
    int copies;
    pw_update update;
    pw_work work; /* doubles that an update of k components works in */
} pw_method;

/* Local. The method at a place of the registry: PW_METHOD_name of base/methods.h. */
const pw_method *pw_method_at(int64_t index);

/* Components up to which Newton steps take all second derivatives of a row; with more they are approximated. */
enum { PW_MOST_EXACT = 10 };

/* Local. Doubles of workspace for the method's updates, and for residuals, of k components. */
int64_t pw_update_work(const pw_method *method, int k);

/* Local. How often HALS may repeat its update within an iteration: half the ratio of the work of a product with V
 * to the work of one update of the whole factor (Gillis & Glineur 2012, with α = ½), at least 1, at most 10.
 * Depends on the whole matrix only, never on a rank's part: `nonzeros` of V, `rows` of the factor. */
int pw_inner_iterations(int64_t nonzeros, int64_t rows, int k);

/* Local. pw_mu_update, pw_mu_work, …: each update and its workspace, in a file of its name. */
#define PW_METHOD_UPDATE(name, ...)                                                                \
    void pw_##name##_update(const pw_problem *p);                                                  \
    int64_t pw_##name##_work(int k);
PW_METHODS(PW_METHOD_UPDATE)
#undef PW_METHOD_UPDATE

/* Local. Adds to p->residual the squares of the projected gradient of X as it stands; X stays. */
void pw_problem_residual(const pw_problem *p);
int64_t pw_problem_residual_work(int k);

/* Local. The projected gradient of one entry x ≥ 0 with gradient g and curvature d: g where the entry can
 * follow −g, else what of it a step to zero along the curvature would undo. Zero exactly where the KKT
 * conditions x ≥ 0, g ≥ 0, x g = 0 hold, and continuous in x, so that it vanishes for multiplicative
 * updates too, whose entries approach zero and never reach it. */
static inline double pw_projected(double x, double g, double d)
{
    return g > d * x ? d * x : g;
}

/* Local. A positive x, but 0 where it is denormal: those are slow. */
static inline double pw_normal_or_zero(double x)
{
    return x < DBL_MIN ? 0 : x;
}

/* Local. Gradient and curvature of entry x of row `row`, component c, of a ratio problem. The curvature is the one
 * that a ratio lets one guess without further sums: of its denominator over an entry of usual size. */
static inline double pw_ratio_gradient(const pw_problem *p, int64_t row, int c, double x,
                                       double *curvature)
{
    const double denominator = p->D[row * p->ldd + c] + p->l1[c] + p->l2[c] * x;
    *curvature = p->typical[c] > 0 ? denominator / p->typical[c] : 0;
    return denominator - p->N[row * p->ldn + c];
}

/* Local. Adds row `row` of a ratio problem to the residual. */
static inline void pw_ratio_add_residual(const pw_problem *p, int64_t row)
{
    for (int c = p->fixed; c < p->k; c++) {
        const double x = p->X[row * p->ldx + c];
        double curvature;
        const double gradient = pw_ratio_gradient(p, row, c, x, &curvature);
        const double g = pw_projected(x, gradient, curvature);
        p->residual[c] += g * g;
    }
}

/* Local. Naive twins for tests, one row and component at a time. */
void pw_mu_update_ref(const pw_problem *p);
void pw_hals_update_ref(const pw_problem *p);
void pw_newton_update_ref(const pw_problem *p);
void pw_bpp_update_ref(const pw_problem *p); /* G not singular */
void pw_ccd_update_ref(const pw_problem *p);
void pw_problem_residual_ref(const pw_problem *p);

#endif
