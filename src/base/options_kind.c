/* Which options belong to which kind of generated data. */
#include "base/options_find.h"
#include "base/options_sources.h"
#include "base/options_value.h"

#include <string.h>

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

/* "sparse and sbm": the kinds of a set, in the order of the table of options. */
static void name_kinds(unsigned kinds, const char *const *names, char *text, size_t size)
{
    text[0] = '\0';
    for (int i = 0; kinds >> i; i++) {
        if (!(kinds >> i & 1))
            continue;
        const char *before = !text[0] ? "" : kinds >> (i + 1) ? ", " : " and ";
        strncat(text, before, size - strlen(text) - 1);
        strncat(text, names[i], size - strlen(text) - 1);
    }
}

pw_code pw_options_check_kind(const pw_option_reading *reading)
{
    char users[PW_CHOICES_LENGTH];
    pw_options *o = reading->options;
    if (reading->command != PW_COMMAND_GENERATE)
        return PW_OK;
    const pw_option *kind = pw_option_find("kind", PW_COMMAND_GENERATE);
    for (size_t i = 0; i < sizeof USES / sizeof *USES; i++)
        if (pw_option_is_given(reading, USES[i].name) && !(USES[i].kinds >> o->kind & 1)) {
            name_kinds(USES[i].kinds, kind->choices, users, sizeof users);
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
