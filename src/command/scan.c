/* partwise scan V -k A:B -o scan.h5: read → fit many models → what they say about each k → write. */
#include "base/memory.h"
#include "base/methods.h"
#include "command/bound.h"
#include "command/command.h"
#include "command/environment.h"
#include "command/groups.h"
#include "command/parts.h"
#include "command/scan_file.h"
#include "command/timings.h"
#include "dist/collective.h"
#include "iterate/iterate.h"
#include "matrix/feed.h"
#include "select/information.h"
#include "select/labels.h"
#include "select/sample.h"
#include "select/sparseness.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct scan {
    pw_team *team;
    const pw_options *options;
    pw_job job;
    int *k, ks;
    pw_parts parts;
    pw_ensemble ensemble; /* the models of a part */
    int64_t items, *item; /* what the consensus is of: items of V, all where `item` is NULL */
    pw_survey_row *row;   /* ks */
} scan;

/* ---- what there is to do ---- */

static pw_code plan(scan *s)
{
    const int64_t restarts = s->options->restarts;
    const bool resamples = pw_options_resamples(s->options);
    pw_code code = pw_options_ks(s->options->ks, &s->k, &s->ks);
    if (code == PW_OK)
        code = PW_NEW(s->row, s->ks);
    if (code == PW_OK)
        code = pw_groups_check(s->team, s->options, resamples ? restarts : s->ks * restarts);
    return pw_agree(s->team, code);
}

/* Its models, without factors. */
static pw_code begin_part(scan *s, int part)
{
    const int first = s->parts.begin[part + 1], ks = s->parts.begin[part] - first;
    return pw_agree(s->team, pw_ensemble_create(&s->job, ks, s->k + first,
                                                (int)s->options->restarts, &s->ensemble));
}

/* On standard output: what there is to do. */
static pw_code tell(scan *s)
{
    char text[64];
    for (int p = 0; s->parts.count > 1 && s->team->rank == 0 && p < s->parts.count; p++)
        puts(pw_parts_text(&s->parts, s->k, p, text));
    if (s->parts.count > 1) /* which are of one group */
        return PW_OK;
    const pw_code code = begin_part(s, 0);
    return code == PW_OK ? pw_groups_tell(&s->ensemble) : code;
}

/* All items, or a sample where a consensus of all would be too large. */
static pw_code choose_items(scan *s)
{
    const pw_matrix *V = &s->job.V;
    const bool columns = s->options->consensus == PW_ITEMS_COLUMNS;
    const int64_t all = columns == V->transposed ? V->rows : V->cols;
    pw_code code = PW_OK;
    s->items = s->options->consensus == PW_ITEMS_NONE ? 0
               : all < PW_CONSENSUS_ITEMS             ? all
                                                      : PW_CONSENSUS_ITEMS;
    if (s->items == 0 || s->items == all)
        return PW_OK;
    code = PW_NEW(s->item, s->items);
    if (code == PW_OK)
        code = pw_items_sample((uint64_t)s->options->seed, all, s->items, s->item);
    pw_log_say(&s->team->log, "consensus of a sample: items = %lld of %lld", (long long)s->items,
               (long long)all);
    return pw_agree(s->team, code);
}

/* ---- what the models of one k say ---- */

/* Labels of all restarts side by side, then their consensus. */
static pw_code find_consensus(scan *s, const pw_scan_models *m, pw_consensus *consensus)
{
    const bool columns = s->options->consensus == PW_ITEMS_COLUMNS;
    int32_t *labels = NULL;
    pw_code code = pw_agree(s->team, PW_NEW(labels, s->items * m->count));
    for (int r = 0; r < m->count && code == PW_OK; r++)
        code = pw_labels_find(s->team, &s->job.V, &m->model[r], columns, s->options->raw_argmax,
                              s->items, s->item, labels + r * s->items);
    if (code == PW_OK)
        code = pw_consensus_create(s->team, s->items, m->count, labels, m->model[0].k, consensus);
    free(labels);
    return code;
}

static void describe_fit(const scan *s, const pw_scan_models *m, pw_survey_row *row)
{
    const pw_model *best = &m->model[m->best];
    const double squares = s->job.summary.sum_squares;
    double objectives = 0, iterations = 0;
    for (int r = 0; r < m->count; r++) {
        objectives += m->model[r].objective;
        iterations += (double)m->model[r].iteration;
    }
    row->best_objective = best->objective;
    row->mean_objective = objectives / m->count;
    row->mean_iterations = iterations / m->count;
    row->relative_error = best->relative_error;
    if (s->options->loss == PW_LOSS_FROBENIUS) {
        if (!pw_options_resamples(s->options))
            row->residual_sum_of_squares = best->relative_error * best->relative_error * squares;
        row->explained_variance = 1 - best->relative_error * best->relative_error;
    }
    if (s->job.bound) {
        row->svd_bound = s->job.bound[row->k - 1];
        row->error_ratio = pw_bound_ratio(&s->job, row->k, best->relative_error);
    }
    if (s->options->holdout > 0)
        row->holdout_error = best->holdout_error;
}

