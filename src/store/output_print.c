#include "base/fault.h"
#include "store/output.h"

#include <errno.h>
#include <string.h>

/* Rank 0. */
static pw_code print_all(const pw_output *output, void (*print)(const void *context, FILE *file),
                         const void *context)
{
    FILE *file = pw_fault(PW_FAULT_WRITE) ? NULL : fopen(output->temporary, "w");
    if (!file)
        return pw_fail(PW_ERROR_OUTPUT, "%s: cannot be written.", output->path);
    print(context, file);
    const bool failed = ferror(file) != 0;
    if (fclose(file) != 0 || failed)
        return pw_fail(PW_ERROR_OUTPUT, "%s: cannot be written: %s. Make room, or write elsewhere.",
                       output->path, strerror(errno));
    return PW_OK;
}

pw_code pw_output_print(pw_team *team, const char *path, int64_t bytes,
                        void (*print)(const void *context, FILE *file), const void *context)
{
    pw_output output = {.path = NULL};
    pw_code code = PW_OK;
    PW_TRY(pw_output_open(team, path, bytes, &output));
    if (team->rank == 0)
        code = print_all(&output, print, context);
    PW_TRY(pw_agree(team, code));
    code = pw_output_publish(team, &output, false);
done:
    pw_output_discard(team, &output);
    return code;
}
