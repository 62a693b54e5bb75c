#include "cluster/cuts.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "matrix/visit.h"

typedef struct sums {
    const int32_t *label;
    double *inside, *outside; /* k: Σ v_ij over j in and not in the cluster of i */
} sums;

static void add(void *context, int64_t row, int64_t column, double v)
{
    const sums *s = context;
    const int32_t own = s->label[row];
    (own == s->label[column] ? s->inside : s->outside)[own] += v;
}

static double ratio(double cut, double of)
{
    return cut > 0 ? cut / of : 0;
}

pw_code pw_cuts_find(pw_team *team, const pw_matrix *V, int k, const int32_t *label, pw_cuts *cuts)
{
    sums s = {.label = label};
    int64_t *size = NULL;
    pw_code code = PW_NEW(s.inside, 2 * (int64_t)k);
    if (code == PW_OK)
        code = PW_NEW(size, k);
    PW_TRY(pw_agree(team, code));
    s.outside = s.inside + k;
    pw_matrix_visit(V, add, &s);
    pw_reduce_sum(team, s.inside, 2 * (int64_t)k);
    for (int64_t i = 0; i < V->rows; i++)
        size[label[i]]++;
    *cuts = (pw_cuts){.ratio = 0};
    for (int c = 0; c < k; c++) {
        cuts->normalised += ratio(s.outside[c], s.inside[c] + s.outside[c]);
        cuts->ratio += ratio(s.outside[c], (double)size[c]);
        cuts->min_max += ratio(s.outside[c], s.inside[c]);
    }
done:
    free(s.inside);
    free(size);
    return code;
}
