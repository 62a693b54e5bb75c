/* Components that are given: the first columns of W or rows of H, out of a file. */
#include "initialise/initialise.h"

#include "dist/collective.h"
#include "initialise/factors.h"

/* Collective. Sets `*components`. */
static pw_code take(pw_team *team, const pw_matrix *V, const char *path, const char *name,
                    pw_factor_part part, int k, int *components)
{
    pw_reader *reader = NULL;
    pw_code code = pw_reader_open(path, &reader);
    if (code == PW_OK)
        code = pw_factor_components(reader, name, V, k, components);
    PW_TRY(pw_agree(team, code));
    PW_TRY(pw_factor_take(team, reader, name, part, k, *components));
done:
    pw_reader_close(&reader);
    return code;
}

/* One factor as the model holds it. */
typedef struct factor {
    double *X; /* rows × k */
    int64_t rows;
    int fixed;
    bool distributed;
} factor;

/* Collective. A component that is given as zeros teaches nothing about the other factor, where it becomes zero too. */
static void clear_partner(pw_team *team, factor given, factor other, int k)
{
    for (int c = other.fixed; c < given.fixed; c++) {
        double largest = 0;
        for (int64_t i = 0; i < given.rows; i++)
            largest = given.X[i * k + c] > largest ? given.X[i * k + c] : largest;
        if (given.distributed)
            pw_reduce_max(team, &largest, 1);
        for (int64_t i = 0; i < other.rows && largest == 0; i++)
            other.X[i * k + c] = 0;
    }
}

static void clear_partners(pw_team *team, const pw_matrix *V, pw_model *model)
{
    const bool by_columns = V->transposed;
    const factor distributed = {model->distributed, V->count,
                                by_columns ? model->fixed_h : model->fixed_w, true};
    const factor replicated = {model->replicated, V->cols,
                               by_columns ? model->fixed_w : model->fixed_h, false};
    clear_partner(team, distributed, replicated, model->k);
    clear_partner(team, replicated, distributed, model->k);
}

/* Collective. Both sides of the options. */
static pw_code take_both(pw_team *team, const pw_matrix *V, const pw_options *options,
                         pw_model *model)
{
    pw_code code = PW_OK;
    if (options->fix_w)
        PW_TRY(take(team, V, options->fix_w, "/W", pw_factor_W(team, V, model), model->k,
                    &model->fixed_w));
    if (options->fix_h)
        PW_TRY(take(team, V, options->fix_h, "/H", pw_factor_H(team, V, model), model->k,
                    &model->fixed_h));
    pw_factors_replicate(team, V, model);
    clear_partners(team, V, model);
done:
    return code;
}

pw_code pw_initialise_fixed(pw_team *team, const pw_matrix *V, const pw_options *options,
                            bool resumed, pw_model *model)
{
    if (!options->fix_w && !options->fix_h)
        return PW_OK;
    const uint64_t before = resumed ? pw_model_checksum(team, V, model) : 0;
    const pw_code code = take_both(team, V, options, model);
    if (code != PW_OK || !resumed || pw_model_checksum(team, V, model) == before)
        return code;
    return pw_fail(PW_ERROR_CHECKPOINT,
                   "%s: is the checkpoint of another run: the components that were given there "
                   "are no longer those in %s. Take another --checkpoint, or remove it to start "
                   "anew.",
                   options->checkpoint, options->fix_h ? options->fix_h : options->fix_w);
}
