#include "matrix/perturb.h"

#include "base/poisson.h"

#include <float.h>

pw_matrix pw_matrix_resample(const pw_matrix *V, pw_perturb kind, double delta, uint64_t seed)
{
    pw_matrix resample = *V;
    resample.perturb = (struct pw_resampling){.kind = kind, .delta = delta, .seed = seed};
    return resample;
}

/* Of the entry at row i, column j of V as the user sees it. */
static double draw(const struct pw_resampling *perturb, int64_t i, int64_t j, double v)
{
    const pw_random_key key = {.seed = perturb->seed,
                               .stream = PW_RANDOM_PERTURB,
                               .model = (uint32_t)(j >> 32) << 8}; /* leaves room for 256 draws */
    if (perturb->kind == PW_PERTURB_POISSON)
        return pw_random_poisson(key, i, (uint32_t)j, v);
    return v * (1 + perturb->delta * (2 * pw_random_uniform(key, i, (uint32_t)j) - 1));
}

void pw_perturb_apply(const pw_matrix *resample, int64_t row, const uint32_t *column, int64_t first,
                      int64_t count, double *v)
{
    const int64_t i = resample->first + row;
    for (int64_t e = 0; e < count; e++) {
        const int64_t j = column ? (int64_t)column[e] : first + e;
        if (v[e] > 0 && v[e] <= DBL_MAX)
            v[e] = draw(&resample->perturb, resample->transposed ? j : i,
                        resample->transposed ? i : j, v[e]);
    }
}

pw_code pw_perturb_summarise(pw_team *team, const pw_matrix *resample, pw_summary *summary)
{
    const uint64_t fingerprint = summary->fingerprint;
    const double sum = summary->sum;
    pw_code code = PW_OK;
    PW_TRY(pw_matrix_summarise(team, resample, summary));
    summary->fingerprint = fingerprint;
    PW_TRY(pw_summary_check(resample, summary));
    if (summary->sum <= 0 && sum > 0)
        code = pw_fail(PW_ERROR_INPUT,
                       "%s: the resample of seed %llu has nothing but zeros: the entries are too "
                       "small to be counts. Take --perturb uniform:D.",
                       resample->path ? resample->path : "V",
                       (unsigned long long)resample->perturb.seed);
done:
    return code;
}
