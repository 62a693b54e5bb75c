#include "matrix/transfer.h"

#include "base/memory.h"
#include "dist/collective.h"

/* How many of the `count` rows from `first` on rank `r` owns in the layout. */
static int64_t rows_of(const pw_layout *layout, int r, int64_t first, int64_t count)
{
    const int64_t begin = pw_layout_first(layout, r), end = begin + pw_layout_count(layout, r);
    const int64_t from = first > begin ? first : begin;
    const int64_t to = first + count < end ? first + count : end;
    return from < to ? to - from : 0;
}

/* A distributed factor: consecutive rows go to their new owners, and arrive there in the order of their senders, which
 * is theirs. */
static pw_code move_rows(pw_team *team, const pw_matrix *from, const pw_matrix *V, int k,
                         double **X)
{
    int64_t out[team->size], in[team->size];
    void *received = NULL;
    for (int r = 0; r < team->size; r++)
        out[r] = from ? rows_of(&V->layout, r, from->first, from->count) : 0;
    const pw_code code = pw_exchange(team, *X, out, (size_t)k * sizeof **X, &received, in);
    if (code != PW_OK)
        return code;
    free(*X);
    *X = received;
    return PW_OK;
}

/* What all ranks of the group have alike. */
static pw_code spread(pw_team *team, int owner, int64_t bytes, void **data)
{
    if (!*data)
        *data = pw_new(bytes, 1);
    const pw_code code = pw_agree(team, *data ? PW_OK : PW_ERROR_MEMORY);
    if (code == PW_OK)
        pw_broadcast(team, *data, bytes, owner);
    return code;
}

/* The owner's numbers, beside this rank's arrays; in the outcome pointers of `there` tell which arrays there are. */
static pw_model take_numbers(pw_team *team, int owner, pw_model *model)
{
    pw_model there = *model;
    const pw_model here = *model;
    pw_broadcast(team, &there, sizeof there, owner);
    *model = there;
    model->distributed = here.distributed;
    model->replicated = here.replicated;
    model->scale = here.scale;
    model->anchors = here.anchors;
    model->revivals = here.revivals;
    model->bias.distributed = here.bias.distributed;
    model->bias.replicated = here.bias.replicated;
    model->history.row = here.history.row;
    model->history.capacity = here.history.row ? here.history.capacity : there.history.count;
    return there;
}

pw_code pw_model_transfer(pw_team *team, const pw_matrix *from, int owner, const pw_matrix *V,
                          pw_model *model)
{
    const int64_t real = (int64_t)sizeof(double);
    pw_code code = PW_OK;
    pw_model_drop_momentum(model);
    const pw_model there = take_numbers(team, owner, model);
    if (!there.distributed)
        return PW_OK;
    PW_TRY(move_rows(team, from, V, there.k, &model->distributed));
    PW_TRY(spread(team, owner, V->cols * there.k * real, (void **)&model->replicated));
    PW_TRY(
        spread(team, owner, there.k * (int64_t)sizeof *model->revivals, (void **)&model->revivals));
    if (there.scale)
        PW_TRY(spread(team, owner, there.k * real, (void **)&model->scale));
    if (there.anchors)
        PW_TRY(spread(team, owner, there.k * (int64_t)sizeof *model->anchors,
                      (void **)&model->anchors));
    if (there.history.row)
        PW_TRY(spread(team, owner, there.history.count * (int64_t)sizeof *model->history.row,
                      (void **)&model->history.row));
    if (there.bias.distributed) {
        PW_TRY(move_rows(team, from, V, 1, &model->bias.distributed));
        PW_TRY(spread(team, owner, V->cols * real, (void **)&model->bias.replicated));
    }
done:
    return code;
}
