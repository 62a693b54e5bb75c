/* Symmetric V ≈ X Xᵀ (Kuang, Ding & Park 2012): each iteration takes for X the Y that makes
 *
 *     ½‖V − Y Xᵀ‖² + ½ α ‖Y − X‖²
 *
 * small, row by row: an update with G + α I and R + α X. V = Vᵀ, so P is R, and the rows are gathered instead of
 * summed. Y = X wherever this comes to rest, and there the gradient 2 (X G − R) of ½‖V − X Xᵀ‖² is that of the
 * update, whatever α is: it only damps. α is a share of the mean of G's diagonal, which begins at a half and doubles
 * when the objective rises. Multiplicative updates keep half of X instead (Ding, He & Simon 2005).
 *
 *     ½‖V − X Xᵀ‖² = ½‖V‖² − <R, X> + ½ ‖G‖²        known when R is: one sweep later
 */
#include "dist/collective.h"
#include "iterate/state.h"

static void replicate(pw_state *s)
{
    const double start = pw_seconds();
    const int64_t row_bytes = s->k * (int64_t)sizeof(double);
    pw_gather_rows(s->team, &s->V->layout, row_bytes, s->model->distributed, s->model->replicated);
    pw_timer_add(&s->team->timer, PW_PHASE_REDUCE, start, 0,
                 s->team->size > 1 ? (double)(s->V->cols * row_bytes) : 0);
    pw_replicated_renew(s);
}

static void begin(pw_state *s)
{
    replicate(s);
    pw_distributed_renew(s);
    if (s->model->alpha == 0 && !(s->method->traits & PW_DAMPS))
        s->model->alpha = 0.5;
}

static void before(pw_state *s)
{
    const pw_history_row *now = pw_known_row(s, 0), *earlier = pw_known_row(s, 1);
    if (s->updates && earlier && now->objective > earlier->objective + s->resolution)
        s->model->alpha *= 2;
    double trace = 0;
    for (int c = 0; c < s->k; c++)
        trace += s->replicated.gram[c * s->k + c];
    s->coupling = s->model->alpha * trace / s->k;
}

/* The loss of X, before it was updated. */
static void after(pw_state *s)
{
    double squares = 0;
    for (int i = 0; i < s->k * s->k; i++)
        squares += s->replicated.gram[i] * s->replicated.gram[i];
    s->coupled_loss = 0.5 * s->summary->sum_squares - s->swept[PW_SWEPT_LOSS] + 0.5 * squares;
    if (s->updates)
        replicate(s);
}

static double loss(const pw_state *s)
{
    return s->coupled_loss;
}

const pw_plan PW_PLAN_SYMMETRIC = {.create = pw_sweep_create,
                                   .destroy = pw_sweep_destroy,
                                   .begin = begin,
                                   .before = before,
                                   .after = after,
                                   .loss = loss,
                                   .penalty = pw_penalty};
