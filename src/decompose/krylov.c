#include "decompose/krylov.h"

#include "base/memory.h"
#include "base/random.h"
#include "decompose/basis.h"
#include "dist/collective.h"
#include "linalg/blas.h"
#include "linalg/eigen.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef struct krylov {
    pw_team *team;
    const pw_krylov_request *request;
    const pw_krylov_map *map;
    pw_krylov *result;
    pw_basis basis;
    double *Z;  /* n × block */
    double *C;  /* most × block: Qᵀ Z */
    double *G;  /* most × most: Qᵀ A Q */
    double *S;  /* q × q: its eigenvectors */
    int last;   /* vectors of the block that was added last */
    int fresh;  /* random blocks still to come */
    int wanted; /* vectors that are to be good */
} krylov;

int pw_krylov_block(int k, int64_t n)
{
    const int block = k < PW_KRYLOV_LEAST_BLOCK  ? PW_KRYLOV_LEAST_BLOCK
                      : k > PW_KRYLOV_MOST_BLOCK ? PW_KRYLOV_MOST_BLOCK
                                                 : k;
    return block < n ? block : (int)n;
}

static pw_code allocate(krylov *s)
{
    const pw_krylov_request *r = s->request;
    pw_krylov *result = s->result;
    const int64_t most = r->most;
    pw_code code = PW_OK;
    *result = (pw_krylov){.ld = r->most};
    PW_TRY(PW_NEW(result->Q, r->n * most));
    PW_TRY(PW_NEW(result->values, most));
    PW_TRY(PW_NEW(result->residual, most));
    PW_TRY(PW_NEW(s->Z, r->n * r->block));
    PW_TRY(PW_NEW(s->C, most * r->block));
    PW_TRY(PW_NEW(s->G, most * most));
    PW_TRY(PW_NEW(s->S, most * most));
    PW_TRY(pw_basis_create(s->team, r->n, r->most, r->block, r->seed, result->Q, &s->basis));
done:
    return pw_agree(s->team, code);
}

int64_t pw_krylov_bytes(const pw_krylov_request *r)
{
    return (r->n * (r->most + 2 * (int64_t)r->block) + 3 * (int64_t)r->most * r->most) *
           (int64_t)sizeof(double);
}

void pw_krylov_destroy(pw_krylov *result)
{
    if (!result)
        return;
    free(result->Q);
    free(result->values);
    free(result->residual);
    *result = (pw_krylov){.q = 0};
}

/* Q = [Q X],  Z = A X,  G = Qᵀ A Q */
static void expand(krylov *s)
{
    const int most = s->request->most, block = s->request->block, first = s->basis.q;
    pw_basis_append(&s->basis);
    s->last = s->basis.q - first;
    s->map->apply(s->map->context, first, s->last, s->basis.X, s->Z);
    pw_basis_project(&s->basis, s->Z, s->C);
    for (int i = 0; i < s->basis.q; i++)
        for (int j = 0; j < s->last; j++) {
            double *entry = &s->G[(int64_t)i * most + first + j];
            *entry = s->C[(int64_t)i * block + j];
            s->G[(int64_t)(first + j) * most + i] = *entry;
        }
}

/* G = S Θ Sᵀ: rank 0's, for ranks whose CPUs round differently. */
static pw_code find_ritz(krylov *s)
{
    const int q = s->basis.q, most = s->request->most;
    pw_krylov *result = s->result;
    pw_code code = PW_OK;
    for (int i = 0; i < q; i++)
        for (int j = 0; j < q; j++)
            s->S[(int64_t)i * q + j] =
                (s->G[(int64_t)i * most + j] + s->G[(int64_t)j * most + i]) / 2;
    if (s->team->rank == 0)
        code = pw_eigen_small(q, s->S, result->values);
    code = pw_agree(s->team, code);
    pw_broadcast(s->team, s->S, (int64_t)q * q * (int64_t)sizeof *s->S, 0);
    pw_broadcast(s->team, result->values, q * (int64_t)sizeof *result->values, 0);
    return code;
}

/* ‖T S_last‖ */
static double residual_of(const krylov *s, int i)
{
    const int q = s->basis.q, block = s->request->block;
    double square = 0;
    for (int r = 0; r < s->basis.width; r++) {
        double sum = 0;
        for (int c = 0; c < s->last; c++)
            sum += s->basis.T[r * block + c] * s->S[(int64_t)(q - s->last + c) * q + i];
        square += sum * sum;
    }
    return sqrt(square);
}

