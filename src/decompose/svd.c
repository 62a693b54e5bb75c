#include "decompose/svd.h"

#include "base/memory.h"
#include "decompose/krylov.h"
#include "decompose/operator.h"
#include "decompose/orthonormal.h"
#include "dist/collective.h"
#include "linalg/blas.h"
#include "linalg/eigen.h"

#include <math.h>
#include <string.h>

enum { LEAST_BLOCK = 8, MOST_BLOCK = 64, FEW_COLUMNS = 64 };

typedef struct svd_work {
    pw_team *team;
    const pw_matrix *V;
    const pw_svd_request *request;
    pw_svd *svd;
    pw_operator op;
    int block, most;
    double *B; /* count × most: A times the basis */
    double *Y; /* count × block */
} svd_work;

static int least(int64_t a, int64_t b)
{
    return (int)(a < b ? a : b);
}

static int block_of(const pw_matrix *V, const pw_svd_request *request)
{
    int block = request->block > 0 ? request->block : (request->k + 1) / 2;
    block = block < LEAST_BLOCK ? LEAST_BLOCK : block > MOST_BLOCK ? MOST_BLOCK : block;
    return least(block, V->cols);
}

/* Vectors of the basis: few where memory is dear, many where restarts are. */
static int most_of(const pw_matrix *V, const pw_svd_request *request)
{
    const int block = block_of(V, request);
    return least(V->cols, (int64_t)request->k + 5 * (int64_t)block);
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
        .n = V->cols, .most = (int)most, .block = block_of(V, request)};
    return (int64_t)sizeof(double) * V->count *
               (most + block_of(V, request) + 2 * (int64_t)request->k) +
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
static pw_code allocate(svd_work *w)
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

/* B = [B A X],  Z = Aᵀ A X */
static void apply(void *context, int first, int count, const double *X, double *Z)
{
    svd_work *w = context;
    pw_operator_apply(&w->op, X, w->Y, Z);
    for (int64_t i = 0; i < w->V->count; i++)
        memcpy(w->B + i * w->most + first, w->Y + i * w->block, (size_t)count * sizeof *w->B);
}

/* B = B S */
static pw_code rotate(void *context, int q, int p, const double *S, int lds)
{
    const svd_work *w = context;
    return pw_times_right(w->V->count, q, p, w->B, w->most, S, lds);
}

/* Copies the first p columns of B to where they stand without gaps. */
static void close_ranks(svd_work *w, int p)
{
    for (int64_t i = 1; i < w->V->count; i++)
        memmove(w->B + i * p, w->B + i * w->most, (size_t)p * sizeof *w->B);
}

/* R = U diag(values) Vt, all q × q. */
typedef struct small_svd {
    double *R, *values, *U, *Vt;
} small_svd;

static pw_code allocate_small(pw_team *team, int q, small_svd *s)
{
    const int64_t square = (int64_t)q * q;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(s->R, square));
    PW_TRY(PW_NEW(s->values, q));
    PW_TRY(PW_NEW(s->U, square));
    PW_TRY(PW_NEW(s->Vt, square));
done:
    return pw_agree(team, code);
}

/* Rank 0's, for ranks whose CPUs round differently. */
static pw_code decompose_small(pw_team *team, int q, small_svd *s)
{
    const int64_t bytes = (int64_t)q * q * (int64_t)sizeof *s->U;
    pw_code code = team->rank == 0 ? pw_svd_small(q, s->R, s->values, s->U, s->Vt) : PW_OK;
    code = pw_agree(team, code);
    pw_broadcast(team, s->values, q * (int64_t)sizeof *s->values, 0);
    pw_broadcast(team, s->U, bytes, 0);
    pw_broadcast(team, s->Vt, bytes, 0);
    return code;
}

