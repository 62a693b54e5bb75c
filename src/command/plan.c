/* partwise plan --rows M --columns N -k K: sizes → the model of the cost → a table. */
#include "command/plan.h"

#include "base/memory.h"
#include "base/precision.h"
#include "command/command.h"
#include "dist/collective.h"
#include "iterate/cost.h"
#include "iterate/iterate.h"

#include <inttypes.h>
#include <math.h>

static const double POOR = 0.5; /* efficiency from which on more ranks do not pay */

typedef struct plan {
    pw_cost_work work;
    int threads;
    double latency, bandwidth;
    bool of_node; /* bandwidth: its ranks share it; else each has that much */
    int64_t per_node;
} plan;

static int64_t ranks_on_node(const plan *p, int64_t ranks)
{
    return ranks < p->per_node ? ranks : p->per_node;
}

static bool is_sharded(const plan *p, const pw_cost_team *team)
{
    return pw_cost_prefers_shards(&p->work, team);
}

static pw_cost_team team_of(const plan *p, int64_t ranks)
{
    const double share = p->of_node ? (double)ranks_on_node(p, ranks) : 1;
    return (pw_cost_team){.ranks = ranks,
                          .threads = p->threads,
                          .latency = p->latency,
                          .bandwidth = p->bandwidth / share};
}

static double seconds_on(const plan *p, int64_t ranks)
{
    const pw_cost_team team = team_of(p, ranks);
    const pw_cost cost = pw_cost_find(&p->work, &team, is_sharded(p, &team));
    return pw_cost_seconds(&cost);
}

/* Of one rank's seconds those that so many would take if they shared all of them. */
static double efficiency_on(const plan *p, int64_t ranks)
{
    return seconds_on(p, 1) / ((double)ranks * seconds_on(p, ranks));
}

/* ---- the table ---- */

static void print_head(const plan *p)
{
    const pw_cost_work *w = &p->work;
    printf("swept = %" PRId64 " x %" PRId64
           " %s  entries = %.4g  models = %.0f  components = %.0f  "
           "products = %s\n",
           w->rows, w->columns, w->sparse ? "sparse" : "dense", w->entries, w->models,
           w->components, w->single ? "single" : "double");
    printf("threads = %d  ranks_per_node = %" PRId64
           "  latency = %g s  bandwidth = %g bytes/s of a "
           "%s\n\n",
           p->threads, p->per_node, p->latency, p->bandwidth, p->of_node ? "node" : "rank");
    printf("%9s %10s %10s %10s %10s %10s %12s %10s %12s %12s\n", "ranks", "H update", "products",
           "update W", "update H", "messages", "s/iteration", "efficiency", "per rank", "per node");
}

/* The side that is distributed counts as W. */
static void print_row(const plan *p, int64_t ranks)
{
    const pw_cost_team team = team_of(p, ranks);
    const bool sharded = is_sharded(p, &team);
    const pw_cost c = pw_cost_find(&p->work, &team, sharded);
    const double bytes = pw_cost_bytes(&p->work, ranks);
    const double here = (double)ranks_on_node(p, ranks);
    char rank[24], node[24];
    printf("%9" PRId64 " %10s %10.4g %10.4g %10.4g %10.4g %12.4g %10.3f %12s %12s\n", ranks,
           sharded ? "sharded" : "replicated", c.products + c.memory + c.steps, c.distributed,
           c.replicated, c.messages, pw_cost_seconds(&c), efficiency_on(p, ranks),
           pw_memory_text((int64_t)fmin(bytes, 9e18), rank),
           pw_memory_text((int64_t)fmin(bytes * here, 9e18), node));
}

/* Looked for among powers of two. */
static void print_end(const plan *p)
{
    int64_t ranks = 2;
    while (ranks <= p->work.rows && efficiency_on(p, ranks) >= POOR)
        ranks *= 2;
    if (ranks <= p->work.rows)
        printf("\nfrom %" PRId64 " ranks on the efficiency is below %.0f %%\n", ranks, 100 * POOR);
    else
        printf("\nthe efficiency is %.0f %% and more on up to a rank a row\n", 100 * POOR);
}

static void print_plan(const plan *p, int64_t own, int64_t most)
{
    print_head(p);
    for (int64_t ranks = 1; ranks < most; ranks *= 2) {
        print_row(p, ranks);
        if (own > ranks && own < 2 * ranks && own < most)
            print_row(p, own);
    }
    print_row(p, most);
    print_end(p);
}

/* ---- of sizes ---- */

static double bytes_of(const pw_options *o, pw_type type, int64_t rows)
{
    const double entry = (double)pw_type_size(type);
    return o->nonzeros > 0 ? o->nonzeros * (entry + 4) + 8 * (double)rows
                           : entry * (double)o->rows * (double)o->columns;
}

static plan plan_of(const pw_options *o, int threads)
{
    const bool by_columns = pw_matrix_by_columns((int)o->distribute, o->rows, o->columns);
    const pw_type type = o->value_type == PW_ONE ? PW_F32 : (pw_type)o->value_type;
    plan p = {.threads = threads,
              .latency = o->latency,
              .bandwidth = o->bandwidth,
              .of_node = true,
              .per_node = o->ranks_per_node};
    p.work = (pw_cost_work){.rows = by_columns ? o->columns : o->rows,
                            .columns = by_columns ? o->rows : o->columns,
                            .entries = o->nonzeros > 0 ? o->nonzeros
                                                       : (double)o->rows * (double)o->columns,
                            .sparse = o->nonzeros > 0,
                            .single = pw_is_single((pw_precision)o->precision, type),
                            .options = o};
    p.work.bytes = bytes_of(o, type, p.work.rows);
    p.work = pw_cost_of_one(p.work, (int)o->k);
    return p;
}

pw_code pw_command_plan(pw_team *team, const pw_options *options)
{
    if (options->nonzeros > (double)options->rows * (double)options->columns)
        return pw_fail(PW_ERROR_USAGE, "--nonzeros: are more than V has entries.");
    const plan p = plan_of(options, team->threads);
    if (team->rank == 0)
        print_plan(&p, 1, options->ranks);
    return PW_OK;
}

/* ---- of V ---- */

void pw_plan_tell(const pw_job *job)
{
    enum { MOST = 1024 };
    const pw_options *o = job->options;
    const pw_matrix *V = &job->V;
    int64_t bytes = pw_matrix_bytes(V), per_node = pw_ranks_on_node(job->team->comm);
    pw_reduce_sum_int(job->team, &bytes, 1);
    pw_reduce_max_int(job->team, &per_node, 1);
    plan p = {.threads = job->team->threads,
              .latency = PW_COST_LATENCY,
              .bandwidth = PW_COST_BANDWIDTH,
              .per_node = per_node};
    p.work = (pw_cost_work){.rows = V->rows,
                            .columns = V->cols,
                            .entries = (double)V->entries,
                            .bytes = (double)bytes,
                            .sparse = V->sparse,
                            .single = pw_is_single((pw_precision)o->precision, V->type),
                            .options = o};
    p.work = pw_cost_of_one(p.work, (int)o->k);
    const double models = (double)o->restarts;
    p.work.models = models;
    p.work.components *= models;
    p.work.squares *= models;
    p.work.at_once = fmin(p.work.components, fmax((double)o->k, PW_MOST_SIDE_BY_SIDE));
    if (job->team->rank == 0)
        print_plan(&p, job->team->size, job->team->size > MOST ? job->team->size : MOST);
}
