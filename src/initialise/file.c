/* First factors out of a file: an earlier result, or /W and /H of any other program. */
#include "initialise/initialise.h"

#include "dist/collective.h"
#include "initialise/factors.h"

pw_code pw_initialise_file(pw_team *team, const pw_matrix *V, const char *path, pw_model *model)
{
    const pw_factor_names names = {"/W", "/H"};
    const int k = model->k;
    pw_reader *reader = NULL;
    pw_code code = pw_reader_open(path, &reader);
    if (code == PW_OK)
        code = pw_factors_check(reader, names, V, k);
    PW_TRY(pw_agree(team, code));
    PW_TRY(pw_factor_take(team, reader, "/W", pw_factor_W(team, V, model), k, k));
    PW_TRY(pw_factor_take(team, reader, "/H", pw_factor_H(team, V, model), k, k));
    pw_factors_replicate(team, V, model);
done:
    pw_reader_close(&reader);
    return code;
}