/* A Q = B = B' R,  R = U' Σ Vt':  U = B' U',  V = Q V', the first k of them. Q (cols × q) NULL: the identity. */
static pw_code finish(svd_work *w, int q, const double *Q, int ldq)
{
    const int k = w->request->k;
    const int64_t count = w->V->count, cols = w->V->cols;
    small_svd s = {.R = NULL};
    pw_code code = PW_OK;
    PW_TRY(allocate_small(w->team, q, &s));
    close_ranks(w, q);
    PW_TRY(pw_orthonormalise(w->team, count, q, w->B, s.R));
    PW_TRY(decompose_small(w->team, q, &s));
    memcpy(w->svd->S, s.values, (size_t)k * sizeof *s.values);
    if (count > 0)
        pw_gemm_double(false, false, count, k, q, w->B, q, s.U, q, 0, w->svd->U, k);
    if (Q)
        pw_gemm_double(false, true, cols, k, q, Q, ldq, s.Vt, q, 0, w->svd->Vt, k);
    for (int64_t j = 0; !Q && j < cols; j++)
        for (int c = 0; c < k; c++)
            w->svd->Vt[j * k + c] = s.Vt[(int64_t)c * q + j];
done:
    free(s.R);
    free(s.values);
    free(s.U);
    free(s.Vt);
    return code;
}

/* Columns `first` … of the rows of X into a block, 0 beyond the last one. */
static void take(int64_t rows, int k, const double *X, int first, int block, double *Y)
{
    const int count = k - first < block ? k - first : block;
    memset(Y, 0, (size_t)rows * (size_t)block * sizeof *Y);
    for (int64_t i = 0; i < rows; i++)
        memcpy(Y + i * block, X + i * k + first, (size_t)count * sizeof *Y);
}

/* square[c] += ‖y − σ_c x‖² for the columns y of Y and x of X from `first` on */
static void add_squares(const svd_work *w, int64_t rows, const double *Y, const double *X,
                        int first, double *square)
{
    const int k = w->request->k;
    for (int64_t i = 0; i < rows; i++)
        for (int c = first; c < k && c < first + w->block; c++) {
            const double x = Y[i * w->block + c - first] - w->svd->S[c] * X[i * k + c];
            square[c] += x * x;
        }
}

/* ‖(A v − σ u, Aᵀ u − σ v)‖ / σ_1 */
static pw_code measure(svd_work *w)
{
    const int k = w->request->k;
    const int64_t count = w->V->count, cols = w->V->cols;
    pw_svd *svd = w->svd;
    double *X = NULL, *square = NULL;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(X, cols * w->block));
    PW_TRY(PW_NEW(square, k));
done:
    code = pw_agree(w->team, code);
    for (int first = 0; code == PW_OK && first < k; first += w->block) {
        take(cols, k, svd->Vt, first, w->block, X);
        pw_operator_apply(&w->op, X, w->Y, NULL);
        add_squares(w, count, w->Y, svd->U, first, svd->residual);
        take(count, k, svd->U, first, w->block, w->Y);
        pw_operator_apply_transposed(&w->op, w->Y, X);
        add_squares(w, cols, X, svd->Vt, first, square);
    }
    if (code == PW_OK)
        pw_reduce_sum(w->team, svd->residual, k);
    svd->good = true;
    for (int c = 0; code == PW_OK && c < k; c++) {
        svd->residual[c] = svd->S[0] > 0 ? sqrt(svd->residual[c] + square[c]) / svd->S[0] : 0;
        svd->good = svd->good && svd->residual[c] <= w->request->tolerance;
    }
    free(X);
    free(square);
    return code;
}

