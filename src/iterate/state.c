#include "iterate/state.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "matrix/symmetry.h"

#include <float.h>
#include <math.h>

static int64_t factor_bytes(int64_t rows, int k)
{
    return rows * k * (int64_t)sizeof(double);
}

static pw_products_request products_request(const pw_state *s, pw_terms terms)
{
    const pw_operand curvature = s->sums != PW_SUMS_NEWTON ? PW_OPERAND_NONE
                                 : s->approximates         ? PW_OPERAND_SQUARES
                                                           : PW_OPERAND_PAIRS;
    return (pw_products_request){.K = s->k,
                                 .drawn = s->batch->perturb != PW_PERTURB_NOT,
                                 .precision = s->single ? PW_PRECISION_SINGLE : PW_PRECISION_DOUBLE,
                                 .typical = s->typical,
                                 .terms = terms,
                                 .curvature = curvature,
                                 .loss = s->loss};
}

/* Products with V itself are done for several models at once; with resamples each has its own. */
static bool is_joint(const pw_state *s, const pw_products_request *request)
{
    return s->batch->models > 1 && request->terms == PW_TERMS_V &&
           s->batch->perturb == PW_PERTURB_NOT;
}

/* What the sweep takes beside V and the factors: further copies of W that the method keeps, P, R, copies for
 * products in float, Gram matrices, what updates work in. */
static int64_t state_bytes(const pw_state *s, const pw_products_request *request)
{
    const int64_t width = s->symmetric ? 0 : pw_products_width(request);
    const int64_t P = s->V->cols * width * (int64_t)sizeof(double);
    const int64_t W = (s->method->copies - 1) * factor_bytes(s->V->count, s->k);
    const int64_t R = pw_batch_bytes(s->batch, pw_products_width(request));
    const int64_t work = pw_update_work(s->method, s->k) * (int64_t)sizeof(double);
    const int64_t squares = s->team->threads + 4; /* k × k each */
    const int64_t joint = is_joint(s, request)    /* H, P; W of two tiles */
                              ? 2 * factor_bytes(s->V->cols + s->batch->source.tile_rows, s->k)
                              : 0;
    return W + P + R + joint + pw_workspace_bytes(&s->batch->source, s->team->threads) +
           pw_products_bytes(&s->batch->source, request) + s->team->threads * work +
           (s->approximates ? 2 : 1) * squares * factor_bytes(s->k, s->k);
}

void pw_state_bind(pw_state *s, double *P, double *tail, double *figures)
{
    s->agreed = figures;
    s->dead = figures + PW_FIGURES;
    s->shift = s->dead + s->k;
    if (s->plan->alone)
        return;
    const int64_t S = (int64_t)s->k * s->k, spread = s->approximates ? S : 0;
    s->P = P;
    s->tail = s->S = s->distributed.gram = tail;
    s->distributed.sums = tail + S;
    s->distributed.spread = s->distributed.sums + s->k;
    s->residual = s->distributed.spread + spread;
    s->swept = s->residual + s->k;
}

static void measure_message(pw_state *s)
{
    const int64_t S = (int64_t)s->k * s->k;
    s->P_length = s->symmetric ? 0 : s->V->cols * s->products.width;
    s->tail_length = S + (s->approximates ? S : 0) + 2 * s->k + PW_SWEPT;
}

static pw_code create_shares(pw_state *s)
{
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(s->share, s->team->threads));
    for (int t = 0; t < s->team->threads; t++) {
        PW_TRY(PW_NEW(s->share[t].S, (int64_t)s->k * s->k));
        PW_TRY(PW_NEW(s->share[t].sums, s->k));
        if (s->approximates)
            PW_TRY(PW_NEW(s->share[t].spread, (int64_t)s->k * s->k));
        PW_TRY(PW_NEW(s->share[t].residual, s->k));
    }
done:
    return code;
}

static pw_code create_side(const pw_state *s, pw_side *side)
{
    const int k = s->k;
    pw_code code = PW_OK;
    if (s->approximates)
        PW_TRY(PW_NEW(side->C, (int64_t)k * k));
    PW_TRY(PW_NEW(side->G, (int64_t)k * k));
    PW_TRY(PW_NEW(side->weight_l1, k));
    PW_TRY(PW_NEW(side->weight_l2, k));
    PW_TRY(PW_NEW(side->typical, k));
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
    const double most = s->sums == PW_SUMS_NEWTON ? 1e7 : DBL_MAX; /* its square matters */
    double factor = fmax(largest_of(s->V->count * s->k, s->model->distributed),
                         largest_of(s->V->cols * s->k, s->model->replicated));
    pw_reduce_max(s->team, &factor, 1);
    if (mean == 0)
        return factor < 1e30;
    const double widest = fmax(largest / mean, factor / s->typical);
    return largest < 1e30 && mean > 1e-32 && largest * widest < 1e34 && widest < most;
}

