#include "command/scan_file.h"

#include "base/memory.h"
#include "select/components.h"

#include <stdio.h>

enum { NAME = 64 };

/* ---- how well the components agree ---- */

pw_code pw_scan_stability(pw_team *team, pw_scan_models *m)
{
    const int k = m->model[0].k;
    const pw_model **models = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_agree(team, PW_NEW(models, m->count)));
    for (int r = 0; r < m->count; r++)
        models[r] = &m->model[r];
    const pw_components components = {
        .V = &m->job->V, .model = models, .restarts = m->count, .k = k, .of_h = m->of_h};
    const pw_factor_part part = pw_components_part(team, &components, 0);
    PW_TRY(pw_components_stability(team, &components, m->best, &m->stability));
    code = PW_NEW(m->mean, part.count * k);
    if (code == PW_OK)
        code = PW_NEW(m->sd, part.count * k);
    PW_TRY(pw_agree(team, code));
    code = pw_components_average(team, &components, m->stability.cluster, m->mean, m->sd);
done:
    free(models);
    return code;
}

void pw_scan_models_destroy(pw_scan_models *m)
{
    pw_stability_destroy(&m->stability);
    free(m->mean);
    free(m->sd);
    m->mean = m->sd = NULL;
}

/* ---- one group for each k ---- */

/* "/k3/W" */
static const char *name_in(int k, const char *what, char text[static NAME])
{
    snprintf(text, NAME, "/k%d%s%s", k, *what ? "/" : "", what);
    return text;
}

static pw_part from_rank_0(const pw_team *team, int64_t count)
{
    return (pw_part){.total = count, .count = team->rank == 0 ? count : 0};
}

static pw_code write_restarts(pw_team *team, pw_writer *writer, const pw_scan_models *m)
{
    const int k = m->model[0].k;
    const pw_part part = from_rank_0(team, m->count);
    double *objective = NULL;
    int64_t *iterations = NULL, *seed = NULL;
    char name[NAME];
    pw_code code = PW_NEW(objective, m->count);
    if (code == PW_OK)
        code = PW_NEW(iterations, m->count);
    if (code == PW_OK)
        code = PW_NEW(seed, m->count);
    PW_TRY(pw_agree(team, code));
    for (int r = 0; r < m->count; r++) {
        objective[r] = m->model[r].objective;
        iterations[r] = m->model[r].iteration;
        seed[r] = (int64_t)m->model[r].seed;
    }
    PW_TRY(pw_writer_list(writer, name_in(k, "objective", name), part, PW_F64, PW_F64, objective));
    PW_TRY(
        pw_writer_list(writer, name_in(k, "iterations", name), part, PW_I64, PW_I64, iterations));
    PW_TRY(pw_writer_list(writer, name_in(k, "seed", name), part, PW_I64, PW_I64, seed));
done:
    free(objective);
    free(iterations);
    free(seed);
    return code;
}

static pw_code write_components(pw_team *team, pw_writer *writer, const pw_scan_models *m)
{
    const pw_model *best = &m->model[m->best];
    const pw_matrix *V = &m->job->V;
    const int k = best->k;
    const pw_factor_part own = m->of_h ? pw_factor_H(team, V, best) : pw_factor_W(team, V, best);
    const pw_part part = {.total = own.total, .first = own.first, .count = own.count};
    char name[NAME];
    pw_code code = PW_OK;
    PW_TRY(pw_writer_list(writer, name_in(k, "stability_silhouette", name), from_rank_0(team, k),
                          PW_F64, PW_F64, m->stability.silhouette));
    PW_TRY(pw_writer_rows(writer, name_in(k, "signatures_mean", name), part, k, PW_F64, m->mean));
    PW_TRY(pw_writer_rows(writer, name_in(k, "signatures_sd", name), part, k, PW_F64, m->sd));
done:
    return code;
}

static pw_code write_consensus(pw_team *team, pw_writer *writer, int k, const pw_consensus *c)
{
    const pw_part own = {.total = c->items, .first = c->first, .count = c->count};
    const pw_part items = from_rank_0(team, c->items);
    char name[NAME];
    pw_code code = PW_OK;
    PW_TRY(pw_writer_rows(writer, name_in(k, "consensus", name), own, c->items, PW_F32, c->C));
    PW_TRY(pw_writer_rows(writer, name_in(k, "linkage", name), from_rank_0(team, c->items - 1), 4,
                          PW_F64, c->linkage));
    PW_TRY(pw_writer_list(writer, name_in(k, "order", name), items, PW_I64, PW_I64, c->order));
    PW_TRY(pw_writer_list(writer, name_in(k, "cluster", name), items, PW_I64, PW_I64, c->cluster));
    PW_TRY(pw_writer_list(writer, name_in(k, "item_silhouette", name), items, PW_F64, PW_F64,
                          c->silhouette));
done:
    return code;
}

pw_code pw_scan_write_k(pw_team *team, pw_writer *writer, const pw_scan_models *m,
                        const pw_consensus *consensus)
{
    const pw_model *best = &m->model[m->best];
    const int k = best->k;
    char W[NAME], H[NAME], name[NAME];
    pw_code code = PW_OK;
    PW_TRY(pw_writer_group(writer, name_in(k, "", name)));
    PW_TRY(
        pw_write_factors(team, writer, &m->job->V, best, name_in(k, "W", W), name_in(k, "H", H)));
    if (best->scale)
        PW_TRY(pw_writer_list(writer, name_in(k, "scale", name), from_rank_0(team, k), PW_F64,
                              PW_F64, best->scale));
    PW_TRY(pw_write_biases(team, writer, &m->job->V, best, name_in(k, "", name)));
    PW_TRY(pw_write_anchors(team, writer, name_in(k, "", name), m->job->options, &m->job->V, best));
    PW_TRY(write_restarts(team, writer, m));
    PW_TRY(write_components(team, writer, m));
    if (consensus)
        PW_TRY(write_consensus(team, writer, k, consensus));
done:
    return code;
}

/* ---- all k ---- */

pw_code pw_scan_write_survey(pw_team *team, pw_writer *writer, const pw_job *job,
                             const pw_survey *survey, const pw_suggestions *suggestions,
                             int64_t items, const int64_t *item)
{
    static const char *const OF[] = {"columns", "rows", "none"};
    pw_code code = PW_OK;
    PW_TRY(pw_writer_attribute_text(writer, "/", "partwise", "scan"));
    PW_TRY(pw_writer_attribute_text(writer, "/", "items_of", OF[job->options->consensus]));
    if (item)
        PW_TRY(pw_writer_list(writer, "/items", from_rank_0(team, items), PW_I64, PW_I64, item));
    PW_TRY(pw_survey_write(team, writer, survey));
    PW_TRY(pw_suggestions_write(team, writer, suggestions));
    code = pw_write_run(team, writer, &job->result);
done:
    return code;
}

void pw_scan_report(pw_team *team, const pw_survey *survey, const pw_suggestions *suggestions)
{
    if (team->rank != 0 || team->log.level < PW_LOG_NORMAL)
        return;
    pw_survey_print(survey, team->log.stream);
    putc('\n', team->log.stream);
    pw_suggestions_print(suggestions, team->log.stream);
    if (*suggestions->warning)
        pw_log_warn(&team->log, "%s", suggestions->warning);
}
