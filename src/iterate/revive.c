/* Components that die. Under HALS a component can become all zeros on one side, and would stay so. It gets
 * another start: zeros for W, keyed random numbers for H, which leaves WH and the objective as they are,
 * and the next update of W finds out whether V has something left for it. Components that are given on one side
 * come back by themselves, or are not wanted. */
#include "iterate/state.h"

#include "base/random.h"

#include <math.h>

enum { MOST_REVIVALS = 3 }; /* of one component: V may have nothing left to explain */

/* Root mean square of the entries of H, over the components that are alive. */
static double typical_entry(const pw_state *s)
{
    const double *gram = s->V->transposed ? s->S : s->replicated.gram;
    const int64_t n = s->V->transposed ? s->V->rows : s->V->cols;
    double sum = 0;
    int alive = 0;
    for (int c = 0; c < s->k; c++)
        if (!s->dead[c]) {
            sum += gram[c * s->k + c];
            alive++;
        }
    return alive ? sqrt(sum / ((double)n * alive)) : s->typical;
}

static void set_component(double *X, int64_t rows, int k, int c, int64_t first, double scale,
                          const pw_random_key *key)
{
    for (int64_t i = 0; i < rows; i++)
        X[i * k + c] = key ? scale * pw_random_uniform(*key, first + i, (uint32_t)c) : 0;
}

static void restart(pw_state *s, int c, double scale)
{
    const pw_matrix *V = s->V;
    const pw_random_key key = {s->model->seed, PW_RANDOM_REVIVE, (uint32_t)s->model->revivals[c]};
    double *const distributed[] = {s->model->distributed, s->model->momentum.distributed};
    double *const replicated[] = {s->model->replicated, s->model->momentum.replicated};
    for (int copy = 0; copy < (s->extrapolates ? 2 : 1); copy++) {
        set_component(distributed[copy], V->count, s->k, c, V->first, scale,
                      V->transposed ? &key : NULL);
        set_component(replicated[copy], V->cols, s->k, c, 0, scale, V->transposed ? NULL : &key);
    }
    for (int j = 0; j < s->k && !V->transposed; j++)
        s->S[c * s->k + j] = s->S[j * s->k + c] = 0;
    if (!V->transposed)
        s->distributed.sums[c] = 0;
}

void pw_revive(pw_state *s)
{
    pw_model *model = s->model;
    if (!(s->method->traits & PW_REVIVES) || s->symmetric || s->summary->sum_squares <= 0)
        return;
    const double scale = typical_entry(s);
    for (int c = 0; c < s->k; c++) {
        if (s->dead[c] == 0 || pw_is_given(s, c) || model->revivals[c] >= MOST_REVIVALS)
            continue;
        model->revivals[c]++;
        model->revived = true;
        restart(s, c, scale);
        pw_log_detail(&s->team->log, "iteration = %lld  revived_component = %d",
                      (long long)model->iteration, c);
    }
    if (!model->revived)
        return;
    pw_replicated_renew(s);
    if (s->V->transposed) /* the next update is W's: its sums must know the new H */
        s->needs_sums = true;
}

void pw_report_dead(pw_state *s)
{
    int dead = 0;
    for (int c = 0; c < s->k; c++)
        dead += s->dead[c] > 0;
    if (dead == s->k && s->plan == &PW_PLAN_RANK_ONE)
        pw_log_say(&s->team->log,
                   "note: W and H are zero: the penalties leave nothing of them. Try %s.",
                   s->options->shrink > 0 ? "a smaller --shrink" : "smaller penalties");
    else if (dead > 0)
        pw_log_say(&s->team->log, "note: components_at_zero = %d of %d: W and H do without them.",
                   dead, s->k);
}
