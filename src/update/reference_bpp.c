/* Naive twin of bpp.c by another algorithm: the active sets of Lawson & Hanson (1974), one row at a time, from zero,
 * with Gaussian elimination. */
#include "update/update.h"

#include <float.h>
#include <math.h>

/* q->work: a k × (k + 1) system, the solution on the free components, and which are free (1 or 0). */
typedef struct row {
    int k, fixed;
    const double *G, *r, *l1;
    double *x, *system, *solution, *is_free;
} row;

/* x G = r − l1 over the free components; identity rows stand for the others, which keep their x. */
static void solve(const row *p)
{
    const int k = p->k, width = k + 1;
    double *A = p->system;
    for (int i = 0; i < k; i++) {
        for (int j = 0; j < k; j++)
            A[i * width + j] = p->is_free[i] ? p->G[i * k + j] : i == j;
        A[i * width + k] = p->is_free[i] ? p->r[i] - p->l1[i] : p->x[i];
    }
    for (int i = 0; i < k; i++)
        for (int below = i + 1; below < k; below++) {
            const double factor = A[below * width + i] / A[i * width + i];
            for (int j = i; j <= k; j++)
                A[below * width + j] -= factor * A[i * width + j];
        }
    for (int i = k - 1; i >= 0; i--) {
        double sum = A[i * width + k];
        for (int j = i + 1; j < k; j++)
            sum -= A[i * width + j] * p->solution[j];
        p->solution[i] = sum / A[i * width + i];
    }
}

/* The bound component whose entry would lower the objective most steeply, -1 if none would. */
static int entering(const row *p)
{
    int best = -1;
    double steepest = 0;
    for (int c = p->fixed; c < p->k; c++) {
        double slope = p->r[c] - p->l1[c], size = fabs(p->r[c]) + p->l1[c];
        for (int j = 0; j < p->k; j++) {
            slope -= p->G[c * p->k + j] * p->x[j];
            size += fabs(p->G[c * p->k + j] * p->x[j]);
        }
        if (!p->is_free[c] && p->G[c * p->k + c] > 0 && slope > 64 * DBL_EPSILON * size &&
            slope > steepest) {
            steepest = slope;
            best = c;
        }
    }
    return best;
}

/* From x towards the solution, as far as x stays non-negative; what becomes zero is bound. False on the way. */
static bool step(const row *p)
{
    double length = 1;
    int first = -1;
    for (int c = 0; c < p->k; c++)
        if (p->is_free[c] && p->solution[c] <= 0) {
            const double reach = p->x[c] / (p->x[c] - p->solution[c]);
            if (first < 0 || reach < length) {
                length = reach;
                first = c;
            }
        }
    for (int c = 0; c < p->k; c++)
        if (p->is_free[c])
            p->x[c] += length * (p->solution[c] - p->x[c]);
    if (first >= 0)
        p->x[first] = p->is_free[first] = 0;
    return first < 0;
}

void pw_bpp_update_ref(const pw_problem *q)
{
    const int k = q->k;
    pw_problem_residual_ref(q);
    for (int64_t i = 0; i < q->rows; i++) {
        const row p = {.k = k,
                       .fixed = q->fixed,
                       .l1 = q->l1,
                       .G = q->G,
                       .r = q->R + i * q->ldr,
                       .x = q->X + i * q->ldx,
                       .system = q->work,
                       .solution = q->work + k * (k + 1),
                       .is_free = q->work + k * (k + 2)};
        for (int c = 0; c < k; c++) {
            p.is_free[c] = 0;
            p.x[c] = c >= q->fixed && q->G[c * k + c] > 0 ? 0 : p.x[c];
        }
        for (int c = entering(&p); c >= 0; c = entering(&p)) {
            p.is_free[c] = 1;
            do
                solve(&p);
            while (!step(&p));
        }
    }
}
