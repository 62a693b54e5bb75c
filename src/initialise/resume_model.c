/* One model of a checkpoint. Rank 0 reads what is small; then every rank reads its part of the factors, and all compare
 * the checksum. */
#include "base/memory.h"
#include "base/methods.h"
#include "dist/collective.h"
#include "initialise/factors.h"
#include "initialise/resume.h"
#include "store/place.h"

#include <string.h>

/* Where the model stands. */
typedef struct source {
    pw_reader *reader;
    const char *group;
    char state[PW_PLACE];          /* its group */
    char W[PW_PLACE], H[PW_PLACE]; /* of its momentum */
} source;

static source source_of(pw_reader *reader, const char *group)
{
    source s = {.reader = reader, .group = group};
    pw_place_name(group, "state", s.state);
    pw_place_name(s.state, "W", s.W);
    pw_place_name(s.state, "H", s.H);
    return s;
}

/* ---- state and history (rank 0) ---- */

static bool read_double(pw_reader *reader, const char *group, const char *attribute, double *value)
{
    return pw_reader_attribute_doubles(reader, group, attribute, 1, value) == 1;
}

static bool read_int(const source *s, const char *attribute, int64_t *value)
{
    return pw_reader_attribute_ints(s->reader, s->state, attribute, 1, value) == 1;
}

static pw_code read_state(const source *s, const pw_options *options, pw_model *model)
{
    pw_reader *reader = s->reader;
    int64_t revived = 0, adapted = 0, reason = PW_REASON_NONE, finished = 0;
    char name[PW_PLACE];
    const bool whole =
        read_int(s, "revived", &revived) && read_int(s, "iteration", &model->iteration) &&
        read_double(reader, s->state, "seconds", &model->seconds) &&
        read_double(reader, s->state, "first_residual", &model->first_residual) &&
        read_double(reader, s->state, "alpha", &model->alpha) &&
        read_double(reader, s->group, "objective", &model->objective) &&
        read_double(reader, s->group, "relative_error", &model->relative_error) &&
        read_double(reader, s->group, "projected_gradient", &model->projected_gradient) &&
        (!(options->holdout > 0) ||
         read_double(reader, s->group, "holdout_error", &model->holdout_error));
    read_int(s, "adapted", &adapted);
    read_int(s, "reason", &reason);
    read_int(s, "finished", &finished);
    model->revived = revived != 0;
    model->adapted = adapted != 0;
    model->reason = (pw_reason)reason;
    model->finished = finished != 0;
    return whole && reason >= PW_REASON_NONE && reason <= PW_REASON_HOLDOUT
               ? pw_reader_range(reader, pw_place_name(s->state, "revivals", name), 0, model->k,
                                 PW_I64, model->revivals)
               : pw_resume_damaged(reader, "the state of the run is incomplete");
}

/* Of a run that extrapolated; whether this one does is decided. */
static pw_code read_momentum(const source *s, const pw_matrix *V, pw_model *model)
{
    pw_momentum *m = &model->momentum;
    if (!m->distributed || !pw_reader_has_attribute(s->reader, s->state, "beta"))
        return PW_OK;
    const bool whole = read_double(s->reader, s->state, "beta", &m->beta) &&
                       read_double(s->reader, s->state, "last_beta", &m->last) &&
                       read_double(s->reader, s->state, "most_beta", &m->most);
    return whole ? pw_factors_check(s->reader, (pw_factor_names){s->W, s->H}, V, model->k)
                 : pw_resume_damaged(s->reader, "its momentum is incomplete");
}

/* Penalties that the run chose. */
static pw_code read_penalties(const source *s, const pw_options *options, pw_model *model)
{
    if (options->method != PW_METHOD_ccd)
        return PW_OK;
    return read_double(s->reader, s->group, "l2_w", &model->l2_w) &&
                   read_double(s->reader, s->group, "l2_h", &model->l2_h)
               ? PW_OK
               : pw_resume_damaged(s->reader, "its penalties are missing");
}

