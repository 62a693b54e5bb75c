#include "command/cluster_truth.h"

#include "base/memory.h"
#include "cluster/classes.h"
#include "cluster/measures.h"
#include "dist/collective.h"
#include "read/truth.h"
#include "select/items.h"

#include <string.h>

void pw_row_classes_destroy(pw_row_classes *truth)
{
    if (truth) {
        free(truth->own);
        truth->own = NULL;
    }
}

/* Collective over team. The row of V that each line of the file speaks of. */
static pw_code find_rows(pw_cluster_run *run, const pw_names *names, pw_row_classes *truth)
{
    const pw_matrix *V = &run->job.V;
    const int64_t m = V->transposed ? V->cols : V->rows;
    /* as items of two matrices: rows dealt evenly, as their names are */
    const pw_matrix of_V = {.rows = m, .row_names = V->row_names, .path = V->path};
    const pw_matrix of_file = {.rows = m,
                               .first = names->first,
                               .count = truth->count,
                               .row_names = *names,
                               .path = run->options->truth};
    pw_item_pairing pairing = {.place = NULL};
    pw_code code = PW_OK;
    PW_TRY(pw_items_pair(run->team, &of_V, &of_file, &pairing));
    if (!pairing.fits)
        PW_TRY(pw_fail(PW_ERROR_INPUT, "%s", pairing.why));
    for (int64_t i = 0; i < truth->count; i++)
        truth->own[i].row = pairing.place[i];
done:
    pw_item_pairing_destroy(&pairing);
    return code;
}

pw_code pw_row_classes_read(pw_cluster_run *run, pw_row_classes *truth)
{
    const pw_matrix *V = &run->job.V;
    pw_team *team = run->team;
    pw_truth file = {.names = {.total = 0}};
    int32_t *class = NULL;
    pw_code code = PW_OK;
    if (!run->options->truth)
        return PW_OK;
    PW_TRY(pw_truth_read(team, run->options->truth, V->transposed ? V->cols : V->rows, &file));
    truth->count = file.labels.count;
    code = PW_NEW(truth->own, truth->count);
    if (code == PW_OK)
        code = PW_NEW(class, truth->count);
    PW_TRY(pw_agree(team, code));
    PW_TRY(pw_classes_number(team, &file.labels, class, &truth->classes));
    file.names.first = file.labels.first;
    PW_TRY(find_rows(run, &file.names, truth));
    for (int64_t i = 0; i < truth->count; i++)
        truth->own[i].class = class[i];
done:
    pw_truth_destroy(&file);
    free(class);
    return code;
}

/* ---- to where the labels are ---- */

static int compare_rows(const void *first, const void *second)
{
    const pw_row_class *a = first, *b = second;
    return (a->row > b->row) - (a->row < b->row);
}

/* Collective over team. To the ranks that have the rows: each gets those of its rows, in any order. */
static pw_code send(pw_team *team, const pw_labelling *rows, pw_row_classes *truth,
                    pw_row_class **came)
{
    int64_t *end = NULL, *count = NULL;
    pw_code code = PW_NEW(end, team->size);
    if (code == PW_OK)
        code = PW_NEW(count, 2 * (int64_t)team->size);
    PW_TRY(pw_agree(team, code));
    end[team->rank] = rows->first + rows->count;
    pw_reduce_max_int(team, end, team->size);
    qsort(truth->own, (size_t)truth->count, sizeof *truth->own, compare_rows);
    int owner = 0;
    for (int64_t i = 0; i < truth->count; i++) {
        while (truth->own[i].row >= end[owner])
            owner++;
        count[owner]++;
    }
    code =
        pw_exchange(team, truth->own, count, sizeof *truth->own, (void **)came, count + team->size);
done:
    free(end);
    free(count);
    return code;
}

pw_code pw_row_classes_compare(pw_cluster_run *run, pw_row_classes *truth)
{
    pw_clustering *c = &run->clustering;
    pw_row_class *came = NULL;
    int32_t *class = NULL;
    pw_measures found;
    pw_code code = PW_OK;
    if (!truth->own)
        return PW_OK;
    PW_TRY(send(run->team, &c->rows, truth, &came));
    PW_TRY(pw_agree(run->team, PW_NEW(class, c->rows.count)));
    for (int64_t i = 0; i < c->rows.count; i++)
        class[came[i].row - c->rows.first] = came[i].class;
    PW_TRY(pw_measures_find(run->team, c->k, truth->classes, c->rows.count, c->rows.label, class,
                            &found));
    pw_clustering_tell(c, "classes", truth->classes);
    pw_clustering_tell(c, "accuracy", found.accuracy);
    pw_clustering_tell(c, "nmi", found.nmi);
    pw_clustering_tell(c, "ari", found.ari);
done:
    free(came);
    free(class);
    return code;
}