static pw_code describe_factors(scan *s, const pw_scan_models *m, pw_survey_row *row)
{
    const pw_model *best = &m->model[m->best];
    const pw_factor_part W = pw_factor_W(s->team, &s->job.V, best);
    const pw_factor_part H = pw_factor_H(s->team, &s->job.V, best);
    const pw_code code = pw_sparseness(s->team, &W, best->k, &row->sparseness_w);
    return code == PW_OK ? pw_sparseness(s->team, &H, best->k, &row->sparseness_h) : code;
}

/* Where they mean something: free factors that nothing but the likelihood drives. */
static void describe_information(const scan *s, const pw_model *best, pw_survey_row *row)
{
    const pw_options *o = s->options;
    const pw_matrix *V = &s->job.V;
    const double observed = s->job.summary.observed;
    const double beta = o->loss == PW_LOSS_FROBENIUS ? 2 : o->loss == PW_LOSS_KL ? 1 : NAN;
    const bool penalised =
        o->l1_w > 0 || o->l1_h > 0 || o->l2_w > 0 || o->l2_h > 0 || o->method == PW_METHOD_ccd;
    if (penalised || o->symmetric || o->orthogonal != PW_ORTHOGONAL_NOT)
        return;
    row->aic = pw_information_akaike(beta, best->objective, observed, V->rows, V->cols, best->k);
    row->bic = pw_information_schwarz(beta, best->objective, observed, V->rows, V->cols, best->k);
}

/* One k, of place `index` and of place `own` in its part: its row of the survey and its group of the file. */
static pw_code conclude(scan *s, pw_writer *writer, int index, int own)
{
    pw_scan_models m = {.job = &s->job, .of_h = s->options->consensus == PW_ITEMS_ROWS};
    pw_consensus consensus = {.items = 0};
    pw_survey_row *row = &s->row[index];
    pw_code code = PW_OK;
    m.model = pw_ensemble_models(&s->ensemble, own, &m.count);
    *row = pw_survey_row_of(s->k[index], m.count);
    if (m.count == 0)
        return PW_OK;
    m.best = pw_best_of(s->options, m.model, m.count);
    describe_fit(s, &m, row);
    PW_TRY(describe_factors(s, &m, row));
    describe_information(s, &m.model[m.best], row);
    PW_TRY(pw_scan_stability(s->team, &m));
    row->stability_mean = m.stability.mean;
    row->stability_min = m.stability.minimum;
    if (s->items > 0) {
        PW_TRY(find_consensus(s, &m, &consensus));
        row->cophenetic = consensus.cophenetic;
        row->dispersion = consensus.dispersion;
        row->consensus_silhouette = consensus.mean_silhouette;
    }
    code = pw_scan_write_k(s->team, writer, &m, s->items > 0 ? &consensus : NULL);
done:
    pw_consensus_destroy(&consensus);
    pw_scan_models_destroy(&m);
    return code;
}

/* ---- the result ---- */

static int64_t file_bytes(const scan *s)
{
    const int64_t numbers = (s->job.V.rows + s->job.V.cols) * 3 + s->items * 8;
    int64_t bytes = 1 << 20;
    for (int i = 0; i < s->ks; i++)
        bytes += 8 * numbers * s->k[i] + 4 * s->items * s->items;
    return bytes;
}

/* The rows whose models have begun: a signal may have kept others from it. */
static pw_survey survey_of(scan *s)
{
    int count = 0;
    for (int i = 0; i < s->ks; i++)
        if (s->row[i].restarts > 0)
            s->row[count++] = s->row[i];
    return (pw_survey){.row = s->row, .count = count};
}

/* ---- part by part ---- */

/* Collective. Whether a part is still to be begun, `seconds` after the first was. */
static bool goes_on(scan *s, int part, double seconds)
{
    const double limit = s->options->max_seconds;
    pw_reason *reason = &s->job.model->reason;
    int64_t ends[2] = {pw_signals_stop_wanted(),
                       s->team->rank == 0 && limit > 0 && seconds >= limit};
    if (part == s->parts.count || *reason == PW_REASON_STOPPED || *reason == PW_REASON_TIME)
        return false;
    if (part == 0)
        return true;
    pw_reduce_max_int(s->team, ends, 2);
    if (ends[0] || ends[1])
        *reason = ends[0] ? PW_REASON_STOPPED : PW_REASON_TIME;
    return !ends[0] && !ends[1];
}

