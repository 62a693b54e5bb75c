/* First factors: a checkpoint of this run, else given factors, else random ones; and then what is given in any
 * case. */
#include "initialise/initialise.h"

pw_code pw_initialise(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                      const pw_options *options, pw_model *model, bool *resumed)
{
    pw_code code = PW_OK;
    *resumed = false;
    if (options->checkpoint)
        PW_TRY(pw_initialise_resume(team, V, summary, options, model, resumed));
    if (*resumed)
        pw_log_say(&team->log, "resumed from %s at iteration %lld", options->checkpoint,
                   (long long)model->iteration);
    else if (options->init_file)
        PW_TRY(pw_initialise_file(team, V, options->init_file, model));
    else
        pw_initialise_random(V, summary, model);
    PW_TRY(pw_initialise_fixed(team, V, options, *resumed, model));
done:
    return code;
}
