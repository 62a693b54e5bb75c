#include "decompose/svd.h"

#include "base/memory.h"
#include "decompose/krylov.h"
#include "decompose/svd_work.h"
#include "dist/collective.h"
#include "linalg/blas.h"

#include <math.h>
#include <string.h>

enum { FEW_COLUMNS = 64 };

static int least(int64_t a, int64_t b)
{
    return (int)(a < b ? a : b);
}

/* Vectors of the basis: few where memory is dear, many where restarts are. */
static int most_of(const pw_matrix *V, const pw_svd_request *request)
{
    const int block = pw_krylov_block(request->k, V->cols);
    return least(V->cols, (int64_t)request->k + 3 * (int64_t)block);
}

/* The basis would be most of the space. */
static bool is_small(const pw_matrix *V, const pw_svd_request *request)
{
    return V->cols <= V->rows &&
           (V->cols <= FEW_COLUMNS || V->cols <= 3 * (int64_t)most_of(V, request) / 2);
}

int64_t pw_svd_bytes(const pw_matrix *V, const pw_svd_request *request)
{
    const int64_t most = is_small(V, request) ? V->cols : most_of(V, request);
    const pw_krylov_request krylov = {
        .n = V->cols, .most = (int)most, .block = pw_krylov_block(request->k, V->cols)};
    return (int64_t)sizeof(double) * V->count *
               (most + pw_krylov_block(request->k, V->cols) + 2 * (int64_t)request->k) +
           pw_krylov_bytes(&krylov);
}

void pw_svd_destroy(pw_svd *svd)
{
    if (!svd)
        return;
    free(svd->U);
    free(svd->S);
    free(svd->Vt);
    free(svd->residual);
    free(svd->mean);
    *svd = (pw_svd){.k = 0};
}

void pw_svd_errors(const pw_svd *svd, double *error)
{
    double left = svd->total;
    for (int i = 0; i < svd->k; i++) {
        left -= svd->S[i] * svd->S[i];
        error[i] = svd->total > 0 ? sqrt(fmax(left, 0) / svd->total) : 0;
    }
}

/* Collective over team. */
static pw_code allocate(pw_svd_work *w)
{
    const int64_t count = w->V->count, cols = w->V->cols, k = w->request->k;
    pw_svd *svd = w->svd;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(svd->U, count * k));
    PW_TRY(PW_NEW(svd->S, k));
    PW_TRY(PW_NEW(svd->Vt, cols * k));
    PW_TRY(PW_NEW(svd->residual, k));
    PW_TRY(PW_NEW(w->B, count * w->most));
    PW_TRY(PW_NEW(w->Y, count * w->block));
done:
    return pw_agree(w->team, code);
}

/* B = B S */
static pw_code rotate(void *context, int q, int p, const double *S, int lds)
{
    const pw_svd_work *w = context;
    return pw_times_right(w->V->count, q, p, w->B, w->most, S, lds);
}

static pw_code by_krylov(pw_svd_work *w)
{
    const pw_krylov_map map = {.context = w, .apply = pw_svd_apply, .rotate = rotate};
    const pw_krylov_request request = {.n = w->V->cols,
                                       .k = w->request->k,
                                       .block = w->block,
                                       .most = w->most,
                                       .tolerance = w->request->tolerance / 2,
                                       .squared = true,
                                       .most_steps = w->request->most_sweeps,
                                       .seed = w->request->seed};
    pw_krylov krylov = {.q = 0};
    pw_code code = pw_krylov_solve(w->team, &request, &map, &krylov);
    if (code == PW_OK)
        code = pw_svd_finish(w, krylov.q, krylov.Q, krylov.ld);
    pw_krylov_destroy(&krylov);
    return code;
}

/* The means that A is without, of V as it is. */
static pw_code keep_mean(pw_svd_work *w)
{
    const bool transposed = w->V->transposed;
    const double *mean = transposed ? w->op.a : w->op.b;
    const int64_t count = transposed ? w->V->count : w->V->cols;
    const pw_code code = pw_agree(w->team, PW_NEW(w->svd->mean, count));
    for (int64_t j = 0; code == PW_OK && j < count; j++)
        w->svd->mean[j] = mean[j] / w->op.scale;
    return code;
}

/* Collective over team. */
static pw_code center(pw_svd_work *w)
{
    pw_code code = PW_OK;
    PW_TRY(pw_operator_center(&w->op));
    PW_TRY(keep_mean(w));
    w->svd->total = pw_operator_square(&w->op) / (w->op.scale * w->op.scale);
done:
    return code;
}

/* A is scaled so that products with AᵀA neither overflow nor vanish; this undoes it. */
static void rescale(pw_svd_work *w, double sum_squares)
{
    pw_svd *svd = w->svd;
    const bool nothing =
        svd->S[0] <= 1e-13 * w->op.scale * sqrt(sum_squares); /* rounding of means */
    for (int c = 0; c < svd->k; c++) {
        svd->S[c] = nothing ? 0 : svd->S[c] / w->op.scale;
        svd->residual[c] = nothing ? 0 : svd->residual[c];
    }
    svd->good = svd->good || nothing;
}

/* Eigenvalues of VᵀV below ε of the largest are rounding, and so are their vectors. */
static bool loses_small_values(const pw_svd *svd)
{
    return !svd->exact && svd->S[svd->k - 1] < 1e-6 * svd->S[0];
}

pw_code pw_svd_find(pw_team *team, const pw_matrix *V, double sum_squares,
                    const pw_svd_request *request, pw_svd *svd)
{
    const bool small = is_small(V, request);
    pw_svd_work w = {.team = team,
                     .V = V,
                     .request = request,
                     .svd = svd,
                     .block = pw_krylov_block(request->k, V->cols),
                     .most = small ? (int)V->cols : most_of(V, request)};
    pw_code code = PW_OK;
    *svd = (pw_svd){.k = request->k, .exact = small};
    PW_TRY(pw_operator_create(team, V, w.block, &w.op));
    PW_TRY(allocate(&w));
    if (sum_squares > 0)
        w.op.scale = exp2(-round(log2(sum_squares) / 2));
    svd->total = sum_squares;
    if (request->center)
        PW_TRY(center(&w));
    if (small) {
        PW_TRY(pw_operator_dense(&w.op, w.B));
        PW_TRY(pw_svd_finish(&w, w.most, NULL, 0));
    } else {
        PW_TRY(by_krylov(&w));
    }
    if (loses_small_values(svd))
        PW_TRY(pw_svd_refine(&w));
    PW_TRY(pw_svd_turn(&w));
    PW_TRY(pw_svd_measure(&w));
    rescale(&w, sum_squares);
    svd->sweeps = w.op.sweeps;
done:
    pw_operator_destroy(&w.op);
    free(w.B);
    free(w.Y);
    return code;
}
