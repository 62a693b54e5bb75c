/* Which options belong to which kind of generated data. */
#include "base/options_find.h"
#include "base/options_sources.h"
#include "base/options_value.h"

#define KIND(name) (1u << PW_KIND_##name)

enum {
    SIZED = KIND(LOWRANK) | KIND(SPARSE) | KIND(MIXTURE) | KIND(BICLUSTERS) | KIND(HYPERSPECTRAL),
    DISTURBED =
        KIND(SWIMMER) | KIND(LOWRANK) | KIND(SPARSE) | KIND(MIXTURE) | KIND(BICLUSTERS) | KIND(SBM)
};

static const struct {
    const char *name;
    unsigned kinds;
} USES[] = {{"rows", SIZED | KIND(SBM)},           {"columns", SIZED},    {"k", SIZED | KIND(SBM)},
            {"density", KIND(SPARSE) | KIND(SBM)}, {"mixing", KIND(SBM)}, {"noise", DISTURBED},
            {"snr", KIND(HYPERSPECTRAL)}};

pw_code pw_options_check_kind(const pw_option_reading *reading)
{
    char users[PW_CHOICES_LENGTH];
    pw_options *o = reading->options;
    if (reading->command != PW_COMMAND_GENERATE)
        return PW_OK;
    const pw_option *kind = pw_option_find("kind", PW_COMMAND_GENERATE);
    for (size_t i = 0; i < sizeof USES / sizeof *USES; i++)
        if (pw_option_is_given(reading, USES[i].name) && !(USES[i].kinds >> o->kind & 1)) {
            pw_option_list(kind->choices, USES[i].kinds, " and ", users, sizeof users);
            return pw_fail(PW_ERROR_USAGE,
                           "--%s: this kind of data does not use it; it belongs to %s.",
                           USES[i].name, users);
        }
    if (o->kind == PW_KIND_SBM && o->k == 1 && pw_option_is_given(reading, "mixing"))
        return pw_fail(PW_ERROR_USAGE, "--mixing: no edge leaves a single block; take k above 1.");
    if (o->kind == PW_KIND_SBM) /* for the record */
        o->columns = o->rows;
    return PW_OK;
}
