/* First factors: given ones, or those that the method selects, or those of --init; and then what is given in any case. */
#include "initialise/initialise.h"

#include "update/update.h"

static bool needs_positive(const pw_options *options)
{
    return (pw_method_at(options->method)->traits & PW_MULTIPLIES) ||
           options->loss != PW_LOSS_FROBENIUS;
}

static pw_code start_random(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                            const pw_options *options, pw_model *model)
{
    (void)team;
    (void)options;
    pw_initialise_random(V, summary, model);
    return PW_OK;
}

/* As --init says. All but the random one may leave zeros. */
static pw_code start(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                     const pw_options *options, pw_model *model)
{
    static const pw_start STARTS[] = {
        [PW_INIT_RANDOM] = start_random,           [PW_INIT_SPA] = pw_initialise_spa,
        [PW_INIT_NNDSVD] = pw_initialise_nndsvd,   [PW_INIT_NNDSVDA] = pw_initialise_nndsvd,
        [PW_INIT_NNDSVDAR] = pw_initialise_nndsvd,
    };
    const pw_code code = STARTS[options->init](team, V, summary, options, model);
    if (code == PW_OK && options->init != PW_INIT_RANDOM && needs_positive(options))
        pw_initialise_positive(team, V, model);
    return code;
}

/* With a factor that is given, as for new data, there is nothing to select. */
static bool selects(const pw_options *options)
{
    return (pw_method_at(options->method)->traits & PW_SELECTS) && !options->fix_w &&
           !options->fix_h;
}

pw_code pw_initialise(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                      const pw_options *options, pw_model *model)
{
    pw_code code = PW_OK;
    if (options->init_file)
        PW_TRY(pw_initialise_file(team, V, options->init_file, model));
    else if (selects(options))
        PW_TRY(pw_initialise_selected(team, V, summary, options, model));
    else
        PW_TRY(start(team, V, summary, options, model));
    PW_TRY(pw_initialise_fixed(team, V, options, false, model));
done:
    return code;
}
