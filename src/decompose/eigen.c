#include "decompose/eigen.h"

#include "base/memory.h"
#include "decompose/krylov.h"
#include "decompose/operator.h"
#include "dist/collective.h"
#include "plinalg/eigen.h"

#include <math.h>
#include <string.h>

/* Bytes that no rank has, and that can be added up over ranks. */
static const double ABSURD = 1e14;

typedef struct eigen_work {
    pw_team *team;
    const pw_matrix *V;
    const pw_eigen_request *request;
    pw_eigen *eigen;
    pw_operator op;
    double *Y; /* count × width */
    double *X; /* n × width */
} eigen_work;

static pw_krylov_request krylov_request(const pw_matrix *V, const pw_eigen_request *request)
{
    const int block = pw_krylov_block(request->k, V->cols);
    const int64_t most = (int64_t)request->k + 3 * (int64_t)block;
    return (pw_krylov_request){.n = V->cols,
                               .k = request->k,
                               .block = block,
                               .most = (int)(most < V->cols ? most : V->cols),
                               .tolerance = request->tolerance / 2,
                               .most_steps = request->most_sweeps,
                               .seed = request->seed};
}

int64_t pw_eigen_bytes(const pw_matrix *V, const pw_eigen_request *request)
{
    enum {
        OWN = 2,
        SHARES = 5
    }; /* copies of V: as rows; on ScaLAPACK's grid, with its workspace */
    const pw_krylov_request krylov = krylov_request(V, request);
    const double own = (double)V->count, share = (double)V->cols / V->layout.size + 1;
    const double of_dense = (OWN * own + SHARES * share) * (double)V->cols * sizeof(double);
    const int64_t common =
        (V->cols * (request->k + 2 * (int64_t)krylov.block) + V->count * krylov.block) *
        (int64_t)sizeof(double);
    if (!request->dense)
        return pw_krylov_bytes(&krylov) + common;
    return of_dense < ABSURD ? (int64_t)of_dense + common : (int64_t)ABSURD;
}

void pw_eigen_destroy(pw_eigen *eigen)
{
    if (!eigen)
        return;
    free(eigen->values);
    free(eigen->vectors);
    *eigen = (pw_eigen){.k = 0};
}

static pw_code allocate(eigen_work *w, int width)
{
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(w->eigen->values, w->request->k));
    PW_TRY(PW_NEW(w->eigen->vectors, w->V->cols * w->request->k));
    PW_TRY(PW_NEW(w->Y, w->V->count * width));
    PW_TRY(PW_NEW(w->X, w->V->cols * width));
done:
    return pw_agree(w->team, code);
}

/* Z = V X, on every rank. */
static void apply(void *context, int first, int count, const double *X, double *Z)
{
    eigen_work *w = context;
    (void)first;
    (void)count;
    pw_operator_apply(&w->op, X, w->Y, NULL);
    pw_gather_rows(w->team, &w->V->layout, w->op.width * (int64_t)sizeof(double), w->Y, Z);
}

static pw_code by_krylov(eigen_work *w)
{
    const pw_krylov_map map = {.context = w, .apply = apply};
    const pw_krylov_request request = krylov_request(w->V, w->request);
    const int k = w->request->k;
    pw_krylov krylov = {.q = 0};
    const pw_code code = pw_krylov_solve(w->team, &request, &map, &krylov);
    for (int c = 0; code == PW_OK && c < k; c++)
        w->eigen->values[c] = krylov.values[c];
    if (code == PW_OK)
        pw_block_put(w->V->cols, krylov.ld, krylov.Q, k, k, w->eigen->vectors);
    pw_krylov_destroy(&krylov);
    return code;
}

/* The last k of n ascending ones. */
static void take_last(eigen_work *w, const double *values, const double *vectors, double *own)
{
    const int64_t n = w->V->cols;
    const int k = w->request->k;
    for (int c = 0; c < k; c++)
        w->eigen->values[c] = values[n - 1 - c];
    for (int64_t i = 0; i < w->V->count; i++)
        for (int c = 0; c < k; c++)
            own[i * k + c] = vectors[i * n + n - 1 - c];
    pw_gather_rows(w->team, &w->V->layout, k * (int64_t)sizeof *own, own, w->eigen->vectors);
}

static pw_code by_scalapack(eigen_work *w)
{
    const int64_t n = w->V->cols, count = w->V->count;
    double *A = NULL, *values = NULL, *vectors = NULL, *own = NULL;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(A, count * n));
    PW_TRY(PW_NEW(vectors, count * n));
    PW_TRY(PW_NEW(values, n));
    PW_TRY(PW_NEW(own, count * w->request->k));
done:
    code = pw_agree(w->team, code);
    if (code == PW_OK)
        code = pw_operator_dense(&w->op, A);
    if (code == PW_OK)
        code = pw_eigen_symmetric(w->team, &w->V->layout, A, values, vectors);
    if (code == PW_OK)
        take_last(w, values, vectors, own);
    free(A);
    free(values);
    free(vectors);
    free(own);
    return code;
}

/* max ‖V x − θ x‖ */
static void measure(eigen_work *w)
{
    const int width = w->op.width, k = w->request->k;
    double square[PW_KRYLOV_MOST_BLOCK] = {0}, largest = 0;
    w->eigen->residual = 0;
    for (int first = 0; first < k; first += width) {
        const int few = pw_block_take(w->V->cols, k, w->eigen->vectors, first, width, w->X);
        pw_operator_apply(&w->op, w->X, w->Y, NULL);
        memset(square, 0, sizeof square);
        for (int64_t i = 0; i < w->V->count; i++)
            for (int c = 0; c < few; c++) {
                const double x = w->X[(w->V->first + i) * width + c];
                const double r = w->Y[i * width + c] - w->eigen->values[first + c] * x;
                square[c] += r * r;
            }
        pw_reduce_sum(w->team, square, width);
        for (int c = 0; c < few; c++) {
            w->eigen->residual = fmax(w->eigen->residual, sqrt(square[c]));
            largest = fmax(largest, fabs(w->eigen->values[first + c]));
        }
    }
    w->eigen->good = w->eigen->residual <= w->request->tolerance * fmax(largest, 1e-300);
}

pw_code pw_eigen_find(pw_team *team, const pw_matrix *V, const pw_eigen_request *request,
                      pw_eigen *eigen)
{
    eigen_work w = {.team = team, .V = V, .request = request, .eigen = eigen};
    const int width = pw_krylov_block(request->k, V->cols);
    pw_code code = PW_OK;
    *eigen = (pw_eigen){.k = request->k};
    PW_TRY(pw_operator_create(team, V, width, &w.op));
    PW_TRY(allocate(&w, width));
    PW_TRY(request->dense ? by_scalapack(&w) : by_krylov(&w));
    measure(&w);
    eigen->sweeps = w.op.sweeps;
done:
    pw_operator_destroy(&w.op);
    free(w.X);
    free(w.Y);
    return code;
}
