/* Rows are dealt into blocks of equal height, so that ScaLAPACK's matrix has no row that X has not: were uneven blocks
 * padded with zero rows, the Q of an X of lower rank could have its weight in them. pdgeqrf on columns, which costs
 * two transpositions, takes less than half the time of pdgelqf on rows as they lie (200000 × 60 on 2 ranks). */
#include "plinalg/qr.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "plinalg/blocks.h"
#include "plinalg/grid.h"

#include <inttypes.h>
#include <math.h>

extern void pdgeqrf_(const int *m, const int *n, double *A, const int *ia, const int *ja,
                     const int *descriptor, double *tau, double *work, const int *work_size,
                     int *info);
extern void pdorgqr_(const int *m, const int *n, const int *k, double *A, const int *ia,
                     const int *ja, const int *descriptor, const double *tau, double *work,
                     const int *work_size, int *info);

enum {
    PANEL = 16, /* columns that are factorised before the rest is updated: 8 … 16 are fastest */
    TILE = 64   /* rows that are transposed at a time */
};

typedef struct tall {
    pw_grid grid;
    int descriptor[PW_DESCRIPTOR];
    int m, k;
    int64_t first, count; /* rows of this rank */
    double *T;            /* count × k, by columns */
    double *tau;          /* k */
    double *R;            /* k × k */
    double *sign;         /* k: what makes the diagonal of R positive */
} tall;

static pw_code create(pw_team *team, const pw_blocks *blocks, tall *t)
{
    pw_code code = PW_OK;
    int64_t k = blocks->length, columns;
    *t = (tall){.k = pw_int(k)};
    if (blocks->total < k)
        return pw_fail(PW_ERROR_INTERNAL, "%" PRId64 " rows have no %d orthonormal columns",
                       blocks->total, t->k);
    pw_grid_create(team, team->size, 1, &t->grid);
    PW_TRY(pw_grid_describe(&t->grid, blocks->total, k, blocks->height, PANEL,
                            k < PANEL ? PANEL : 2, t->descriptor, &t->count, &columns));
    t->m = pw_int(blocks->total);
    t->first = team->rank * blocks->height;
    PW_TRY(PW_NEW(t->T, t->count * k));
    PW_TRY(PW_NEW(t->tau, k));
    PW_TRY(PW_NEW(t->R, k * k));
    PW_TRY(PW_NEW(t->sign, k));
done:
    return pw_agree(team, code);
}

static void destroy(tall *t)
{
    free(t->T);
    free(t->tau);
    free(t->R);
    free(t->sign);
    pw_grid_destroy(&t->grid);
}

/* What is asked for and done by the same call: the size of the workspace where `size` is -1. */
static int geqrf(tall *t, double *work, int size)
{
    const int one = 1;
    int info = 0;
    pdgeqrf_(&t->m, &t->k, t->T, &one, &one, t->descriptor, t->tau, work, &size, &info);
    return info;
}

static int orgqr(tall *t, double *work, int size)
{
    const int one = 1;
    int info = 0;
    pdorgqr_(&t->m, &t->k, &t->k, t->T, &one, &one, t->descriptor, t->tau, work, &size, &info);
    return info;
}

/* R from the rows that this rank has of it, and its signs. */
static void collect_R(pw_team *team, tall *t)
{
    for (int64_t i = t->first; i < t->first + t->count && i < t->k; i++)
        for (int64_t j = i; j < t->k; j++)
            t->R[i * t->k + j] = t->T[j * t->count + i - t->first];
    pw_reduce_sum(team, t->R, (int64_t)t->k * t->k);
    for (int64_t i = 0; i < t->k; i++) {
        t->sign[i] = t->R[i * t->k + i] < 0 ? -1 : 1;
        for (int64_t j = i; j < t->k; j++)
            t->R[i * t->k + j] *= t->sign[i];
    }
}

static pw_code factorise(pw_team *team, tall *t)
{
    double *work = NULL, wanted[2] = {0, 0};
    pw_code code = PW_OK;
    geqrf(t, &wanted[0], -1);
    orgqr(t, &wanted[1], -1);
    const int size = pw_int((int64_t)fmax(wanted[0], wanted[1]));
    PW_TRY(pw_agree(team, PW_NEW(work, size)));
    int info = geqrf(t, work, size);
    collect_R(team, t);
    info = info ? info : orgqr(t, work, size);
    if (info != 0)
        code = pw_fail(PW_ERROR_INTERNAL, "ScaLAPACK's QR factorisation ends with info = %d", info);
    code = pw_agree(team, code);
done:
    free(work);
    return code;
}

static void from_rows(const double *rows, tall *t)
{
    for (int64_t tile = 0; tile < t->count; tile += TILE)
        for (int64_t j = 0; j < t->k; j++)
            for (int64_t i = tile; i < t->count && i < tile + TILE; i++)
                t->T[j * t->count + i] = rows[i * t->k + j];
}

static void to_rows(const tall *t, double *rows)
{
    for (int64_t tile = 0; tile < t->count; tile += TILE)
        for (int64_t j = 0; j < t->k; j++)
            for (int64_t i = tile; i < t->count && i < tile + TILE; i++)
                rows[i * t->k + j] = t->sign[j] * t->T[j * t->count + i];
}

/* ScaLAPACK can return info = 0 with zeros; the squares of a Q sum up to k. */
static pw_code check(pw_team *team, const tall *t, const double *rows)
{
    double squares = 0;
    for (int64_t i = 0; i < t->count * t->k; i++)
        squares += rows[i] * rows[i];
    pw_reduce_sum(team, &squares, 1);
    const bool right = fabs(squares - t->k) <= 1e-8 * t->k;
    return pw_agree(team, right ? PW_OK
                                : pw_fail(PW_ERROR_INTERNAL,
                                          "the squares of ScaLAPACK's Q of %d columns sum up to %g",
                                          t->k, squares));
}

pw_code pw_qr_rows(pw_team *team, int64_t count, int k, double *X, double *R)
{
    pw_blocks blocks = {.total = 0};
    tall t = {.k = 0};
    double *rows = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_blocks_create(team, count, k, &blocks));
    PW_TRY(create(team, &blocks, &t));
    PW_TRY(pw_blocks_deal(team, &blocks, X, &rows));
    from_rows(rows, &t);
    PW_TRY(factorise(team, &t));
    to_rows(&t, rows);
    PW_TRY(check(team, &t, rows));
    pw_blocks_return(team, &blocks, rows, X);
    for (int64_t i = 0; R && i < (int64_t)k * k; i++)
        R[i] = t.R[i];
done:
    free(rows);
    destroy(&t);
    pw_blocks_destroy(&blocks);
    return code;
}
