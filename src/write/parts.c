/* The parts of a result: factors, names, history, options, timings. */
#include "write/parts.h"

#include "base/memory.h"
#include "base/methods.h"
#include "dist/collective.h"
#include "dist/timings.h"
#include "matrix/factors.h"

#include <stdio.h>
#include <string.h>

enum { SMALL_PARTS_BYTES = 1 << 18 }; /* attributes, timings and HDF5's own records */

/* ---- size ---- */

int64_t pw_write_names_bytes(pw_team *team, const pw_names *names)
{
    int64_t length = 1;
    for (int64_t i = 0; i < names->count && names->total > 0; i++)
        if (names->offset[i + 1] - names->offset[i] > length)
            length = names->offset[i + 1] - names->offset[i];
    pw_reduce_max_int(team, &length, 1);
    return names->total * length;
}

int64_t pw_write_model_bytes(const pw_matrix *V, const pw_model *model)
{
    const int64_t numbers = (V->rows + V->cols + 1) * (model->k + 1) + 6 * model->history.count;
    return numbers * (int64_t)sizeof(double);
}

int64_t pw_write_run_bytes(pw_team *team, const pw_result *result)
{
    const pw_matrix *V = result->V;
    return pw_write_names_bytes(team, &V->row_names) +
           pw_write_names_bytes(team, &V->column_names) + SMALL_PARTS_BYTES;
}

/* ---- factors and names ---- */

static pw_part part_of(pw_factor_part factor)
{
    return (pw_part){.total = factor.total, .first = factor.first, .count = factor.count};
}

pw_code pw_write_factors(pw_team *team, pw_writer *writer, const pw_matrix *V,
                         const pw_model *model, const char *W_name, const char *H_name)
{
    const pw_factor_part W = pw_factor_W(team, V, model), H = pw_factor_H(team, V, model);
    const pw_code code = pw_writer_rows(writer, W_name, part_of(W), model->k, PW_F64, W.X);
    return code == PW_OK ? pw_writer_columns(writer, H_name, model->k, part_of(H), H.X) : code;
}

pw_code pw_write_names(pw_writer *writer, const char *name, const pw_names *names)
{
    const pw_part part = {.total = names->total, .first = names->first, .count = names->count};
    return names->total > 0 ? pw_writer_texts(writer, name, part, names->offset, names->text)
                            : PW_OK;
}

/* ---- biases ---- */

pw_code pw_write_biases(pw_team *team, pw_writer *writer, const pw_matrix *V, const pw_model *model,
                        const char *group)
{
    const pw_model bias = pw_bias_vectors(model);
    char name[PW_PLACE];
    pw_code code = PW_OK;
    if (!bias.distributed)
        return PW_OK;
    const pw_factor_part rows = pw_factor_W(team, V, &bias);
    const pw_factor_part columns = pw_factor_H(team, V, &bias);
    PW_TRY(pw_writer_attribute_double(writer, group, "offset", model->bias.offset));
    PW_TRY(pw_writer_list(writer, pw_place_name(group, "row_bias", name), part_of(rows), PW_F64,
                          PW_F64, rows.X));
    PW_TRY(pw_writer_list(writer, pw_place_name(group, "column_bias", name), part_of(columns),
                          PW_F64, PW_F64, columns.X));
done:
    return code;
}

/* Penalties that the run chose. */
static pw_code write_penalties(pw_writer *writer, const char *group, const pw_result *result,
                               const pw_model *model)
{
    if (result->options->method != PW_METHOD_ccd)
        return PW_OK;
    const pw_code code = pw_writer_attribute_double(writer, group, "l2_w", model->l2_w);
    return code == PW_OK ? pw_writer_attribute_double(writer, group, "l2_h", model->l2_h) : code;
}