/* Turns triplets so that the largest entry of the user's right vector is positive. Collective over team. */
static pw_code turn(svd_work *w)
{
    const int k = w->request->k;
    pw_svd *svd = w->svd;
    const double *X = w->V->transposed ? svd->U : svd->Vt;
    const int64_t rows = w->V->transposed ? w->V->count : w->V->cols;
    double *largest; /* of x, then of −x */
    const pw_code code = pw_agree(w->team, PW_NEW(largest, 2 * (int64_t)k));
    for (int64_t i = 0; code == PW_OK && i < rows; i++)
        for (int c = 0; c < k; c++) {
            largest[c] = fmax(largest[c], X[i * k + c]);
            largest[k + c] = fmax(largest[k + c], -X[i * k + c]);
        }
    if (code == PW_OK)
        pw_reduce_max(w->team, largest, 2 * (int64_t)k);
    for (int c = 0; code == PW_OK && c < k; c++) {
        for (int64_t i = 0; largest[k + c] > largest[c] && i < w->V->count; i++)
            svd->U[i * k + c] = -svd->U[i * k + c];
        for (int64_t j = 0; largest[k + c] > largest[c] && j < w->V->cols; j++)
            svd->Vt[j * k + c] = -svd->Vt[j * k + c];
    }
    free(largest);
    return code;
}

/* B = A, column block by column block. */
static pw_code take_whole(svd_work *w)
{
    const int64_t cols = w->V->cols;
    double *X;
    const pw_code code = pw_agree(w->team, PW_NEW(X, cols * w->block));
    for (int64_t first = 0; code == PW_OK && first < cols; first += w->block) {
        const int count = least(cols - first, w->block);
        memset(X, 0, (size_t)cols * (size_t)w->block * sizeof *X);
        for (int c = 0; c < count; c++)
            X[(first + c) * w->block + c] = 1;
        apply(w, (int)first, count, X, NULL);
    }
    free(X);
    return code;
}

static pw_code by_krylov(svd_work *w)
{
    const pw_krylov_map map = {.context = w, .apply = apply, .rotate = rotate};
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
        code = finish(w, krylov.q, krylov.Q, krylov.ld);
    pw_krylov_destroy(&krylov);
    return code;
}

/* ‖A‖² and the means that A is without. */
static pw_code keep_mean(svd_work *w, double sum_squares)
{
    const bool transposed = w->V->transposed;
    const double *mean = transposed ? w->op.a : w->op.b;
    const int64_t count = transposed ? w->V->count : w->V->cols;
    const int64_t items = transposed ? w->V->cols : w->V->rows;
    double square = 0;
    w->svd->total = sum_squares;
    if (!w->request->center)
        return PW_OK;
    const pw_code code = pw_agree(w->team, PW_NEW(w->svd->mean, count));
    for (int64_t j = 0; code == PW_OK && j < count; j++) {
        w->svd->mean[j] = mean[j];
        square += mean[j] * mean[j];
    }
    if (code == PW_OK && transposed)
        pw_reduce_sum(w->team, &square, 1);
    w->svd->total -= (double)items * square;
    return code;
}

pw_code pw_svd_find(pw_team *team, const pw_matrix *V, double sum_squares,
                    const pw_svd_request *request, pw_svd *svd)
{
    const bool small = is_small(V, request);
    svd_work w = {.team = team,
                  .V = V,
                  .request = request,
                  .svd = svd,
                  .block = block_of(V, request),
                  .most = small ? (int)V->cols : most_of(V, request)};
    pw_code code = PW_OK;
    *svd = (pw_svd){.k = request->k, .exact = small};
    PW_TRY(pw_operator_create(team, V, w.block, &w.op));
    PW_TRY(allocate(&w));
    if (request->center)
        PW_TRY(pw_operator_center(&w.op));
    PW_TRY(keep_mean(&w, sum_squares));
    if (small) {
        PW_TRY(take_whole(&w));
        PW_TRY(finish(&w, w.most, NULL, 0));
    } else {
        PW_TRY(by_krylov(&w));
    }
    PW_TRY(turn(&w));
    PW_TRY(measure(&w));
    svd->sweeps = w.op.sweeps;
done:
    pw_operator_destroy(&w.op);
    free(w.B);
    free(w.Y);
    return code;
}