static pw_code iterate(scan *s, int part, double seconds_before)
{
    pw_code code = PW_OK;
    char text[64];
    s->ensemble.seconds_before = seconds_before;
    if (s->parts.count > 1)
        pw_log_say(&s->team->log, "%s", pw_parts_text(&s->parts, s->k, part, text));
    PW_TRY(s->parts.count == 1 ? pw_groups_iterate(&s->ensemble)
                               : pw_ensemble_iterate(&s->ensemble));
    s->job.model->reason = pw_ensemble_reason(&s->ensemble);
done:
    return code;
}

/* The file is begun with the first part that has something to say, and models of one part give way to those of the next. */
static pw_code run_parts(scan *s, pw_writer **writer)
{
    const double start = pw_seconds();
    pw_code code = PW_OK;
    for (int p = 0; goes_on(s, p, pw_seconds() - start); p++) {
        PW_TRY(begin_part(s, p));
        PW_TRY(iterate(s, p, pw_seconds() - start));
        const double concluding = pw_seconds();
        if (!*writer)
            PW_TRY(pw_writer_create(s->team, s->options->output, file_bytes(s), writer));
        for (int i = s->parts.begin[p + 1]; i < s->parts.begin[p]; i++)
            PW_TRY(conclude(s, *writer, i, i - s->parts.begin[p + 1]));
        pw_ensemble_destroy(&s->ensemble);
        pw_timer_add(&s->team->timer, PW_PHASE_WRITE, concluding, 0, 0);
    }
done:
    return code;
}

static pw_code run_and_write(scan *s, const char *csv)
{
    pw_writer *writer = NULL;
    pw_code code = PW_OK;
    PW_TRY(run_parts(s, &writer));
    const double start = pw_seconds();
    const pw_survey survey = survey_of(s);
    pw_suggestions suggestions;
    pw_suggest(&survey, &suggestions);
    PW_TRY(
        pw_scan_write_survey(s->team, writer, &s->job, &survey, &suggestions, s->items, s->item));
    PW_TRY(pw_survey_write_csv(s->team, &survey, csv));
    PW_TRY(pw_writer_commit(&writer, false));
    pw_timer_add(&s->team->timer, PW_PHASE_WRITE, start, 0, 0);
    pw_report_timings(s->team);
    if (s->job.V.feed)
        pw_feed_report(s->team, s->job.V.feed);
    pw_scan_report(s->team, &survey, &suggestions);
    pw_log_say(&s->team->log, "scan = %s  table = %s", s->options->output, csv);
done:
    pw_writer_discard(&writer);
    return code;
}

/* "scan.h5" → "scan.csv" */
static pw_code name_table(const pw_options *options, char **csv)
{
    const char *output = options->output;
    const char *dot = strrchr(output, '.'), *slash = strrchr(output, '/');
    const bool has_ending = dot && (!slash || dot > slash + 1) && dot > output;
    const size_t length = has_ending ? (size_t)(dot - output) : strlen(output);
    const pw_code code = PW_NEW(*csv, (int64_t)(length + sizeof ".csv"));
    if (code != PW_OK)
        return code;
    memcpy(*csv, output, length);
    strcpy(*csv + length, ".csv");
    if (strcmp(*csv, output) == 0)
        return pw_fail(PW_ERROR_USAGE,
                       "--output: %s: the result is HDF5; the table goes beside it with the ending "
                       ".csv. Choose another ending.",
                       output);
    if (options->checkpoint && strcmp(*csv, options->checkpoint) == 0)
        return pw_fail(PW_ERROR_USAGE,
                       "--checkpoint: %s is the table of the scan. Choose another name.", *csv);
    return PW_OK;
}

pw_code pw_command_scan(pw_team *team, const pw_options *options)
{
    scan s = {.team = team, .options = options};
    char *csv = NULL;
    pw_code code = PW_OK;
    pw_job_create(team, options, &s.job);
    pw_report_environment(team);
    PW_TRY(pw_agree(team, name_table(options, &csv)));
    PW_TRY(plan(&s));
    if (!options->dry_run) {
        PW_TRY(pw_job_check_outputs(&s.job));
        PW_TRY(pw_write_check(team, csv));
    }
    PW_TRY(pw_job_read(&s.job));
    PW_TRY(choose_items(&s));
    PW_TRY(pw_job_summarise(&s.job));
    PW_TRY(pw_job_weigh(&s.job));
    PW_TRY(pw_parts_plan(&s.job, s.ks, s.k, &s.parts));
    if (options->dry_run) {
        code = tell(&s);
        goto done;
    }
    PW_TRY(pw_bound_find(&s.job, s.k[s.ks - 1]));
    PW_TRY(run_and_write(&s, csv));
    code = pw_job_outcome(&s.job);
done:
    pw_ensemble_destroy(&s.ensemble);
    pw_parts_destroy(&s.parts);
    pw_job_destroy(&s.job);
    free(s.k);
    free(s.item);
    free(s.row);
    free(csv);
    return code;
}
