/* partwise fit V -k K -o model.h5: read → initialise → iterate → write. */
#include "command/bound.h"
#include "command/command.h"
#include "command/environment.h"
#include "command/groups.h"
#include "command/job.h"
#include "command/plan.h"

pw_code pw_command_fit(pw_team *team, const pw_options *options)
{
    pw_job job;
    pw_code code = PW_OK;
    pw_job_create(team, options, &job);
    pw_report_environment(team);
    PW_TRY(pw_agree(team, pw_groups_check(team, options, options->restarts)));
    if (!options->dry_run)
        PW_TRY(pw_job_check_outputs(&job));
    PW_TRY(pw_job_read(&job));
    if (options->dry_run) {
        pw_plan_tell(&job);
        goto done;
    }
    PW_TRY(pw_job_allocate(&job)); /* does it all fit? */
    PW_TRY(pw_job_summarise(&job));
    PW_TRY(pw_job_weigh(&job));
    PW_TRY(pw_bound_find(&job, (int)options->k));
    PW_TRY(pw_job_initialise(&job));
    PW_TRY(pw_job_iterate(&job));
    PW_TRY(pw_job_write(&job));
    pw_job_report(&job);
    code = pw_job_outcome(&job);
done:
    pw_job_destroy(&job);
    return code;
}
