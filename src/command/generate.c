/* partwise generate KIND -o V.h5: make → write, each rank its own rows; the planted answer goes
 * into the same file. */
#include "command/command.h"
#include "command/planted.h"
#include "write/write.h"

#include <inttypes.h>

pw_code pw_command_generate(pw_team *team, const pw_options *options)
{
    pw_matrix V = {.rows = 0};
    pw_planted planted = {.count = 0};
    pw_code code = PW_OK;
    PW_TRY(pw_write_check(team, options->output));
    PW_TRY(pw_generate(team, options, &V, &planted));
    PW_TRY(pw_planted_write(team, options, &V, &planted));
    pw_log_say(&team->log, "%s: %" PRId64 " x %" PRId64 ", %s %s, %" PRId64 " entries",
               options->output, V.rows, V.cols, V.sparse ? "sparse" : "dense", pw_type_text(V.type),
               V.entries);
done:
    pw_planted_destroy(&planted);
    pw_matrix_destroy(&V);
    return code;
}