/* Collective. What was asked for, else what V's type can resolve; but what the numbers need. */
static bool needs_only_float(pw_state *s)
{
    const pw_precision asked = (pw_precision)s->options->precision;
    const pw_precision wanted = asked == PW_PRECISION_AUTO ? pw_precision_for(s->V->type) : asked;
    const bool fits = fits_float(s) && s->loss.beta >= 1;
    if (asked == PW_PRECISION_SINGLE && !fits && !s->batch->checked)
        pw_log_warn(&s->team->log, "products run in double: entries of V or of the factors are too "
                                   "large or too small for --precision single.");
    return wanted == PW_PRECISION_SINGLE && fits;
}

/* Its part of joint products, for which the first member makes room for all. */
static pw_code join_products(pw_state *s, const pw_products_request *request)
{
    pw_batch *batch = s->batch;
    s->products = (pw_products){.V = s->V,
                                .K = s->k,
                                .threads = s->team->threads,
                                .terms = request->terms,
                                .width = s->k,
                                .single = s->single};
    s->products.parts = pw_products_parts(request, s->products.part);
    if (batch->joint.is_used)
        return PW_OK;
    pw_products_request joint = *request;
    joint.K = (int)batch->most;
    return pw_joint_create(batch, &joint);
}

static pw_code create_products(pw_state *s, const pw_products_request *request)
{
    return is_joint(s, request) ? join_products(s, request)
                                : pw_products_create(&s->batch->workspace, request, &s->products);
}

static pw_code allocate(pw_state *s, const pw_products_request *request)
{
    pw_code code = PW_OK;
    PW_TRY(create_products(s, request));
    PW_TRY(pw_batch_fit(s->batch, pw_update_work(s->method, s->k), s->products.width));
    measure_message(s);
    PW_TRY(create_shares(s));
    PW_TRY(create_side(s, &s->distributed));
    PW_TRY(create_side(s, &s->replicated));
    PW_TRY(PW_NEW(s->norms, s->k));
done:
    return code;
}

/* ---- what is asked for ---- */

static pw_sums sums_of(const pw_method *method, const pw_loss *loss, bool misses)
{
    if (loss->beta == 2)
        return misses ? method->missing : method->frobenius;
    return loss->beta == 1 ? method->kl : method->beta;
}

static pw_terms terms_of(const pw_state *s)
{
    if (s->sums == PW_SUMS_IMPUTED)
        return s->V->only_stored ? PW_TERMS_RESIDUAL : PW_TERMS_IMPUTED;
    if (s->sums == PW_SUMS_GRAM)
        return PW_TERMS_V;
    if (pw_matrix_misses(s->V))
        return pw_matrix_has_absent_zeros(s->V) ? PW_TERMS_EXCEPT : PW_TERMS_RATIO;
    return s->loss.beta == 1 ? PW_TERMS_NUMERATOR : PW_TERMS_RATIO;
}

static int inner_of(const pw_state *s, int64_t rows)
{
    return s->options->inner_iterations > 0
               ? (int)s->options->inner_iterations
               : pw_inner_iterations(s->summary->nonzeros, rows,
                                     s->k); /* dense or sparse: the same */
}

/* W and H as the options speak of them. */
static pw_side side_of(const pw_state *s, bool is_W, int64_t rows)
{
    const pw_options *o = s->options;
    pw_side side = {.rows = rows,
                    .l1 = is_W ? o->l1_w : o->l1_h,
                    .l2 = is_W ? o->l2_w : o->l2_h,
                    .orthogonal = o->orthogonal == (is_W ? PW_ORTHOGONAL_W : PW_ORTHOGONAL_H),
                    .inner = inner_of(s, rows),
                    .fixed = is_W ? s->model->fixed_w : s->model->fixed_h};
    if (o->symmetric) { /* one factor, and each side bears half of its penalties */
        side.l1 = 0.5 * o->l1_h;
        side.l2 = 0.5 * o->l2_h;
        return side;
    }
    const bool other = is_W ? o->l1_h > 0 || o->l2_h > 0 : o->l1_w > 0 || o->l2_w > 0;
    side.bounded = other && !(side.l1 > 0 || side.l2 > 0) && !o->no_bound;
    return side;
}

/* What rounding can hide of the objective. */
static double resolution_of(const pw_state *s)
{
    const double epsilon = s->single ? FLT_EPSILON : DBL_EPSILON, beta = s->loss.beta;
    const double entries = s->summary->observed;
    if (beta == 2)
        return 0.5 * epsilon * s->summary->sum_squares;
    return epsilon *
           (beta == 1 ? s->summary->sum : entries * pow(pw_summary_mean(s->summary), beta));
}

/* A factor beside one that is given as a whole has no other to run ahead of. */
static bool extrapolates(const pw_state *s)
{
    return s->model->momentum.distributed && s->distributed.fixed < s->k &&
           s->replicated.fixed < s->k;
}

static bool raises_objective(const pw_state *s)
{
    const bool ratio_with_l2 =
        s->sums == PW_SUMS_RATIO && (s->distributed.l2 > 0 || s->replicated.l2 > 0 ||
                                     s->distributed.bounded || s->replicated.bounded);
    return s->approximates || !(s->method->traits & PW_MONOTONE) || s->extrapolates ||
           s->symmetric || s->options->orthogonal != PW_ORTHOGONAL_NOT || ratio_with_l2;
}

