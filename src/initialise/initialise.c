/* First factors: given ones, else random ones; and then what is given in any case. */
#include "initialise/initialise.h"

pw_code pw_initialise(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                      const pw_options *options, pw_model *model)
{
    pw_code code = PW_OK;
    if (options->init_file)
        PW_TRY(pw_initialise_file(team, V, options->init_file, model));
    else
        pw_initialise_random(V, summary, model);
    PW_TRY(pw_initialise_fixed(team, V, options, false, model));
done:
    return code;
}
