#include "cluster/cuts.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "matrix/visit.h"

typedef struct sums {
    const int32_t *row_label, *column_label; /* the same where the graph is that of the rows */
    double *inside, *outside;                /* k: Σ v_ij over j in and not in the cluster of i */
} sums;

static void add(void *context, int64_t row, int64_t column, double v)
{
    const sums *s = context;
    const int32_t own = s->row_label[row], other = s->column_label[column];
    (own == other ? s->inside : s->outside)[own] += v;
    if (s->row_label != s->column_label) /* the other end has no row of its own */
        (own == other ? s->inside : s->outside)[other] += v;
}

static double ratio(double cut, double of)
{
    return cut > 0 ? cut / of : 0;
}

pw_code pw_cuts_find(pw_team *team, const pw_matrix *V, int k, const int32_t *row_label,
                     const int32_t *column_label, pw_cuts *cuts)
{
    sums s = {.row_label = row_label, .column_label = column_label ? column_label : row_label};
    int64_t *size = NULL;
    pw_code code = PW_NEW(s.inside, 2 * (int64_t)k);
    if (code == PW_OK)
        code = PW_NEW(size, k);
    PW_TRY(pw_agree(team, code));
    s.outside = s.inside + k;
    pw_matrix_visit(V, add, &s);
    pw_reduce_sum(team, s.inside, 2 * (int64_t)k);
    for (int64_t i = 0; i < V->rows; i++)
        size[row_label[i]]++;
    for (int64_t j = 0; column_label && j < V->cols; j++)
        size[column_label[j]]++;
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

void pw_cuts_tell(const pw_cuts *cuts, pw_clustering *clustering)
{
    clustering->objective = cuts->normalised;
    pw_clustering_tell(clustering, "normalised_cut", cuts->normalised);
    pw_clustering_tell(clustering, "ratio_cut", cuts->ratio);
    pw_clustering_tell(clustering, "min_max_cut", cuts->min_max);
}
