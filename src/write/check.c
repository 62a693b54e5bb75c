/* Before a long run: could its result be written at the end? */
#include "store/output.h"
#include "write/write.h"

pw_code pw_write_check(pw_team *team, const char *path)
{
    return pw_output_check(team, path);
}
