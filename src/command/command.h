/* The commands of partwise, one file each: tables of contents of what happens to the data. */
#ifndef PW_COMMAND_COMMAND_H
#define PW_COMMAND_COMMAND_H

#include "base/options.h"
#include "dist/team.h"

/* Collective over team. Runs a command; on failure the code and text are the same on every rank. */
pw_code pw_command_fit(pw_team *team, const pw_options *options);
pw_code pw_command_scan(pw_team *team, const pw_options *options);
pw_code pw_command_svd(pw_team *team, const pw_options *options);
pw_code pw_command_transform(pw_team *team, const pw_options *options);
pw_code pw_command_convert(pw_team *team, const pw_options *options);
pw_code pw_command_generate(pw_team *team, const pw_options *options);
pw_code pw_command_info(pw_team *team, const pw_options *options);
pw_code pw_command_match(pw_team *team, const pw_options *options);
pw_code pw_command_cluster(pw_team *team, const pw_options *options);
pw_code pw_command_predict(pw_team *team, const pw_options *options);
pw_code pw_command_bench(pw_team *team, const pw_options *options);
pw_code pw_command_plan(pw_team *team, const pw_options *options);

#endif