/* Rounding hides residuals below some ε of the largest eigenvalue, and the square of what is below √ε of it. */
static bool is_good(const krylov *s, int i)
{
    const pw_krylov_request *r = s->request;
    const double *values = s->result->values;
    const double last = fabs(values[s->basis.q - 1]);
    const double largest = fmax(fabs(values[0]), last);
    const double least = 32 * DBL_EPSILON * largest;
    const double wanted = r->squared ? r->tolerance * sqrt(largest) * sqrt(fmax(values[i], 0))
                                     : r->tolerance * largest;
    return s->result->residual[i] <= fmax(wanted, least) || (r->squared && values[i] <= least);
}

/* Residuals, and how many of the wanted vectors are good. */
static void judge(krylov *s)
{
    const int wanted = s->wanted < s->basis.q ? s->wanted : s->basis.q;
    for (int i = 0; i < s->basis.q; i++)
        s->result->residual[i] = residual_of(s, i);
    pw_broadcast(s->team, s->result->residual, s->basis.q * (int64_t)sizeof(double), 0);
    s->result->good = 0;
    for (int i = 0; i < wanted; i++)
        s->result->good += is_good(s, i);
}

/* Q = Q S for the best p,  G = Θ */
static pw_code restart(krylov *s, int p)
{
    const pw_krylov_request *r = s->request;
    const int q = s->basis.q;
    pw_code code = pw_times_right(r->n, q, p, s->result->Q, r->most, s->S, q);
    if (code == PW_OK && s->map->rotate)
        code = s->map->rotate(s->map->context, q, p, s->S, q);
    memset(s->G, 0, (size_t)r->most * (size_t)r->most * sizeof *s->G);
    for (int i = 0; i < p; i++)
        s->G[(int64_t)i * r->most + i] = s->result->values[i];
    s->basis.q = p;
    return pw_agree(s->team, code);
}

static bool is_done(const krylov *s)
{
    const pw_krylov_request *r = s->request;
    if (s->basis.q >= r->n) /* the space: there is no residual */
        return true;
    return s->basis.q >= r->k && s->result->steps >= r->most_steps;
}

static bool has_converged(const krylov *s)
{
    return s->basis.q >= s->wanted && s->result->good >= s->wanted;
}

/* Of those that a restart keeps, some are not wanted: they help the others to become good. */
static int kept(const pw_krylov_request *r)
{
    const int room = r->most - 2 * r->block, some = r->k + r->block;
    return some < room ? some : room;
}

/* The vectors that are good stay; a random block looks for what the last one had no copies left of, until its best is good. */
static pw_code begin_anew(krylov *s)
{
    const pw_code code = restart(s, s->request->k);
    s->fresh--;
    s->wanted = s->request->k + 1;
    return code == PW_OK ? pw_basis_start(&s->basis) : code;
}

static pw_code iterate(krylov *s)
{
    const pw_krylov_request *r = s->request;
    pw_code code = PW_OK;
    s->fresh = (r->k - 1) / r->block;
    s->wanted = r->k;
    PW_TRY(pw_basis_start(&s->basis));
    for (;;) {
        expand(s);
        s->result->steps++;
        PW_TRY(pw_basis_continue(&s->basis, s->Z));
        PW_TRY(find_ritz(s));
        judge(s);
        if (is_done(s) || (has_converged(s) && s->fresh == 0))
            break;
        if (has_converged(s))
            PW_TRY(begin_anew(s));
        else if (s->basis.q + s->basis.width > r->most)
            PW_TRY(restart(s, kept(r)));
    }
    const int p = s->basis.q < r->k ? s->basis.q : r->k;
    PW_TRY(restart(s, p));
    s->result->q = p;
done:
    return code;
}

pw_code pw_krylov_solve(pw_team *team, const pw_krylov_request *request, const pw_krylov_map *map,
                        pw_krylov *result)
{
    krylov s = {.team = team, .request = request, .map = map, .result = result};
    pw_code code = PW_OK;
    PW_TRY(allocate(&s));
    PW_TRY(iterate(&s));
done:
    pw_basis_destroy(&s.basis);
    free(s.Z);
    free(s.C);
    free(s.G);
    free(s.S);
    return code;
}
