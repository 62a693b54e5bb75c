#include "command/groups.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "iterate/grouping.h"
#include "matrix/transfer.h"

/* ---- how many ---- */

pw_code pw_groups_check(const pw_team *team, const pw_options *o, int64_t models)
{
    if (o->groups > 1 && o->checkpoint)
        return pw_fail(PW_ERROR_USAGE, "--groups: checkpoints are of one group; leave out "
                                       "--checkpoint, or take --groups 1.");
    if (o->groups > team->size)
        return pw_fail(PW_ERROR_USAGE,
                       "--groups: %lld groups need as many ranks at least, and there are %d. Take "
                       "more ranks or fewer groups, or leave it out.",
                       (long long)o->groups, team->size);
    if (o->groups > 1 && o->groups > models)
        return pw_fail(
            PW_ERROR_USAGE,
            "--groups: each group needs models of its own, with --perturb a resample, and there "
            "are %lld. Take fewer groups or more --restarts, or leave it out.",
            (long long)models);
    return PW_OK;
}

/* Collective over team. Destroy the grouping. */
static pw_code plan(const pw_ensemble *ensemble, pw_grouping_facts *facts, pw_grouping *grouping)
{
    const pw_job *job = ensemble->job;
    const pw_matrix *V = &job->V;
    int64_t bytes = pw_matrix_bytes(V), threads = -job->team->threads;
    int64_t least = -bytes;
    pw_reduce_max_int(job->team, &least, 1);
    const int64_t asked = job->options->memory, own = pw_memory_per_rank(job->team, asked);
    const int64_t room = V->feed ? 0 : asked > 0 ? own : own - least; /* with its V */
    pw_reduce_sum_int(job->team, &bytes, 1);
    pw_reduce_max_int(job->team, &threads, 1);
    *facts = (pw_grouping_facts){.ranks = job->team->size,
                                 .threads = (int)-threads,
                                 .rows = V->rows,
                                 .columns = V->cols,
                                 .entries = (double)V->entries,
                                 .bytes = bytes,
                                 .sparse = V->sparse,
                                 .options = job->options,
                                 .model = ensemble->model,
                                 .models = ensemble->models,
                                 .together = ensemble->together,
                                 .room = room};
    const pw_code code =
        pw_agree(job->team, pw_grouping_find(facts, (int)job->options->groups, grouping));
    if (code == PW_OK) /* ranks may round differently */
        pw_broadcast(job->team, &grouping->chosen, sizeof grouping->chosen, 0);
    return code;
}

pw_code pw_groups_tell(const pw_ensemble *ensemble)
{
    pw_grouping_facts facts;
    pw_grouping grouping;
    const pw_code code = plan(ensemble, &facts, &grouping);
    if (code == PW_OK && ensemble->job->team->rank == 0)
        pw_grouping_print(&facts, &grouping, stdout);
    pw_grouping_destroy(&grouping);
    return code;
}

/* ---- one group ---- */

typedef struct group {
    pw_team team;
    pw_job job;
    pw_ensemble ensemble; /* of its models */
    pw_meeting *meeting;
    int index, count;
} group;

/* In turn, so that each group gets narrow and wide ones. */
static pw_code deal(const pw_ensemble *all, group *g)
{
    g->ensemble = (pw_ensemble){.job = &g->job, .restarts = 1, .together = all->together};
    pw_code code = PW_NEW(g->ensemble.model, all->models);
    for (int64_t i = 0; code == PW_OK && i < all->models; i++)
        if (pw_grouping_owner(i, all->together, g->count) == g->index)
            g->ensemble.model[g->ensemble.models++] = all->model[i];
    return code;
}

/* All of it has been read before, by all ranks: there is nothing left to say about it. */
static pw_code read_quietly(group *g, uint64_t fingerprint)
{
    const pw_log log = g->team.log;
    pw_code code = PW_OK;
    g->team.log = pw_log_to(NULL, log.level);
    PW_TRY(pw_job_read(&g->job));
    PW_TRY(pw_job_summarise(&g->job));
    if (g->job.summary.fingerprint != fingerprint)
        PW_TRY(pw_fail(PW_ERROR_INPUT, "%s: has changed while it was read.", g->job.V.path));
    PW_TRY(pw_job_weigh(&g->job));
done:
    g->team.log = log;
    return code;
}

