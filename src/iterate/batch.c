#include "iterate/batch.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "iterate/cost.h"
#include "iterate/state.h"
#include "matrix/share.h"

#include <omp.h>
#include <string.h>

/* Never less than the widest model by itself, and never more than all of them. */
int64_t pw_iterate_components(const pw_options *options, const pw_model *model, int64_t models)
{
    int64_t widest = 1, all = 0;
    for (int64_t i = 0; i < models; i++) {
        widest = model[i].k > widest ? model[i].k : widest;
        all += model[i].k;
    }
    if (pw_method_at(options->method)->missing == PW_SUMS_RANK_ONE)
        return widest; /* one model after the other */
    const int64_t most = PW_MOST_SIDE_BY_SIDE < all ? PW_MOST_SIDE_BY_SIDE : all;
    return most > widest ? most : widest;
}

/* Room for resampled tiles. */
static pw_code make_drawn_room(pw_batch *batch)
{
    pw_code code = PW_OK;
    if (batch->perturb == PW_PERTURB_NOT)
        return code;
    batch->drawn_room = pw_source_most_entries(&batch->source);
    PW_TRY(pw_memory_check(batch->team, 2 * batch->drawn_room * (int64_t)sizeof *batch->drawn,
                           batch->V->path, "resamples of a tile"));
    code = pw_agree(batch->team, PW_NEW(batch->drawn, 2 * batch->drawn_room));
done:
    return code;
}

/* Collective over team: rank 0 decides, as ranks may round differently. */
static pw_code choose_shards(pw_batch *batch)
{
    const pw_matrix *V = batch->V;
    pw_team *team = batch->team;
    const pw_cost_team ranks = {.ranks = team->size,
                                .threads = team->threads,
                                .latency = PW_COST_LATENCY,
                                .bandwidth = PW_COST_BANDWIDTH};
    pw_cost_work work = {.rows = V->rows,
                         .columns = V->cols,
                         .entries = (double)V->entries,
                         .sparse = V->sparse,
                         .options = batch->options};
    work = pw_cost_of_one(work, batch->models > 0 ? batch->model[0].k : 1); /* the widest */
    batch->row_cost = pw_cost_of_row(&work);
    batch->sharded = pw_cost_prefers_shards(&work, &ranks);
    pw_broadcast(team, &batch->sharded, sizeof batch->sharded, 0);
    if (!batch->sharded)
        return PW_OK;
    const pw_code code = pw_shards_create(team, V->cols, &batch->shards);
    if (code == PW_OK) {
        batch->from = pw_shards_from(&batch->shards);
        batch->to = pw_shards_to(&batch->shards);
    }
    return code;
}

/* Tiles among threads. */
static void share_rows(pw_batch *batch)
{
    const int threads = batch->team->threads;
#pragma omp parallel num_threads(threads)
    {
        const int thread = omp_get_thread_num();
        batch->scratch[thread].rows =
            pw_source_most_shared(&batch->source, batch->row_cost, threads, thread);
    }
}

pw_code pw_batch_create(pw_team *team, const pw_matrix *V, const pw_options *options,
                        const pw_iterate_hooks *hooks, pw_model *model, int64_t models,
                        pw_batch *batch)
{
    *batch = (pw_batch){.team = team,
                        .V = V,
                        .options = options,
                        .hooks = hooks,
                        .model = model,
                        .models = models,
                        .source = pw_source_of(V, team->threads),
                        .most = pw_iterate_components(options, model, models),
                        .message_length = PW_WISHES,
                        .to = V->cols,
                        .seconds_before = hooks ? hooks->seconds_before : 0};
    pw_code code = pw_options_perturb(options->perturb, &batch->perturb, &batch->delta);
    if (code == PW_OK)
        code = pw_workspace_create(&batch->source, team->threads, &batch->workspace);
    if (code == PW_OK)
        code = pw_progress_create(model, models, &batch->progress);
    if (code == PW_OK)
        code = PW_NEW(batch->scratch, team->threads);
    if (code == PW_OK)
        code = PW_GROW(batch->message, &batch->message_room, batch->message_length);
    code = pw_agree(team, code);
    if (code == PW_OK)
        code = choose_shards(batch);
    if (code == PW_OK)
        share_rows(batch);
    return code == PW_OK ? make_drawn_room(batch) : code;
}

void pw_batch_destroy(pw_batch *batch)
{
    while (batch->members > 0)
        pw_batch_leave(batch, batch->members - 1);
    for (int t = 0; batch->scratch && t < batch->team->threads; t++) {
        free(batch->scratch[t].work);
        free(batch->scratch[t].R);
    }
    free(batch->scratch);
    free(batch->member);
    free(batch->message);
    pw_shards_destroy(&batch->shards);
    free(batch->figures);
    pw_progress_destroy(&batch->progress);
    pw_joint_destroy(&batch->joint);
    pw_data_destroy(batch->data);
    free(batch->drawn);
    pw_workspace_destroy(&batch->workspace);
}