/* Whether V is one that the loss can take. */
static pw_code check_loss(const pw_state *s)
{
    const char *path = s->V->path ? s->V->path : "V";
    if (pw_matrix_has_absent_zeros(s->V) && !pw_loss_is_sparse(&s->loss))
        return pw_fail(PW_ERROR_INPUT,
                       "%s: is sparse, and this loss needs WH at all its entries, not only at the "
                       "nonzeros. Take --loss kl or frobenius, or store it dense, or let only "
                       "nonzeros count (--missing zero).",
                       path);
    if (s->loss.beta <= 0 && s->summary->least <= 0 && !(s->loss.floor > 0))
        return pw_fail(PW_ERROR_INPUT,
                       "%s: has entries that are 0, which are infinitely far from everything in "
                       "this loss. Give a --floor below which entries count as it.",
                       path);
    return PW_OK;
}

/* The first model looks at V for all. */
static pw_code check_input(pw_state *s)
{
    pw_code code = PW_OK;
    if (s->batch->checked)
        return code;
    PW_TRY(check_loss(s));
    if (s->symmetric)
        PW_TRY(pw_matrix_check_symmetric(s->team, s->V));
    s->batch->checked = true;
done:
    return code;
}

pw_code pw_sweep_create(pw_state *s)
{
    s->single = s->batch->joint.is_used ? s->batch->joint.products.single : needs_only_float(s);
    s->resolution = resolution_of(s);
    const pw_products_request request = products_request(s, terms_of(s));
    s->lags = (request.terms != PW_TERMS_V || s->symmetric) && !s->V->transposed;
    pw_code code = PW_OK;
    PW_TRY(check_input(s));
    PW_TRY(pw_memory_check(s->team, state_bytes(s, &request), s->V->path, "the iteration"));
    PW_TRY(pw_agree(s->team, allocate(s, &request)));
done:
    return code;
}

/* What every plan needs. */
static pw_code allocate_common(pw_state *s)
{
    const int64_t square = (int64_t)s->k * s->k, spread = s->approximates ? square : 0;
    s->shard_sums_length = square + spread + 2 * s->k + 1;
    pw_code code = PW_NEW(s->shard_sums, s->shard_sums_length);
    if (code == PW_OK) {
        s->replicated.gram = s->shard_sums;
        s->replicated.sums = s->replicated.gram + square;
        s->replicated.spread = s->replicated.sums + s->k;
        s->shard_residual = s->replicated.spread + spread;
        s->product = s->shard_residual + s->k;
    }
    if (code == PW_OK && s->options->normalise != PW_NORM_NONE)
        code = PW_NEW(s->model->scale, s->k);
    return code;
}

pw_code pw_state_create(pw_batch *batch, pw_data *data, pw_model *model, pw_state *state)
{
    const pw_options *options = batch->options;
    const pw_matrix *V = &data->V;
    const double mean = pw_summary_mean(&data->summary);
    *state = (pw_state){
        .batch = batch,
        .symmetric = options->symmetric,
        .rule = options->method == PW_METHOD_orthogonal_mu,
        .team = batch->team,
        .data = data,
        .V = V,
        .summary = &data->summary,
        .options = options,
        .model = model,
        .method = pw_method_at(options->method),
        .loss = pw_loss_of(options, mean),
        .k = model->k,
        .typical = sqrt(mean),
        .seconds_before = model->seconds,
        .started = pw_seconds(),
    };
    state->sums = sums_of(state->method, &state->loss, pw_matrix_misses(V));
    state->plan = options->symmetric                ? &PW_PLAN_SYMMETRIC
                  : state->sums == PW_SUMS_RANK_ONE ? &PW_PLAN_RANK_ONE
                                                    : &PW_PLAN_FACTORS;
    state->distributed = side_of(state, !V->transposed, V->rows);
    state->replicated = side_of(state, V->transposed, V->cols);
    state->approximates = state->sums == PW_SUMS_NEWTON && state->k > PW_MOST_EXACT;
    state->careful_until = -1;
    state->resolution = resolution_of(state);
    state->extrapolates = extrapolates(state);
    state->may_rise = raises_objective(state);
    pw_code code = PW_OK;
    PW_TRY(pw_agree(batch->team, allocate_common(state)));
    PW_TRY(state->plan->create(state));
done:
    return code;
}

static void destroy_side(pw_side *side)
{
    free(side->G);
    free(side->C);
    free(side->weight_l1);
    free(side->weight_l2);
    free(side->typical);
}

void pw_sweep_destroy(pw_state *s)
{
    for (int t = 0; s->share && t < s->team->threads; t++) {
        free(s->share[t].S);
        free(s->share[t].sums);
        free(s->share[t].spread);
        free(s->share[t].residual);
    }
    free(s->share);
    destroy_side(&s->distributed);
    destroy_side(&s->replicated);
    free(s->norms);
    pw_products_destroy(&s->products);
}

void pw_state_destroy(pw_state *s)
{
    s->plan->destroy(s);
    free(s->shard_sums);
}
