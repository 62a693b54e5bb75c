/* One factor given the other: R = V Yᵀ and G = Y Yᵀ of a sweep, and the exact solution of each row's problem. */
#include "initialise/initialise.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "decompose/operator.h"
#include "linalg/gram.h"
#include "update/update.h"

#include <float.h>
#include <omp.h>
#include <string.h>

typedef struct solution {
    pw_team *team;
    int k;
    int64_t rows; /* of the factor X that is found, on this rank */
    double *X;
    double *R; /* rows × k */
    double *G; /* k × k */
    double *zeros;
    double *work; /* threads × room: of the update, and its residuals */
    int64_t room;
    pw_operator op;
} solution;

static pw_code allocate(solution *s)
{
    const pw_method *method = pw_method_at(PW_METHOD_bpp);
    pw_code code = PW_OK;
    s->room = pw_update_work(method, s->k) + s->k;
    PW_TRY(PW_NEW(s->R, s->rows * s->k));
    PW_TRY(PW_NEW(s->G, (int64_t)s->k * s->k));
    PW_TRY(PW_NEW(s->zeros, s->k));
    PW_TRY(PW_NEW(s->work, s->team->threads * s->room));
done:
    return code;
}

static pw_code create(pw_team *team, const pw_matrix *V, bool replicated, pw_model *model,
                      solution *s)
{
    *s = (solution){.team = team,
                    .k = model->k,
                    .rows = replicated ? V->cols : V->count,
                    .X = replicated ? model->replicated : model->distributed};
    pw_code code = PW_OK;
    PW_TRY(pw_memory_check(team, s->rows * s->k * (int64_t)sizeof(double), V->path, "the start"));
    PW_TRY(pw_agree(team, allocate(s)));
    code = pw_operator_create(team, V, s->k, &s->op);
done:
    return code;
}

static void destroy(solution *s)
{
    pw_operator_destroy(&s->op);
    free(s->R);
    free(s->G);
    free(s->zeros);
    free(s->work);
}

/* Each thread its rows, from zeros. */
static void update(solution *s)
{
    memset(s->X, 0, (size_t)(s->rows * s->k) * sizeof *s->X);
#pragma omp parallel num_threads(s->team->threads)
    {
        const int thread = omp_get_thread_num();
        const int64_t from = pw_share(s->rows, s->team->threads, thread);
        const int64_t to = pw_share(s->rows, s->team->threads, thread + 1);
        double *work = s->work + thread * s->room;
        const pw_problem problem = {.rows = to - from,
                                    .k = s->k,
                                    .X = s->X + from * s->k,
                                    .ldx = s->k,
                                    .l1 = s->zeros,
                                    .l2 = s->zeros,
                                    .R = s->R + from * s->k,
                                    .ldr = s->k,
                                    .G = s->G,
                                    .rounding = DBL_EPSILON,
                                    .exponent = 1,
                                    .inner = 1,
                                    .work = work,
                                    .residual = work + s->room - s->k};
        pw_method_at(PW_METHOD_bpp)->update(&problem);
    }
}

pw_code pw_initialise_solve(pw_team *team, const pw_matrix *V, bool replicated, pw_model *model)
{
    solution s;
    pw_code code = PW_OK;
    PW_TRY(create(team, V, replicated, model, &s));
    if (replicated) {
        pw_operator_apply_transposed(&s.op, model->distributed, s.R);
        pw_gram_add(V->count, s.k, model->distributed, s.k, s.G);
        pw_reduce_sum(team, s.G, (int64_t)s.k * s.k);
    } else {
        pw_operator_apply(&s.op, model->replicated, s.R, NULL);
        pw_gram_add(V->cols, s.k, model->replicated, s.k, s.G);
    }
    update(&s);
done:
    destroy(&s);
    return code;
}
