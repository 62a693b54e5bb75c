/* How a scan resamples V: "none", "poisson", "uniform:0.03". */
#include "base/options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

pw_code pw_options_perturb(const char *text, pw_perturb *kind, double *delta)
{
    static const char UNIFORM[] = "uniform:";
    const size_t length = sizeof UNIFORM - 1;
    *kind = PW_PERTURB_NOT;
    *delta = 0;
    if (!text || strcmp(text, "none") == 0)
        return PW_OK;
    if (strcmp(text, "poisson") == 0) {
        *kind = PW_PERTURB_POISSON;
        return PW_OK;
    }
    char *end = NULL;
    const char *number = text + length;
    if (strncmp(text, UNIFORM, length) == 0 && strspn(number, "0123456789+-.eE") == strlen(number))
        *delta = strtod(number, &end);
    if (!end || *end || !(*delta > 0 && *delta <= 1))
        return pw_fail(PW_ERROR_USAGE,
                       "--perturb: '%.100s' is neither none, poisson nor uniform:D with D above 0 "
                       "and at most 1.",
                       text);
    *kind = PW_PERTURB_UNIFORM;
    return PW_OK;
}

bool pw_options_resamples(const pw_options *options)
{
    pw_perturb kind;
    double delta;
    return pw_options_perturb(options->perturb, &kind, &delta) == PW_OK && kind != PW_PERTURB_NOT;
}