static pw_code create(const pw_ensemble *all, int groups, group *g)
{
    pw_team *team = all->job->team;
    pw_code code = PW_OK;
    *g = (group){.count = groups, .index = pw_team_group(team->size, groups, team->rank)};
    pw_team_split(team, groups, &g->team);
    pw_job_create(&g->team, all->job->options, &g->job);
    PW_TRY(pw_agree(team, deal(all, g)));
    PW_TRY(pw_agree(team, read_quietly(g, all->job->summary.fingerprint)));
    if (g->index > 0 && g->team.rank == 0) /* warnings are heard from every group */
        g->team.log = pw_log_to(stderr, PW_LOG_QUIET);
    code = pw_meeting_create(team, groups, &g->team, all->job->options, all->model, all->models,
                             &g->meeting);
    g->ensemble.meeting = g->meeting;
done:
    return code;
}

/* Collective over the whole team. */
static void destroy(pw_team *team, group *g)
{
    pw_timer_merge(&team->timer, &g->team.timer);
    if (team->rank == 0)
        team->log = g->team.log;
    pw_meeting_destroy(&g->meeting);
    pw_ensemble_destroy(&g->ensemble);
    pw_job_destroy(&g->job);
    pw_team_destroy(&g->team);
}

/* ---- all of them ---- */

/* Models of each k that have begun come first: groups do not begin them in their order. */
static void put_begun_first(pw_ensemble *all)
{
    for (int64_t first = 0; first < all->models; first += all->restarts)
        for (int64_t i = first, to = first; i < first + all->restarts; i++)
            if (all->model[i].distributed) {
                const pw_model begun = all->model[i];
                all->model[i] = all->model[to];
                all->model[to++] = begun;
            }
}

static pw_code collect(group *g, pw_ensemble *all)
{
    pw_team *team = all->job->team;
    pw_code code = PW_OK;
    for (int64_t i = 0, own = 0; i < all->models; i++) {
        const int owner = pw_grouping_owner(i, all->together, g->count);
        if (owner == g->index) {
            all->model[i] = g->ensemble.model[own];
            g->ensemble.model[own++] = (pw_model){.k = 0};
        }
        PW_TRY(pw_model_transfer(team, owner == g->index ? &g->job.V : NULL,
                                 pw_team_group_first(team->size, g->count, owner), &all->job->V,
                                 &all->model[i]));
        if (owner > 0 && all->model[i].distributed) /* the first group has told of its own */
            pw_ensemble_tell(&team->log, &all->model[i]);
    }
    pw_ensemble_order(all);
    put_begun_first(all);
done:
    return code;
}

static pw_code split_and_iterate(pw_ensemble *all, int groups)
{
    group g;
    pw_team *team = all->job->team;
    pw_code code = pw_ensemble_check_memory(all);
    if (code != PW_OK)
        return code;
    pw_log_say(&team->log, "models = %lld  groups = %d  ranks_of_each = %d", (long long)all->models,
               groups, team->size / groups);
    pw_matrix_drop_entries(&all->job->V);
    PW_TRY(create(all, groups, &g));
    code = pw_ensemble_iterate(&g.ensemble);
    PW_TRY(pw_meeting_close(g.meeting, g.ensemble.model, g.ensemble.models, code));
    code = collect(&g, all);
done:
    destroy(team, &g);
    return code;
}

pw_code pw_groups_iterate(pw_ensemble *ensemble)
{
    pw_grouping_facts facts;
    pw_grouping grouping;
    const pw_code code = plan(ensemble, &facts, &grouping);
    const int groups = code == PW_OK ? grouping.row[grouping.chosen].groups : 0;
    pw_grouping_destroy(&grouping);
    return code != PW_OK ? code
           : groups == 1 ? pw_ensemble_iterate(ensemble)
                         : split_and_iterate(ensemble, groups);
}