pw_code pw_write_scale(pw_team *team, pw_writer *writer, const char *group, const pw_result *result,
                       const pw_model *model)
{
    const pw_part part = {.total = model->k, .count = team->rank == 0 ? model->k : 0};
    const char *side = result->options->normalise_side == PW_FACTOR_H ? "h" : "w";
    char name[PW_PLACE];
    if (!model->scale)
        return PW_OK;
    pw_place_name(group, "scale", name);
    const pw_code code = pw_writer_list(writer, name, part, PW_F64, PW_F64, model->scale);
    return code == PW_OK ? pw_writer_attribute_text(writer, name, "side", side) : code;
}

/* ---- history ---- */

static double history_value(const pw_history_row *row, int column)
{
    const double values[] = {row->seconds, row->objective, row->relative_error,
                             row->projected_gradient, row->holdout_error};
    return values[column];
}

/* Rank 0's: the others have the same but for their clocks. The last column is there only where entries are held out. */
static pw_code write_history(pw_team *team, pw_writer *writer, const char *group,
                             const pw_result *result, const pw_model *model)
{
    static const char *const COLUMNS[] = {"history/seconds", "history/objective",
                                          "history/relative_error", "history/projected_gradient",
                                          "history/holdout_error"};
    const int columns =
        (int)(sizeof COLUMNS / sizeof *COLUMNS) - (result->options->holdout > 0 ? 0 : 1);
    const pw_history *history = &model->history;
    const pw_part part = {.total = history->count, .count = team->rank == 0 ? history->count : 0};
    int64_t *iteration = NULL;
    double *value = NULL;
    char name[PW_PLACE];
    pw_code code = PW_OK;
    PW_TRY(pw_writer_group(writer, pw_place_name(group, "history", name)));
    code = PW_NEW(iteration, history->count);
    if (code == PW_OK)
        code = PW_NEW(value, history->count);
    PW_TRY(pw_agree(team, code));
    for (int64_t i = 0; i < history->count; i++)
        iteration[i] = history->row[i].iteration;
    PW_TRY(pw_writer_list(writer, pw_place_name(group, "history/iteration", name), part, PW_I64,
                          PW_I64, iteration));
    for (int c = 0; c < columns; c++) {
        for (int64_t i = 0; i < history->count; i++)
            value[i] = history_value(&history->row[i], c);
        PW_TRY(pw_writer_list(writer, pw_place_name(group, COLUMNS[c], name), part, PW_F64, PW_F64,
                              value));
    }
done:
    free(iteration);
    free(value);
    return code;
}

/* ---- options ---- */

static pw_code write_option(void *context, const char *name, const char *value, bool identity)
{
    (void)identity;
    return pw_writer_attribute_text(context, "/options", name, value);
}

static pw_code write_options(pw_writer *writer, const pw_options *options)
{
    const pw_code code = pw_writer_group(writer, "/options");
    return code == PW_OK ? pw_options_visit(options, write_option, writer) : code;
}

/* ---- timings ---- */

static pw_code write_phase_names(pw_team *team, pw_writer *writer)
{
    const pw_part part = {.total = PW_PHASE_COUNT, .count = team->rank == 0 ? PW_PHASE_COUNT : 0};
    pw_names names = {.total = PW_PHASE_COUNT};
    pw_code code = PW_OK;
    for (int p = 0; p < PW_PHASE_COUNT && code == PW_OK; p++)
        code = pw_names_add(&names, pw_phase_text(p), (int64_t)strlen(pw_phase_text(p)));
    code = pw_agree(team, code);
    if (code == PW_OK)
        code = pw_writer_texts(writer, "/timings/phase", part, names.offset, names.text);
    pw_names_destroy(&names);
    return code;
}

