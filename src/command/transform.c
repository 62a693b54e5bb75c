/* partwise transform MODEL V2 -o OUT.h5: the fit of new data with one factor of MODEL given, by the options that MODEL
 * was made with. */
#include "command/command.h"
#include "command/environment.h"
#include "command/job.h"
#include "initialise/earlier.h"

pw_code pw_command_transform(pw_team *team, const pw_options *options)
{
    pw_options fit = {.command = PW_COMMAND_FIT};
    pw_job job;
    pw_code code = PW_OK;
    pw_job_create(team, &fit, &job);
    pw_report_environment(team);
    PW_TRY(pw_earlier_options(team, options, &fit));
    PW_TRY(pw_job_check_outputs(&job));
    PW_TRY(pw_job_read(&job));
    PW_TRY(pw_job_allocate(&job)); /* does it all fit? */
    PW_TRY(pw_job_summarise(&job));
    PW_TRY(pw_earlier_check(team, options, &job.V));
    PW_TRY(pw_earlier_weights(team, options, &fit, &job.V));
    PW_TRY(pw_job_weigh(&job));
    PW_TRY(pw_job_initialise(&job));
    PW_TRY(pw_job_iterate(&job));
    PW_TRY(pw_job_write(&job));
    pw_job_report(&job);
    code = pw_job_outcome(&job);
done:
    pw_job_destroy(&job);
    pw_options_destroy(&fit);
    return code;
}