/* ---- who is in it ---- */

static int64_t figures_of(const pw_state *s)
{
    return PW_FIGURES + 2 * (int64_t)s->k;
}

/* Members' parts follow each other. */
static void bind_all(pw_batch *batch)
{
    double *P = batch->message, *tail = P + batch->P_length, *figures = batch->figures;
    batch->joint.K = 0;
    for (int i = 0; i < batch->members; i++) {
        pw_state *s = batch->member[i];
        pw_state_bind(s, P, tail, figures);
        P += s->P_length;
        tail += s->tail_length;
        figures += figures_of(s);
        s->offset = batch->joint.K;
        batch->joint.K += batch->joint.is_used ? s->k : 0;
    }
}

static pw_code make_room(pw_batch *batch, const pw_state *state)
{
    pw_code code = PW_GROW(batch->member, &batch->member_room, batch->members + 1);
    if (code == PW_OK)
        code = PW_GROW(batch->message, &batch->message_room,
                       batch->message_length + state->P_length + state->tail_length);
    if (code == PW_OK)
        code = PW_GROW(batch->figures, &batch->figures_room,
                       batch->figures_length + figures_of(state));
    return pw_agree(batch->team, code);
}

/* A gap at place `at` of the message, for which there is room; what follows moves on. */
static double *insert(pw_batch *batch, int64_t at, int64_t length)
{
    double *place = batch->message + at;
    memmove(place + length, place, (size_t)(batch->message_length - at) * sizeof *place);
    batch->message_length += length;
    return place;
}

/* What follows moves up. */
static void cut(pw_batch *batch, double *from, int64_t length)
{
    if (length == 0)
        return;
    const int64_t end = from - batch->message + length;
    memmove(from, from + length, (size_t)(batch->message_length - end) * sizeof *from);
    batch->message_length -= length;
}

pw_code pw_batch_join(pw_batch *batch, pw_state *state)
{
    const pw_code code = make_room(batch, state);
    if (code != PW_OK) {
        bind_all(batch); /* the message may have moved all the same */
        pw_state_destroy(state);
        free(state);
        return code;
    }
    insert(batch, batch->P_length, state->P_length); /* cleared by whose columns they are */
    batch->P_length += state->P_length;
    double *tail = insert(batch, batch->message_length - PW_WISHES, state->tail_length);
    memset(tail, 0, (size_t)state->tail_length * sizeof *tail);
    batch->member[batch->members++] = state;
    batch->figures_length += figures_of(state);
    batch->width += state->k;
    bind_all(batch);
    return PW_OK;
}

void pw_batch_leave(pw_batch *batch, int member)
{
    pw_state *s = batch->member[member];
    cut(batch, s->tail, s->tail_length);
    cut(batch, s->P, s->P_length);
    batch->P_length -= s->P_length;
    batch->figures_length -= figures_of(s);
    batch->width -= s->k;
    pw_state_destroy(s);
    free(s);
    batch->members--;
    memmove(batch->member + member, batch->member + member + 1,
            (size_t)(batch->members - member) * sizeof *batch->member);
    bind_all(batch);
}

/* ---- what they work in ---- */

pw_code pw_batch_fit(pw_batch *batch, int64_t work, int64_t width)
{
    pw_code code = PW_OK;
    for (int t = 0; t < batch->team->threads && code == PW_OK; t++) {
        pw_scratch *scratch = &batch->scratch[t];
        code = PW_GROW(scratch->work, &scratch->work_room, work);
        if (code == PW_OK)
            code = PW_GROW(scratch->R, &scratch->R_room, (scratch->rows + 1) * width);
    }
    return code;
}

int64_t pw_batch_bytes(const pw_batch *batch, int64_t width)
{
    int64_t rows = 0;
    for (int t = 0; t < batch->team->threads; t++)
        rows += batch->scratch[t].rows;
    return rows * width * (int64_t)sizeof *batch->scratch->R;
}

void pw_wishes_set(const pw_batch *batch, double wishes[PW_WISHES])
{
    const double now = pw_seconds(), limit = batch->options->max_seconds;
    const pw_iterate_hooks *hooks = batch->hooks;
    wishes[PW_WISH_STOP] = pw_signals_stop_wanted() || pw_meeting_stops(pw_batch_meeting(batch));
    if (batch->team->rank == 0) { /* one clock decides for all */
        wishes[PW_WISH_TIME_UP] =
            limit > 0 && batch->seconds_before + now - batch->started >= limit;
        wishes[PW_WISH_CHECKPOINT] =
            hooks && hooks->checkpoint && now - batch->checkpointed >= hooks->checkpoint_every;
    }
}
