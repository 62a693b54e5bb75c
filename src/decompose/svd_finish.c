/* From a basis Q of the right vectors to the triplets of A within it: QR of A Q, and the SVD of the small R. */
#include "base/memory.h"
#include "decompose/orthonormal.h"
#include "decompose/svd_work.h"
#include "dist/collective.h"
#include "linalg/blas.h"
#include "linalg/eigen.h"

#include <string.h>

/* B = [B A X],  Z = Aᵀ A X */
void pw_svd_apply(void *context, int first, int count, const double *X, double *Z)
{
    pw_svd_work *w = context;
    pw_operator_apply(&w->op, X, w->Y, Z);
    pw_block_put(w->V->count, w->block, w->Y, count, w->most, w->B + first);
}

/* Copies the first p columns of B to where they stand without gaps. */
static void close_ranks(pw_svd_work *w, int p)
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
pw_code pw_svd_finish(pw_svd_work *w, int q, const double *Q, int ldq)
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

/* Q (cols × k) = the orthonormal columns of Z, which every rank has: each makes those of its share of the rows. */
static pw_code share_orthonormal(pw_team *team, int64_t cols, int k, double *Z)
{
    pw_layout layout = {.size = 0};
    double *own = NULL;
    pw_code code = pw_layout_even(cols, team->size, &layout);
    if (code == PW_OK)
        code = PW_NEW(own, pw_layout_count(&layout, team->rank) * k);
    PW_TRY(pw_agree(team, code));
    const int64_t count = pw_layout_count(&layout, team->rank);
    memcpy(own, Z + pw_layout_first(&layout, team->rank) * k, (size_t)(count * k) * sizeof *own);
    PW_TRY(pw_orthonormalise(team, count, k, own, NULL));
    pw_gather_rows(team, &layout, k * (int64_t)sizeof *own, own, Z);
done:
    pw_layout_destroy(&layout);
    free(own);
    return code;
}

/* Z (cols × k) = Aᵀ U, by blocks in X (cols × block) */
static void times_transposed(pw_svd_work *w, double *X, double *Z)
{
    const int k = w->request->k;
    for (int first = 0; first < k; first += w->block) {
        const int count = pw_block_take(w->V->count, k, w->svd->U, first, w->block, w->Y);
        pw_operator_apply_transposed(&w->op, w->Y, X);
        pw_block_put(w->V->cols, w->block, X, count, k, Z + first);
    }
}

/* B = A Z */
static void times(pw_svd_work *w, double *X, const double *Z)
{
    const int k = w->request->k;
    for (int first = 0; first < k; first += w->block) {
        const int count = pw_block_take(w->V->cols, k, Z, first, w->block, X);
        pw_svd_apply(w, first, count, X, NULL);
    }
}

pw_code pw_svd_refine(pw_svd_work *w)
{
    enum { ROUNDS = 2 };
    const int64_t cols = w->V->cols;
    const int k = w->request->k;
    double *X = NULL, *Z = NULL;
    pw_code code = PW_NEW(X, cols * w->block);
    if (code == PW_OK)
        code = PW_NEW(Z, cols * k);
    PW_TRY(pw_agree(w->team, code));
    for (int round = 0; round < ROUNDS; round++) {
        times_transposed(w, X, Z);
        PW_TRY(share_orthonormal(w->team, cols, k, Z));
        times(w, X, Z);
        PW_TRY(pw_svd_finish(w, k, Z, k));
    }
done:
    free(X);
    free(Z);
    return code;
}
