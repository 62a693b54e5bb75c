#include "command/command.h"
pw_code pw_command_scan(pw_team *team, const pw_options *options)
{
    (void)team;
    (void)options;
    return PW_OK;
}