/* One column of the history into a field of its rows. */
static pw_code read_column(pw_reader *reader, const char *name, pw_history *history, size_t offset,
                           double *buffer)
{
    const pw_code code = pw_reader_range(reader, name, 0, history->count, PW_F64, buffer);
    for (int64_t i = 0; code == PW_OK && i < history->count; i++)
        memcpy((char *)&history->row[i] + offset, &buffer[i], sizeof *buffer);
    return code;
}

/* `most`: what a run of so many iterations can have. The last column is there only where entries are held out. */
static pw_code read_history(const source *s, const pw_options *options, int64_t most,
                            pw_history *history)
{
    static const struct {
        const char *name;
        size_t offset;
    } COLUMNS[] = {
        {"history/seconds", offsetof(pw_history_row, seconds)},
        {"history/objective", offsetof(pw_history_row, objective)},
        {"history/relative_error", offsetof(pw_history_row, relative_error)},
        {"history/projected_gradient", offsetof(pw_history_row, projected_gradient)},
        {"history/holdout_error", offsetof(pw_history_row, holdout_error)},
    };
    pw_dataset found;
    int64_t *iteration = NULL;
    double *buffer = NULL;
    char name[PW_PLACE];
    pw_code code = PW_OK;
    pw_place_name(s->group, "history/iteration", name);
    PW_TRY(pw_reader_describe(s->reader, name, &found));
    if (found.dimensions != 1 || found.extent[0] > most)
        PW_TRY(pw_resume_damaged(s->reader, "its history is no list of its iterations"));
    PW_TRY(PW_GROW(history->row, &history->capacity, found.extent[0]));
    history->count = found.extent[0];
    PW_TRY(PW_NEW(iteration, history->count));
    PW_TRY(PW_NEW(buffer, history->count));
    PW_TRY(pw_reader_range(s->reader, name, 0, history->count, PW_I64, iteration));
    for (int64_t i = 0; i < history->count; i++)
        history->row[i] = (pw_history_row){.iteration = iteration[i]};
    const size_t columns = sizeof COLUMNS / sizeof *COLUMNS - (options->holdout > 0 ? 0 : 1);
    for (size_t c = 0; c < columns; c++)
        PW_TRY(read_column(s->reader, pw_place_name(s->group, COLUMNS[c].name, name), history,
                           COLUMNS[c].offset, buffer));
done:
    free(iteration);
    free(buffer);
    return code;
}

/* Factors of a finished model may have been divided by it. */
static pw_code read_scale(const source *s, pw_model *model)
{
    char name[PW_PLACE];
    pw_code code = PW_OK;
    pw_place_name(s->group, "scale", name);
    if (!model->finished || pw_reader_kind(s->reader, name) != PW_OBJECT_DATASET)
        return PW_OK;
    PW_TRY(PW_NEW(model->scale, model->k));
    code = pw_reader_range(s->reader, name, 0, model->k, PW_F64, model->scale);
done:
    return code;
}

/* Rank 0. */
static pw_code read_head(const pw_wanted *w, const source *s, pw_model *model)
{
    char W[PW_PLACE], H[PW_PLACE];
    const pw_factor_names names = {pw_place_name(s->group, "W", W),
                                   pw_place_name(s->group, "H", H)};
    pw_code code = PW_OK;
    PW_TRY(read_state(s, w->options, model));
    PW_TRY(read_history(s, w->options, 2 * model->iteration + 2, &model->history));
    PW_TRY(pw_factors_check(s->reader, names, w->V, model->k));
    PW_TRY(read_momentum(s, w->V, model));
    PW_TRY(read_penalties(s, w->options, model));
    PW_TRY(read_scale(s, model));
done:
    return code;
}

/* ---- what rank 0 read to all ---- */

