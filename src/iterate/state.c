#include "iterate/state.h"

#include "base/memory.h"
#include "dist/collective.h"

#include <float.h>
#include <math.h>

static int64_t factor_bytes(int64_t rows, int k)
{
    return rows * k * (int64_t)sizeof(double);
}

/* What the iteration takes beside V and the factors: further copies of W that the method keeps, P, copies for
 * products in float, Gram matrices. */
static int64_t state_bytes(const pw_state *s)
{
    const int64_t P = factor_bytes(s->V->cols, s->k), S = factor_bytes(s->k, s->k);
    const int64_t copies = !s->single ? 0 : s->V->sparse ? P / 2 : P;
    const int64_t W = (s->method->copies - 1) * factor_bytes(s->V->count, s->k);
    return W + P + copies + (s->team->threads + 2) * S;
}

static pw_code create_message(pw_state *s)
{
    const int64_t P = s->V->cols * s->k, S = (int64_t)s->k * s->k;
    s->message_length = P + S + s->k + PW_WISHES;
    pw_code code = PW_NEW(s->message, s->message_length);
    s->P = s->message;
    s->S = s->P + P;
    s->residual = s->S + S;
    s->wishes = s->residual + s->k;
    return code;
}

static pw_code create_shares(pw_state *s)
{
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(s->share, s->team->threads));
    for (int t = 0; t < s->team->threads; t++) {
        PW_TRY(PW_NEW(s->share[t].work, pw_update_work(s->k)));
        PW_TRY(PW_NEW(s->share[t].S, (int64_t)s->k * s->k));
        PW_TRY(PW_NEW(s->share[t].residual, s->k));
    }
done:
    return code;
}

static double largest_of(int64_t count, const double *X)
{
    double largest = 0;
    for (int64_t i = 0; i < count; i++)
        largest = X[i] > largest ? X[i] : largest;
    return largest;
}

/* Collective. Whether V, the factors in units of their typical entry, and sums of products of both are numbers
 * that float has. Factors come to about largest / mean of V; given ones may be larger. */
static bool fits_float(pw_state *s)
{
    const double mean = s->typical * s->typical, largest = s->summary->largest;
    double factor = fmax(largest_of(s->V->count * s->k, s->model->distributed),
                         largest_of(s->V->cols * s->k, s->model->replicated));
    pw_reduce_max(s->team, &factor, 1);
    if (mean == 0)
        return factor < 1e30;
    return largest < 1e30 && mean > 1e-32 &&
           largest * fmax(largest / mean, factor / s->typical) < 1e34;
}

/* Collective. What was asked for, else what V's type can resolve; but what the numbers need. */
static bool needs_only_float(pw_state *s)
{
    const pw_precision asked = (pw_precision)s->options->precision;
    const pw_precision wanted = asked == PW_PRECISION_AUTO ? pw_precision_for(s->V->type) : asked;
    const bool fits = fits_float(s);
    if (asked == PW_PRECISION_SINGLE && !fits)
        pw_log_warn(&s->team->log, "products run in double: entries of V or of the factors are too "
                                   "large or too small for --precision single.");
    return wanted == PW_PRECISION_SINGLE && fits;
}

static pw_code allocate(pw_state *s)
{
    pw_code code = PW_OK;
    PW_TRY(create_message(s));
    PW_TRY(create_shares(s));
    PW_TRY(PW_NEW(s->R, s->source.tile_rows * s->k));
    PW_TRY(PW_NEW(s->G, (int64_t)s->k * s->k));
    PW_TRY(PW_NEW(s->norms, s->k));
    PW_TRY(PW_NEW(s->agreed, PW_FIGURES + (int64_t)s->k));
    s->dead = s->agreed + PW_FIGURES;
    PW_TRY(pw_products_create(&s->source, s->k,
                              s->single ? PW_PRECISION_SINGLE : PW_PRECISION_DOUBLE, s->typical,
                              s->team->threads, &s->products));
done:
    return code;
}

pw_code pw_state_create(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                        const pw_options *options, const pw_iterate_hooks *hooks, pw_model *model,
                        pw_state *state)
{
    const int k = model->k;
    const int inner = (int)options->inner_iterations;
    const int64_t nonzeros = summary->nonzeros; /* dense or sparse storage: the same path */
    *state = (pw_state){
        .team = team,
        .V = V,
        .summary = summary,
        .options = options,
        .hooks = hooks,
        .model = model,
        .method = pw_method_at(options->method),
        .k = k,
        .source = pw_source_of(V, team->threads),
        .inner_distributed = inner > 0 ? inner : pw_inner_iterations(nonzeros, V->rows, k),
        .inner_replicated = inner > 0 ? inner : pw_inner_iterations(nonzeros, V->cols, k),
        .typical = sqrt(summary->sum / ((double)V->rows * (double)V->cols)),
        .seconds_before = model->seconds,
    };
    state->single = needs_only_float(state);
    pw_code code = pw_memory_check(team, state_bytes(state), V->path, "the iteration");
    if (code == PW_OK)
        code = pw_agree(team, allocate(state));
    state->resolution =
        0.5 * summary->sum_squares * (state->products.single ? FLT_EPSILON : DBL_EPSILON);
    return code;
}

void pw_state_destroy(pw_state *s)
{
    for (int t = 0; s->share && t < s->team->threads; t++) {
        free(s->share[t].work);
        free(s->share[t].S);
        free(s->share[t].residual);
    }
    free(s->share);
    free(s->message);
    free(s->R);
    free(s->G);
    free(s->norms);
    free(s->agreed);
    pw_products_destroy(&s->products);
}
