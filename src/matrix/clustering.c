#include "matrix/clustering.h"

#include "base/memory.h"
#include "dist/collective.h"

#include <assert.h>
#include <string.h>

pw_code pw_labelling_create(int64_t total, int64_t first, int64_t count, int k,
                            pw_labelling *labelling)
{
    *labelling = (pw_labelling){.total = total, .first = first, .count = count};
    const pw_code code = PW_NEW(labelling->label, count);
    return code == PW_OK ? PW_NEW(labelling->size, k) : code;
}

void pw_labelling_count(pw_team *team, int k, pw_labelling *labelling)
{
    memset(labelling->size, 0, (size_t)k * sizeof *labelling->size);
    labelling->unlabelled = 0;
    for (int64_t i = 0; i < labelling->count; i++)
        if (labelling->label[i] >= 0)
            labelling->size[labelling->label[i]]++;
        else
            labelling->unlabelled++;
    pw_reduce_sum_int(team, labelling->size, k);
    pw_reduce_sum_int(team, &labelling->unlabelled, 1);
}

void pw_clustering_tell(pw_clustering *clustering, const char *name, double value)
{
    assert(clustering->figures < PW_MOST_FIGURES);
    clustering->figure[clustering->figures++] = (pw_figure){.name = name, .value = value};
}

static void labelling_destroy(pw_labelling *labelling)
{
    free(labelling->label);
    free(labelling->size);
}

void pw_clustering_destroy(pw_clustering *clustering)
{
    if (!clustering)
        return;
    labelling_destroy(&clustering->rows);
    labelling_destroy(&clustering->columns);
    free(clustering->centroid);
    free(clustering->membership);
    free(clustering->eigenvalue);
    *clustering = (pw_clustering){.k = 0};
}