static void share_numbers(pw_team *team, pw_model *model)
{
    pw_momentum *momentum = &model->momentum;
    double *const number[] = {
        &model->seconds, &model->first_residual,     &model->objective, &model->relative_error,
        &model->alpha,   &model->projected_gradient, &momentum->beta,   &momentum->last,
        &momentum->most, &model->holdout_error,      &model->l2_w,      &model->l2_h};
    enum { NUMBERS = sizeof number / sizeof *number };
    double numbers[NUMBERS];
    int64_t counts[] = {model->iteration, model->revived, model->adapted, model->reason,
                        model->finished};
    for (int i = 0; i < NUMBERS; i++)
        numbers[i] = *number[i];
    pw_broadcast(team, numbers, sizeof numbers, 0);
    pw_broadcast(team, counts, sizeof counts, 0);
    for (int i = 0; i < NUMBERS; i++)
        *number[i] = numbers[i];
    model->iteration = counts[0];
    model->revived = counts[1] != 0;
    model->adapted = counts[2] != 0;
    model->reason = (pw_reason)counts[3];
    model->finished = counts[4] != 0;
    pw_broadcast(team, model->revivals, model->k * (int64_t)sizeof *model->revivals, 0);
}

static pw_code share_lists(pw_team *team, pw_model *model)
{
    pw_history *history = &model->history;
    int64_t lengths[] = {history->count, model->scale ? model->k : 0};
    pw_code code = PW_OK;
    pw_broadcast(team, lengths, sizeof lengths, 0);
    code = PW_GROW(history->row, &history->capacity, lengths[0]);
    if (code == PW_OK && lengths[1] > 0 && !model->scale)
        code = PW_NEW(model->scale, lengths[1]);
    PW_TRY(pw_agree(team, code));
    history->count = lengths[0];
    pw_broadcast(team, history->row, history->count * (int64_t)sizeof *history->row, 0);
    pw_broadcast(team, model->scale, lengths[1] * (int64_t)sizeof *model->scale, 0);
done:
    return code;
}

/* ---- factors ---- */

/* Collective over team. */
static pw_code read_factors(const pw_wanted *w, const source *s, pw_model *model)
{
    pw_model momentum = pw_momentum_factors(model), bias = pw_bias_vectors(model);
    char W[PW_PLACE], H[PW_PLACE];
    const pw_factor_names names = {pw_place_name(s->group, "W", W),
                                   pw_place_name(s->group, "H", H)};
    pw_code code = pw_factors_read(w->team, s->reader, names, w->V, model);
    if (code == PW_OK && momentum.distributed && model->momentum.beta > 0)
        code = pw_factors_read(w->team, s->reader, (pw_factor_names){s->W, s->H}, w->V, &momentum);
    if (code == PW_OK)
        code = pw_biases_read(w->team, s->reader, s->group, w->V, model);
    PW_TRY(pw_agree(w->team, code));
    const uint64_t sum = pw_model_checksum(w->team, w->V, model);
    if (!pw_resume_checksum_is(s->reader, s->state, "checksum", sum))
        code = pw_resume_damaged(s->reader, "the checksum of its factors is wrong");
    PW_TRY(pw_agree(w->team, code));
    pw_factors_replicate(w->team, w->V, model);
    if (momentum.distributed)
        pw_factors_replicate(w->team, w->V, &momentum);
    if (bias.distributed)
        pw_factors_replicate(w->team, w->V, &bias);
done:
    return code;
}

/* Forgets an attempt before: the room of the history must be the same on every rank. */
static void forget(pw_model *model)
{
    free(model->history.row);
    free(model->scale);
    model->history = (pw_history){.row = NULL};
    model->scale = NULL;
    model->momentum.beta = model->momentum.last = model->momentum.most = 0;
}

pw_code pw_resume_model(const pw_wanted *w, pw_reader *reader, const char *group, pw_model *model)
{
    const source s = source_of(reader, group);
    pw_code code = PW_OK;
    forget(model);
    PW_TRY(pw_agree(w->team, w->team->rank == 0 ? read_head(w, &s, model) : PW_OK));
    share_numbers(w->team, model);
    PW_TRY(share_lists(w->team, model));
    PW_TRY(read_factors(w, &s, model));
done:
    return code;
}
