/* The rank-one plan: what it needs, and how the loop calls it. */
#include "iterate/rank_one.h"

#include "base/memory.h"
#include "dist/collective.h"

static void before(pw_state *s)
{
    (void)s;
}

/* Without an update R is found anew: free of the rounding of all the updates. */
static void after(pw_state *s)
{
    if (!s->updates)
        pw_rank_one_renew(s, s->k);
    pw_rank_one_sweep(s, s->k, s->updates);
}

static double loss(const pw_state *s)
{
    return 0.5 * s->rank_one->tail[PW_TAIL_SQUARES];
}

static double penalty(const pw_state *s)
{
    return s->rank_one->tail[PW_TAIL_PENALTY] + s->rank_one->penalty;
}

/* ---- create ---- */

/* Nothing is bounded: that goes with a sweep's weights of the penalties. */
static pw_code check(pw_state *s)
{
    if (pw_matrix_has_absent_zeros(s->V))
        return pw_fail(PW_ERROR_INPUT,
                       "%s: is sparse, and method ccd visits stored entries only: others cannot "
                       "count as observed zeros. "
                       "Use --missing zero, or another method.",
                       s->V->path ? s->V->path : "V");
    const bool one_sided = s->distributed.bounded || s->replicated.bounded;
    s->distributed.bounded = s->replicated.bounded = false;
    if (one_sided && !(s->options->shrink > 0))
        return pw_fail(PW_ERROR_USAGE,
                       "--l1-w, --l1-h, --l2-w, --l2-h: method ccd penalises both factors; give a "
                       "penalty on the other one too, or --no-bound.");
    return PW_OK;
}

static pw_code create_share(const pw_state *s, pw_rank_one_share *share)
{
    const pw_code code = PW_NEW(share->work, 4 * PW_RANK_ONE_BLOCK);
    return code == PW_OK ? PW_NEW(share->sums, 2 * s->V->cols) : code;
}

static pw_code allocate(pw_state *s)
{
    pw_rank_one *r = s->rank_one;
    const int64_t n = s->V->cols, figures = (int64_t)s->k + 1;
    pw_code code = PW_OK;
    PW_TRY(pw_observed_allocate(&r->entries));
    PW_TRY(pw_observed_allocate(&r->held_out));
    pw_observed_read(&r->held_out, 0, s->V->count);
    PW_TRY(PW_NEW(r->share, s->team->threads));
    for (int t = 0; t < s->team->threads; t++)
        PW_TRY(create_share(s, &r->share[t]));
    PW_TRY(PW_NEW(r->tail, PW_TAIL_FIGURES + 2 * figures + PW_SWEPT + PW_WISHES));
    r->distributed.squares = r->tail + PW_TAIL_FIGURES;
    r->distributed.norms = r->distributed.squares + figures;
    s->swept = r->distributed.norms + figures;
    PW_TRY(PW_NEW(s->S, (int64_t)s->k * s->k));
    PW_TRY(PW_NEW(r->distributed.weight, s->V->count));
    PW_TRY(PW_NEW(r->replicated.weight, n));
    PW_TRY(PW_NEW(r->replicated.squares, figures));
    PW_TRY(PW_NEW(r->replicated.norms, figures));
    PW_TRY(PW_NEW(r->y, n));
    PW_TRY(PW_NEW(r->before, n));
    PW_TRY(PW_NEW(r->dy, n));
    PW_TRY(PW_NEW(r->ones, n));
    PW_TRY(PW_NEW(r->sums, 2 * n));
done:
    return code;
}

static int64_t plan_bytes(const pw_state *s)
{
    enum { VECTORS = 7 }; /* of n: weight, y, before, dy, ones, sums */
    const int64_t numbers = (VECTORS + 2 * (int64_t)s->team->threads) * s->V->cols + s->V->count +
                            2 * (int64_t)s->k * s->k;
    return pw_observed_bytes(&s->rank_one->entries) + pw_observed_bytes(&s->rank_one->held_out) +
           numbers * (int64_t)sizeof(double);
}

static pw_code create(pw_state *s)
{
    pw_code code = PW_OK;
    PW_TRY(pw_agree(s->team, check(s)));
    code = PW_NEW(s->rank_one, 1);
    if (code == PW_OK)
        code = pw_observed_find(s->V, false, &s->rank_one->entries);
    if (code == PW_OK)
        code = pw_observed_find(s->V, true, &s->rank_one->held_out);
    PW_TRY(pw_agree(s->team, code));
    PW_TRY(pw_memory_check(s->team, plan_bytes(s), s->V->path, "the residual of each entry"));
    PW_TRY(pw_agree(s->team, allocate(s)));
done:
    return code;
}

static void destroy(pw_state *s)
{
    pw_rank_one *r = s->rank_one;
    if (!r)
        return;
    for (int t = 0; r->share && t < s->team->threads; t++) {
        free(r->share[t].work);
        free(r->share[t].sums);
    }
    free(r->share);
    pw_observed_destroy(&r->entries);
    pw_observed_destroy(&r->held_out);
    free(r->distributed.weight);
    free(r->replicated.weight);
    free(r->replicated.squares);
    free(r->replicated.norms);
    free(r->y);
    free(r->before);
    free(r->dy);
    free(r->ones);
    free(r->sums);
    free(r->tail);
    free(s->S);
    free(r);
}

const pw_plan PW_PLAN_RANK_ONE = {.create = create,
                                  .destroy = destroy,
                                  .begin = pw_rank_one_begin,
                                  .before = before,
                                  .after = after,
                                  .loss = loss,
                                  .penalty = penalty,
                                  .alone = true};
