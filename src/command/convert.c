/* partwise convert IN OUT: read → look → write, each rank its own rows. Entries that V may not
 * have are converted as they are, with a warning. */
#include "command/command.h"
#include "matrix/summary.h"
#include "read/read.h"
#include "write/write.h"

#include <inttypes.h>

static void warn_of_bad_entries(pw_team *team, const pw_matrix *V, const pw_summary *summary)
{
    if (pw_summary_check(V, summary) != PW_OK)
        pw_log_warn(&team->log, "%s It is converted as it is; fit will refuse it.", pw_failure());
}

pw_code pw_command_convert(pw_team *team, const pw_options *options)
{
    pw_options by_rows = *options; /* borrows its texts */
    by_rows.distribute = PW_DISTRIBUTE_ROWS;
    pw_matrix V = {.rows = 0};
    pw_summary summary;
    pw_code code = PW_OK;
    PW_TRY(pw_write_check(team, options->output));
    PW_TRY(pw_matrix_read(team, &by_rows, &V));
    PW_TRY(pw_matrix_summarise(team, &V, &summary));
    warn_of_bad_entries(team, &V, &summary);
    PW_TRY(pw_write_matrix(team, options->output, &V));
    pw_log_say(&team->log, "%s: %" PRId64 " x %" PRId64 ", %s %s, %" PRId64 " nonzeros",
               options->output, V.rows, V.cols, V.sparse ? "sparse" : "dense", pw_type_text(V.type),
               summary.nonzeros);
done:
    pw_matrix_destroy(&V);
    return code;
}
