/* The start of the rank-one plan. The biases alone give the noise that is left, σ, and with it a penalty that fits the
 * data: --shrink f makes l2 = f σ (√n_row + √n_column), n being the mean number of observed entries of a row and a column. A
 * matrix of pure noise has about that spectral norm, so with f = 1 nothing would be learnt from noise. */
#include "dist/collective.h"
#include "iterate/rank_one.h"

#include <math.h>
#include <string.h>

enum { MOST_SWEEPS = 100 };
static const double SETTLED = 1e-13; /* fall of the objective in a sweep, relative */

/* ---- how many entries are observed ---- */

static double power_of(const pw_state *s, double count, double mean)
{
    return count > 0 ? pow(count / mean, s->options->l2_by_count) : 0;
}

static void weigh(const pw_state *s, int64_t rows, pw_rank_one_side *side)
{
    const double mean = s->rank_one->observed / fmax(side->rows_observed, 1);
    for (int64_t i = 0; i < rows; i++)
        side->weight[i] = power_of(s, side->weight[i], mean);
}

/* Counts first stand where the weights will. */
static void count_observed(pw_state *s)
{
    pw_rank_one *r = s->rank_one;
    const pw_observed *e = &r->entries;
    double counts[] = {(double)e->count, 0};
    for (int64_t i = 0; i < e->rows; i++) {
        r->distributed.weight[i] = (double)(e->row_pointer[i + 1] - e->row_pointer[i]);
        counts[1] += r->distributed.weight[i] > 0;
    }
    memset(r->replicated.weight, 0, (size_t)s->V->cols * sizeof *r->replicated.weight);
    for (int64_t q = 0; q < e->count; q++)
        r->replicated.weight[e->column[q]]++;
    pw_reduce_sum(s->team, counts, 2);
    pw_reduce_sum(s->team, r->replicated.weight, s->V->cols);
    r->observed = counts[0];
    r->distributed.rows_observed = counts[1];
    r->replicated.rows_observed = 0;
    for (int64_t j = 0; j < s->V->cols; j++)
        r->replicated.rows_observed += r->replicated.weight[j] > 0;
    weigh(s, s->V->count, &r->distributed);
    weigh(s, s->V->cols, &r->replicated);
}

/* ---- biases ---- */

/* Root mean square of what the offset and the biases leave. */
static double fit_biases(pw_state *s)
{
    const pw_rank_one *r = s->rank_one;
    const pw_plan *plan = s->plan;
    const double n = fmax(r->observed, 1);
    pw_rank_one_renew(s, 0);
    if (!s->model->bias.distributed) {
        const double mean = r->tail[PW_TAIL_SUM] / n;
        return sqrt(fmax(r->tail[PW_TAIL_SQUARES] / n - mean * mean, 0));
    }
    double before = INFINITY;
    for (int i = 0; i < MOST_SWEEPS; i++) {
        pw_rank_one_sweep(s, 0, true);
        const double objective = plan->loss(s);
        if (!(before - objective > SETTLED * objective) && i > 0)
            break;
        before = objective;
    }
    return sqrt(r->tail[PW_TAIL_SQUARES] / n);
}

static void set_penalties(pw_state *s, double noise)
{
    const pw_rank_one *r = s->rank_one;
    const pw_options *o = s->options;
    const double n = r->observed;
    const double least = noise * (sqrt(n / fmax(r->distributed.rows_observed, 1)) +
                                  sqrt(n / fmax(r->replicated.rows_observed, 1)));
    s->model->l2_w = o->shrink > 0 ? o->shrink * least : o->l2_w;
    s->model->l2_h = o->shrink > 0 ? o->shrink * least : o->l2_h;
}

/* ---- factors ---- */

static void scale(double *X, int64_t count, double by)
{
    for (int64_t i = 0; i < count; i++)
        X[i] *= by;
}

/* W = 0, and H uniform between 0 and √(σ / k): WH starts at 0, and components grow as far as V carries them. The random
 * start has H uniform between 0 and 2 √(mean / k). */
static void shrink_factors(pw_state *s, double noise)
{
    const pw_model *m = s->model;
    const double usual = 2 * s->typical;
    const double by = usual > 0 ? sqrt(noise) / usual : 0;
    scale(m->distributed, s->V->count * s->k, s->V->transposed ? by : 0);
    scale(m->replicated, s->V->cols * s->k, s->V->transposed ? 0 : by);
}

void pw_rank_one_begin(pw_state *s)
{
    pw_rank_one *r = s->rank_one;
    pw_model *m = s->model;
    const bool by_columns = s->V->transposed;
    for (int64_t j = 0; j < s->V->cols; j++)
        r->ones[j] = 1;
    r->distributed.l2_bias = by_columns ? s->options->l2_bias_h : s->options->l2_bias_w;
    r->replicated.l2_bias = by_columns ? s->options->l2_bias_w : s->options->l2_bias_h;
    count_observed(s);
    if (m->iteration == 0) {
        const double noise = fit_biases(s);
        set_penalties(s, noise);
        if (!s->options->init_file)
            shrink_factors(s, noise);
    }
    s->distributed.l2 = by_columns ? m->l2_h : m->l2_w;
    s->replicated.l2 = by_columns ? m->l2_w : m->l2_h;
    pw_rank_one_renew(s, s->k);
    pw_log_say(&s->team->log, "l2_w = %.6g  l2_h = %.6g", m->l2_w, m->l2_h);
}
