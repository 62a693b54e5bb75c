#include "support/problem.h"

#include "base/random.h"
#include "linalg/gram.h"

#include <stdlib.h>

double problem_draw(uint32_t what, int64_t row, int column)
{
    return pw_random_uniform((pw_random_key){.seed = 5, .model = what}, row, (uint32_t)column);
}

int64_t problem_work(int k)
{
    int64_t most = 0;
    for (int m = 1; m < PW_METHOD_COUNT; m++) {
        const int64_t work = pw_update_work(pw_method_at(m), k);
        most = work > most ? work : most;
    }
    return most;
}

problem problem_make(int64_t rows, int k, int inner)
{
    const int n = k + 3;
    problem p = {.rows = rows, .k = k, .inner = inner, .ldx = k + 2};
    p.X = calloc((size_t)(rows * p.ldx), sizeof(double));
    p.R = calloc((size_t)(rows * k), sizeof(double));
    p.G = calloc((size_t)(k * k), sizeof(double));
    p.work = calloc((size_t)problem_work(k), sizeof(double));
    p.residual = calloc((size_t)k, sizeof(double));
    p.D = calloc((size_t)(rows * k), sizeof(double));
    p.l1 = calloc((size_t)k, sizeof(double));
    p.typical = calloc((size_t)k, sizeof(double));
    double *H = calloc((size_t)(n * k), sizeof(double));
    for (int j = 0; j < n; j++)
        for (int c = 0; c < k; c++)
            H[j * k + c] = problem_draw(1, j, c);
    pw_gram_add(n, k, H, k, p.G);
    for (int64_t i = 0; i < rows; i++)
        for (int c = 0; c < k; c++) {
            const double x = problem_draw(2, i, c);
            p.X[i * p.ldx + c] = x < 0.2 ? 0 : x;
            p.D[i * k + c] = problem_draw(4, i, c) + 0.1;
            p.l1[c] = 0.3 * problem_draw(5, 0, c);
            p.typical[c] = 0.5;
            for (int j = 0; j < n; j++)
                p.R[i * k + c] += problem_draw(3, i, j) * H[j * k + c];
        }
    free(H);
    return p;
}

void problem_discard(problem *p)
{
    free(p->X);
    free(p->R);
    free(p->G);
    free(p->D);
    free(p->l1);
    free(p->typical);
    free(p->work);
    free(p->residual);
}

pw_problem problem_quadratic(const problem *p)
{
    return (pw_problem){.rows = p->rows,
                        .k = p->k,
                        .X = p->X,
                        .ldx = p->ldx,
                        .R = p->R,
                        .ldr = p->k,
                        .G = p->G,
                        .exponent = 1,
                        .rounding = DBL_EPSILON,
                        .l1 = p->l1,
                        .fixed = p->fixed,
                        .inner = p->inner,
                        .work = p->work,
                        .residual = p->residual};
}

pw_problem problem_ratio(const problem *p, bool one_row, double exponent)
{
    return (pw_problem){.rows = p->rows,
                        .k = p->k,
                        .X = p->X,
                        .ldx = p->ldx,
                        .N = p->R,
                        .ldn = p->k,
                        .D = p->D,
                        .ldd = one_row ? 0 : p->k,
                        .l1 = p->l1,
                        .l2 = p->l1,
                        .typical = p->typical,
                        .exponent = exponent,
                        .fixed = p->fixed,
                        .work = p->work,
                        .residual = p->residual};
}

double problem_objective(const problem *p)
{
    double sum = 0;
    for (int64_t i = 0; i < p->rows; i++)
        for (int c = 0; c < p->k; c++) {
            const double *x = p->X + i * p->ldx;
            for (int d = 0; d < p->k; d++)
                sum += 0.5 * x[c] * p->G[c * p->k + d] * x[d];
            sum -= x[c] * (p->R[i * p->k + c] - p->l1[c]);
        }
    return sum;
}
