/* What models are fitted to: V itself, or resamples of it. */
#include "base/memory.h"
#include "dist/collective.h"
#include "iterate/state.h"
#include "matrix/perturb.h"

#include <math.h>

/* A failure leaves nothing behind. */
static pw_code create(const pw_batch *batch, const pw_summary *summary, uint64_t seed,
                      pw_data **data)
{
    pw_data *d;
    pw_code code = PW_NEW(d, 1);
    PW_TRY(pw_agree(batch->team, code));
    *d = (pw_data){.V = pw_matrix_resample(batch->V, batch->perturb, batch->delta, seed),
                   .summary = *summary,
                   .reference = NAN};
    if (batch->perturb != PW_PERTURB_NOT)
        PW_TRY(pw_perturb_summarise(batch->team, &d->V, &d->summary));
    *data = d;
    d = NULL;
done:
    free(d);
    return code;
}

pw_code pw_data_find(pw_batch *batch, const pw_summary *summary, uint64_t seed, pw_data **data)
{
    const uint64_t own = batch->perturb == PW_PERTURB_NOT ? 0 : seed;
    pw_data *d = batch->data;
    while (d && d->V.perturb.seed != own)
        d = d->next;
    pw_code code = PW_OK;
    if (!d) {
        PW_TRY(create(batch, summary, own, &d));
        d->next = batch->data;
        batch->data = d;
    }
    *data = d;
done:
    return code;
}

void pw_data_destroy(pw_data *data)
{
    while (data) {
        pw_data *next = data->next;
        free(data);
        data = next;
    }
}
