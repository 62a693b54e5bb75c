#include "iterate/cost.h"

#include "base/methods.h"
#include "dist/shards.h"
#include "matrix/model.h"
#include "update/update.h"

#include <math.h>

/* Constants of a core (flops/s), of a rank (bytes/s, s), of a machine without neighbours; docs/performance.md tells how to
 * find them. */
static const double DENSE_DOUBLE = 51e9, DENSE_SINGLE = 63e9; /* products with dense V */
static const double SPARSE_NEAR = 18e9, SPARSE_FAR = 8.8e9;   /* sparse: H and P in cache, or not */
static const double RATIO_DENSE = 18e9, RATIO_SPARSE = 8.8e9; /* with ratios of V and WH */
static const double UPDATE = 26e9;                            /* updates of both factors */
static const double NEAR_BYTES = 2 << 20;                     /* of the cache that H and P are in */
static const double MEMORY = 10e9;                            /* bytes/s: V as it is swept */
static const double STEP = 10e-6;                             /* s: of each model between sweeps */
const double PW_COST_LATENCY = 5e-6, PW_COST_BANDWIDTH = 1e9;

pw_cost_work pw_cost_of_one(pw_cost_work work, int k)
{
    work.models = 1;
    work.components = work.at_once = k;
    work.squares = (double)k * k;
    return work;
}

/* ---- work ---- */

static bool is_gram(const pw_options *o)
{
    const bool missing = o->missing != PW_MISSING_NONE || o->mask || o->holdout > 0;
    return o->loss == PW_LOSS_FROBENIUS && !missing;
}

static double product_rate(const pw_cost_work *w)
{
    if (!is_gram(w->options))
        return w->sparse ? RATIO_SPARSE : RATIO_DENSE;
    if (!w->sparse)
        return w->single ? DENSE_SINGLE : DENSE_DOUBLE;
    const double panels = (8.0 + (w->single ? 4 : 8)) * (double)w->columns * w->at_once;
    return panels <= NEAR_BYTES ? SPARSE_NEAR : SPARSE_FAR;
}

/* 2 k² a repeat, and as many for sums and gradient; k³ where each row has a system of its own to solve. */
static double update_flops(const pw_cost_work *w, int64_t rows)
{
    const pw_options *o = w->options;
    const double k = w->components / fmax(w->models, 1);
    const int asked = (int)o->inner_iterations;
    const int inner =
        o->method != PW_METHOD_hals ? 1
        : asked > 0                 ? asked
                    : pw_inner_iterations((int64_t)fmin(w->entries, 0x1p62), rows, (int)fmax(k, 1));
    const bool solves = o->method == PW_METHOD_bpp || o->method == PW_METHOD_newton;
    return (2.0 * inner + 2 + (solves ? k : 0)) * (double)rows * w->squares;
}

/* ---- messages ---- */

static double rings(const pw_cost_team *t, double steps, double bytes)
{
    return steps * t->latency + (1 - 1 / (double)t->ranks) * bytes / t->bandwidth;
}

static double tree(const pw_cost_team *t, double bytes)
{
    return ceil(log2((double)t->ranks)) * (t->latency + bytes / t->bandwidth);
}

/* To shards, or from them. */
static double spread(const pw_cost_team *t, double bytes)
{
    const int64_t group = pw_shards_group(t->ranks, 1);
    const double steps = (double)(group + t->ranks / group - 2);
    return fmin(rings(t, steps, bytes), tree(t, bytes));
}

/* One ring sums up, another tells. */
static double to_all(const pw_cost_team *t, double bytes)
{
    return fmin(2 * rings(t, (double)(t->ranks - 1), bytes), tree(t, bytes));
}

/* Numbers for each entry of H that the sweep sums up, of models of the usual k. */
static double parts_of(const pw_cost_work *w)
{
    return pw_sums_per_entry(w->options, w->components / fmax(w->models, 1));
}

static double messages(const pw_cost_work *w, const pw_cost_team *t, double passes, bool sharded)
{
    const double H = 8 * (double)w->columns * w->components, P = parts_of(w) * H;
    const double tail = 8 * w->squares, each = passes > 0 ? passes : 1;
    const double figures = each * ceil(log2((double)t->ranks)) * t->latency;
    if (t->ranks == 1)
        return 0;
    if (!sharded)
        return figures + each * to_all(t, (P + tail) / each);
    return figures + each * to_all(t, tail / each) +
           w->models *
               (to_all(t, tail / w->models) + spread(t, P / w->models) + spread(t, H / w->models));
}

/* ---- all of it ---- */

pw_cost pw_cost_find(const pw_cost_work *w, const pw_cost_team *t, bool sharded)
{
    const double ranks = (double)t->ranks, cores = ranks * t->threads;
    const double passes = ceil(w->components / w->at_once);
    return (pw_cost){
        .products = 4 * w->entries * w->components / product_rate(w) / cores,
        .distributed = update_flops(w, w->rows) / UPDATE / cores,
        .replicated = update_flops(w, w->columns) / UPDATE / (sharded ? cores : (double)t->threads),
        .memory = passes * w->bytes / ranks / MEMORY,
        .steps = w->models * STEP,
        .messages = messages(w, t, passes, sharded),
    };
}

int64_t pw_cost_of_row(const pw_cost_work *w)
{
    const double update = update_flops(w, w->rows) / fmax((double)w->rows, 1) / UPDATE;
    const double entry = 2 * w->components / product_rate(w);
    return entry > 0 ? (int64_t)ceil(update / entry) : 0;
}

double pw_cost_seconds(const pw_cost *c)
{
    return c->products + c->distributed + c->replicated + c->memory + c->steps + c->messages;
}

bool pw_cost_prefers_shards(const pw_cost_work *work, const pw_cost_team *team)
{
    const int64_t asked = work->options->h_update;
    if (team->ranks == 1 || asked == PW_H_REPLICATED || work->options->method == PW_METHOD_ccd ||
        work->options->symmetric)
        return false;
    const pw_cost whole = pw_cost_find(work, team, false), shards = pw_cost_find(work, team, true);
    return asked == PW_H_SHARDED || pw_cost_seconds(&shards) < pw_cost_seconds(&whole);
}

/* What stands beside V and the factors. P; H and P side by side for joint products; copies of H and P for the products: both
 * where they run in float, else one of H, packed, for dense V. */
static double bytes_of_sums(const pw_cost_work *w)
{
    const double columns = (double)w->columns * w->at_once, parts = parts_of(w);
    const double joint = w->models > 1 && is_gram(w->options) ? 2 : 0;
    return columns * (8 * (parts + joint) + (w->single ? 4 * (1 + parts) : w->sparse ? 0 : 8));
}

/* The same with method ccd: a number for each observed entry, with its column where V is dense, and some for each column. */
static double bytes_of_residuals(const pw_cost_work *w, int64_t ranks)
{
    return (w->sparse ? 8 : 12) * w->entries / (double)ranks + 72 * (double)w->columns;
}

double pw_cost_bytes(const pw_cost_work *w, int64_t ranks)
{
    const pw_options *o = w->options;
    const double n = (double)w->columns, m = ceil((double)w->rows / (double)ranks);
    const double copies = o->extrapolate == PW_PRESENT_YES ? 2 : 1;
    const double factors = (m + n) * (w->components + (copies - 1) * w->at_once);
    const bool residuals = o->method == PW_METHOD_ccd;
    return w->bytes / (double)ranks + 8 * factors +
           (residuals ? bytes_of_residuals(w, ranks) : bytes_of_sums(w));
}
