/* The cost of groups. A group of p ranks has 1 / G of the models and V all to itself. What is shared out among ranks, the
 * products with V and the updates of the distributed factor, costs the same either way; what every rank does for each model
 * (the updates of the replicated factor, P through the network, the small steps between) is done for fewer models. Against
 * that stand V itself, of which each rank holds and sweeps G times as much, and groups that wait for the last one. */
#include "iterate/grouping.h"

#include "base/memory.h"
#include "iterate/cost.h"
#include "matrix/model.h"

#include <math.h>
#include <stdio.h>

/* Those of an iteration are in iterate/cost.c. */
static const double READ_BYTES = 100e6, ITERATIONS = 100; /* its own copy of V, once a run */
static const double NOISE =
    0.05; /* of the times that ranks of a group take for a sweep, relative */
static const double SPREAD = 0.3; /* of the models' numbers of iterations, relative */
static const double TIE = 1.1;

int pw_grouping_owner(int64_t model, int64_t together, int groups)
{
    return (int)(model / together % groups);
}

/* Of the first group, which has the most to do. */
static pw_cost_work load_of(const pw_grouping_facts *f, int groups)
{
    pw_cost_work l = {.rows = f->rows,
                      .columns = f->columns,
                      .entries = f->entries,
                      .bytes = (double)f->bytes,
                      .sparse = f->sparse,
                      .options = f->options,
                      .at_once = (double)pw_iterate_components(f->options, f->model, f->models)};
    for (int64_t i = 0; i < f->models; i++) {
        const double k = f->model[i].k;
        if (pw_grouping_owner(i, f->together, groups) != 0)
            continue;
        l.models++;
        l.components += k;
        l.squares += k * k;
    }
    l.at_once = fmin(l.at_once, l.components);
    return l;
}

/* By how much the largest of `count` numbers is above their mean at the most, in standard deviations. */
static double excess(int count)
{
    return sqrt(2 * log(count));
}

static double seconds_of(const pw_grouping_facts *f, int groups, int ranks)
{
    const pw_cost_work l = load_of(f, groups);
    const pw_cost_team team = {.ranks = ranks,
                               .threads = f->threads,
                               .latency = PW_COST_LATENCY,
                               .bandwidth = PW_COST_BANDWIDTH};
    const pw_cost cost = pw_cost_find(&l, &team, pw_cost_prefers_shards(&l, &team));
    const double work = (pw_cost_seconds(&cost) - cost.messages) * (1 + NOISE * excess(ranks));
    const double read = groups > 1 ? l.bytes / ranks / READ_BYTES / ITERATIONS : 0;
    return (work + cost.messages) * (1 + SPREAD / sqrt(l.models) * excess(groups)) + read;
}

/* V; W and H of all models, which all ranks hold at the end; P, and H as the products take it. */
static int64_t bytes_of(const pw_grouping_facts *f, int groups, int ranks)
{
    const pw_cost_work own = load_of(f, groups), all = load_of(f, 1);
    const double sums = pw_sums_per_entry(f->options, own.components / own.models);
    const double models = pw_models_bytes(f->options, (double)f->rows / f->ranks,
                                          (double)f->columns, all.components, own.at_once, sums);
    return (int64_t)((double)f->bytes / ranks + models);
}

static pw_grouping_row row_of(const pw_grouping_facts *f, int groups)
{
    pw_grouping_row row = {.groups = groups, .ranks = f->ranks / groups};
    row.bytes = bytes_of(f, groups, row.ranks);
    row.seconds = seconds_of(f, groups, row.ranks);
    row.fits = row.bytes <= f->room;
    return row;
}

static void choose(const pw_grouping_facts *f, int forced, pw_grouping *g)
{
    double least = INFINITY;
    for (int i = 0; i < g->count; i++)
        if (g->row[i].fits)
            least = fmin(least, g->row[i].seconds);
    g->chosen = 0;
    if (forced > 0) {
        while (g->row[g->chosen].groups != forced)
            g->chosen++;
        g->reason = "as asked for";
    } else if (f->options->checkpoint) {
        g->reason = "checkpoints are of one group";
    } else if (g->count == 1) {
        g->reason = f->ranks == 1 ? "there is one rank" : "there is one model";
    } else if (isinf(least)) {
        g->reason = "there is no memory for several copies of V";
    } else {
        while (!g->row[g->chosen].fits || g->row[g->chosen].seconds > TIE * least)
            g->chosen++;
        g->reason = "the fewest that are predicted to take at most 1.1 times the least time";
    }
}

pw_code pw_grouping_find(const pw_grouping_facts *f, int forced, pw_grouping *g)
{
    const int64_t dealt = f->models / f->together;
    const int most = dealt < f->ranks ? (int)dealt : f->ranks;
    *g = (pw_grouping){.count = 0};
    const pw_code code = PW_NEW(g->row, most);
    if (code != PW_OK)
        return code;
    for (int groups = 1; groups <= most; groups++)
        if (groups == most || f->ranks / groups != f->ranks / (groups + 1) || groups == forced ||
            groups == 1)
            g->row[g->count++] = row_of(f, groups);
    choose(f, forced, g);
    return PW_OK;
}

void pw_grouping_destroy(pw_grouping *g)
{
    free(g->row);
    *g = (pw_grouping){.count = 0};
}

void pw_grouping_print(const pw_grouping_facts *f, const pw_grouping *g, FILE *stream)
{
    const pw_grouping_row *chosen = &g->row[g->chosen];
    char text[24];
    fprintf(stream, "models = %lld  components_at_a_time = %.0f\n\n", (long long)f->models,
            load_of(f, chosen->groups).at_once);
    fprintf(stream, "%8s %16s %16s %24s\n", "groups", "ranks per group", "memory per rank",
            "predicted s / iteration");
    for (int i = 0; i < g->count; i++) {
        const pw_grouping_row *row = &g->row[i];
        fprintf(stream, "%8d %16d %16s %24.3g%s\n", row->groups, row->ranks,
                pw_memory_text(row->bytes, text), row->seconds, row->fits ? "" : "  does not fit");
    }
    fprintf(stream, "\ngroups = %d: %s.\n", chosen->groups, g->reason);
}