static pw_code write_timings(pw_team *team, pw_writer *writer)
{
    const pw_part part = {.total = PW_PHASE_COUNT, .count = team->rank == 0 ? PW_PHASE_COUNT : 0};
    pw_timing timing[PW_PHASE_COUNT];
    double least[PW_PHASE_COUNT], mean[PW_PHASE_COUNT], most[PW_PHASE_COUNT];
    pw_code code = PW_OK;
    pw_timings_reduce(team, timing);
    for (int p = 0; p < PW_PHASE_COUNT; p++) {
        least[p] = timing[p].min;
        mean[p] = timing[p].mean;
        most[p] = timing[p].max;
    }
    PW_TRY(pw_writer_group(writer, "/timings"));
    PW_TRY(write_phase_names(team, writer));
    PW_TRY(pw_writer_list(writer, "/timings/min", part, PW_F64, PW_F64, least));
    PW_TRY(pw_writer_list(writer, "/timings/mean", part, PW_F64, PW_F64, mean));
    PW_TRY(pw_writer_list(writer, "/timings/max", part, PW_F64, PW_F64, most));
done:
    return code;
}

/* ---- all ---- */

/* How many entries the figures are of, where that is not m · n. */
static pw_code write_counts(pw_writer *writer, const char *group, const pw_result *result,
                            const pw_model *model)
{
    pw_code code = PW_OK;
    if (!pw_matrix_misses(result->V))
        return PW_OK;
    PW_TRY(pw_writer_attribute_int(writer, group, "observed", (int64_t)result->summary->observed));
    if (result->options->holdout > 0) {
        PW_TRY(pw_writer_attribute_int(writer, group, "held_out", result->summary->held_out));
        PW_TRY(pw_writer_attribute_double(writer, group, "holdout_error", model->holdout_error));
    }
done:
    return code;
}

static pw_code write_figures(pw_writer *writer, const char *group, const pw_result *result,
                             const pw_model *model)
{
    pw_code code = PW_OK;
    PW_TRY(pw_writer_attribute_int(writer, group, "seed", (int64_t)model->seed));
    PW_TRY(pw_writer_attribute_int(writer, group, "iterations", model->iteration));
    PW_TRY(pw_writer_attribute_double(writer, group, "objective", model->objective));
    PW_TRY(pw_writer_attribute_double(writer, group, "relative_error", model->relative_error));
    PW_TRY(
        pw_writer_attribute_double(writer, group, "projected_gradient", model->projected_gradient));
    PW_TRY(write_counts(writer, group, result, model));
done:
    return code;
}

pw_code pw_write_parts(pw_team *team, pw_writer *writer, const char *group, const pw_result *result,
                       const pw_model *model)
{
    char W[PW_PLACE], H[PW_PLACE];
    pw_code code = PW_OK;
    PW_TRY(write_figures(writer, group, result, model));
    PW_TRY(pw_write_factors(team, writer, result->V, model, pw_place_name(group, "W", W),
                            pw_place_name(group, "H", H)));
    PW_TRY(write_penalties(writer, group, result, model));
    PW_TRY(pw_write_biases(team, writer, result->V, model, group));
    PW_TRY(pw_write_anchors(team, writer, group, result->options, result->V, model));
    PW_TRY(write_history(team, writer, group, result, model));
done:
    return code;
}

pw_code pw_write_run(pw_team *team, pw_writer *writer, const pw_result *result)
{
    pw_code code = PW_OK;
    PW_TRY(pw_write_names(writer, "/row_names", &result->V->row_names));
    PW_TRY(pw_write_names(writer, "/col_names", &result->V->column_names));
    PW_TRY(write_options(writer, result->options));
    PW_TRY(pw_write_provenance(team, writer, result));
    PW_TRY(write_timings(team, writer));
done:
    return code;
}

pw_code pw_write_head(pw_team *team, pw_writer *writer, const char *kind, const pw_result *result)
{
    pw_code code = PW_OK;
    PW_TRY(pw_writer_attribute_text(writer, "/", "partwise", kind));
    PW_TRY(pw_write_weight(team, writer, result->V));
    PW_TRY(pw_write_run(team, writer, result));
done:
    return code;
}
