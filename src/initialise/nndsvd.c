/* First factors from the singular vectors of V (Boutsidis & Gallopoulos 2008): of each pair u, v the parts of one sign that
 * are larger together,
 *
 *     u₊ = max(u, 0), u₋ = max(−u, 0), s = the sign with the larger ‖u_s‖ ‖v_s‖
 *     w = √(σ ‖u_s‖ ‖v_s‖) u_s / ‖u_s‖,  h likewise
 *
 * The first pair has one sign. Its many zeros suit HALS and BPP; nndsvda fills them with the mean of V, nndsvdar with random
 * numbers up to a hundredth of it. */
#include "initialise/initialise.h"

#include "base/memory.h"
#include "base/random.h"
#include "decompose/svd.h"
#include "dist/collective.h"

#include <inttypes.h>
#include <math.h>

/* Entries below this much of the typical one are rounding of zeros. */
static const double LEAST = 1e-6;

static const double TOLERANCE = 1e-6; /* more would not be seen in a start */

static void add_squares(int64_t rows, int k, const double *X, double *positive, double *negative)
{
    for (int64_t i = 0; i < rows; i++)
        for (int c = 0; c < k; c++) {
            const double x = X[i * k + c];
            *(x > 0 ? positive + c : negative + c) += x * x;
        }
}

/* X = scale_c max(±X, 0) by columns; the sign is that of scale_c. */
static void take_part(int64_t rows, int k, double least, const double *scale, const double *of,
                      double *X)
{
    for (int64_t i = 0; i < rows; i++)
        for (int c = 0; c < k; c++) {
            const double x = of[i * k + c] * scale[c];
            X[i * k + c] = x < least ? 0 : x;
        }
}

/* Squared norms of parts: of the distributed vectors, then of the replicated ones. */
typedef struct part_norms {
    double *positive, *negative; /* k each */
} part_norms;

/* By what each side is multiplied. */
static void find_scales(const pw_svd *svd, const part_norms *u, const part_norms *v, double *of_u,
                        double *of_v)
{
    for (int c = 0; c < svd->k; c++) {
        const double plus = sqrt(u->positive[c] * v->positive[c]);
        const double minus = sqrt(u->negative[c] * v->negative[c]);
        const bool is_plus = plus >= (1 - 1e-8) * minus; /* rounding does not decide */
        const double size = sqrt(svd->S[c] * (is_plus ? plus : minus)), sign = is_plus ? 1 : -1;
        const double u_norm = sqrt(is_plus ? u->positive[c] : u->negative[c]);
        const double v_norm = sqrt(is_plus ? v->positive[c] : v->negative[c]);
        of_u[c] = u_norm > 0 ? sign * size / u_norm : 0;
        of_v[c] = v_norm > 0 ? sign * size / v_norm : 0;
    }
}

/* Collective over team. */
static pw_code split(pw_team *team, const pw_matrix *V, double least, const pw_svd *svd,
                     pw_model *model)
{
    const int64_t k = svd->k;
    double *room;
    const pw_code code = pw_agree(team, PW_NEW(room, 6 * k));
    if (code == PW_OK) {
        const part_norms u = {room, room + k}, v = {room + 2 * k, room + 3 * k};
        add_squares(V->count, svd->k, svd->U, u.positive, u.negative);
        add_squares(V->cols, svd->k, svd->Vt, v.positive, v.negative);
        pw_reduce_sum(team, room, 2 * k);
        find_scales(svd, &u, &v, room + 4 * k, room + 5 * k);
        take_part(V->count, svd->k, least, room + 4 * k, svd->U, model->distributed);
        take_part(V->cols, svd->k, least, room + 5 * k, svd->Vt, model->replicated);
    }
    free(room);
    return code;
}

static void fill(int64_t rows, int64_t first, int k, double size, const pw_random_key *key,
                 double *X)
{
    for (int64_t i = 0; i < rows; i++)
        for (int c = 0; c < k; c++)
            if (X[i * k + c] == 0)
                X[i * k + c] = key ? size * pw_random_uniform(*key, first + i, (uint32_t)c) : size;
}

static void fill_zeros(const pw_matrix *V, const pw_summary *summary, pw_init init, pw_model *model)
{
    const double mean = pw_summary_mean(summary);
    const bool random = init == PW_INIT_NNDSVDAR;
    const double size = random ? mean / 100 : mean;
    const pw_random_key W = {.seed = model->seed, .stream = PW_RANDOM_W};
    const pw_random_key H = {.seed = model->seed, .stream = PW_RANDOM_H};
    fill(V->count, V->first, model->k, size,
         !random         ? NULL
         : V->transposed ? &H
                         : &W,
         model->distributed);
    fill(V->cols, 0, model->k, size, !random ? NULL : V->transposed ? &W : &H, model->replicated);
}

static pw_code check_k(const pw_matrix *V, const pw_model *model)
{
    const int64_t side = V->rows < V->cols ? V->rows : V->cols;
    if (model->k > side)
        return pw_fail(PW_ERROR_USAGE,
                       "--init nndsvd: V has %" PRId64
                       " singular values, fewer than k = %d. Take --init random, or a smaller k.",
                       side, model->k);
    return PW_OK;
}

pw_code pw_initialise_nndsvd(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                             const pw_options *options, pw_model *model)
{
    const pw_svd_request request = {.k = model->k, .tolerance = TOLERANCE, .most_sweeps = 200};
    pw_svd svd = {.k = 0};
    pw_code code = PW_OK;
    PW_TRY(check_k(V, model));
    PW_TRY(pw_memory_check(team, pw_svd_bytes(V, &request), V->path, "its singular vectors"));
    PW_TRY(pw_svd_find(team, V, summary->sum_squares, &request, &svd));
    PW_TRY(split(team, V, LEAST * sqrt(pw_summary_mean(summary) / model->k), &svd, model));
    if (options->init != PW_INIT_NNDSVD)
        fill_zeros(V, summary, (pw_init)options->init, model);
done:
    pw_svd_destroy(&svd);
    return code;
}
