/* W, then H, whichever of them is distributed: the sweep updates the distributed factor and sums what the
 * replicated one needs.
 *
 * The squared error comes without another pass over V:
 *
 *     ½‖V − WH‖² = ½‖V‖² − <P, H> + ½ <S, HHᵀ>
 *
 * exact to about ε·½‖V‖² (ε of the products): below that it is clamped at zero. Other losses are summed up entry
 * by entry in the sweep, also the squared error where entries are missing; of observed zeros that sparse V does not
 * store they need only Σ WH or ‖WH‖². */
#include "iterate/state.h"

double pw_inner_product(int64_t rows, int k, const double *A, const double *B)
{
    double sum = 0;
    for (int64_t i = 0; i < rows; i++) {
        double row = 0;
        for (int c = 0; c < k; c++)
            row += A[i * k + c] * B[i * k + c];
        sum += row;
    }
    return sum;
}

/* W comes first: where it is the replicated one it needs P and S; the rule for an orthogonal one needs P. */
static void begin(pw_state *s)
{
    pw_distributed_renew(s);
    pw_replicated_renew(s); /* needs the sums of the other */
    pw_extrapolate_start(s);
    s->needs_sums = s->V->transposed || (s->distributed.orthogonal && s->rule);
}

static void before(pw_state *s)
{
    if (!s->updates)
        return;
    pw_orthogonal_adapt(s);
    if (s->V->transposed)
        pw_replicated_update(s);
}

static void after(pw_state *s)
{
    if (!s->updates || !s->V->transposed)
        pw_replicated_update(s);
    else
        pw_replicated_measure(s);
}

static double squared_error(const pw_state *s)
{
    return 0.5 * s->summary->sum_squares - *s->product +
           0.5 * pw_inner_product(s->k, s->k, s->S, s->replicated.gram);
}

double pw_loss_of_zeros(const pw_state *s)
{
    if (s->loss.beta != 1)
        return 0.5 * pw_inner_product(s->k, s->k, s->S, s->replicated.gram);
    double sum = 0;
    for (int c = 0; c < s->k; c++)
        sum += s->distributed.sums[c] * s->replicated.sums[c];
    return sum;
}

/* What the sweep has summed up. */
static double swept_loss(const pw_state *s)
{
    const double all = s->lags ? s->zeros_before : pw_loss_of_zeros(s);
    return s->swept[PW_SWEPT_LOSS] +
           (pw_matrix_has_absent_zeros(s->V) ? all - s->swept[PW_SWEPT_ZEROS] : 0);
}

static double loss(const pw_state *s)
{
    return s->products.terms == PW_TERMS_V ? squared_error(s) : swept_loss(s);
}

const pw_plan PW_PLAN_FACTORS = {.create = pw_sweep_create,
                                 .destroy = pw_sweep_destroy,
                                 .begin = begin,
                                 .before = before,
                                 .after = after,
                                 .loss = loss,
                                 .penalty = pw_penalty};
