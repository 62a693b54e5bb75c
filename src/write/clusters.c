/* The file of a clustering: labels, what goes with them, and what was run. */
#include "write/parts.h"

static pw_code write_labelling(pw_team *team, pw_writer *writer, const char *labels,
                               const char *sizes, int k, const pw_labelling *labelling)
{
    const pw_part items = {labelling->total, labelling->first, labelling->count};
    const pw_part clusters = {.total = k, .count = team->rank == 0 ? k : 0};
    if (!labelling->label)
        return PW_OK;
    const pw_code code = pw_writer_list(writer, labels, items, PW_I32, PW_I32, labelling->label);
    return code == PW_OK ? pw_writer_list(writer, sizes, clusters, PW_I64, PW_I64, labelling->size)
                         : code;
}

static pw_code write_arrays(pw_team *team, pw_writer *writer, const pw_clustering *c)
{
    const pw_part clusters = {.total = c->k, .count = team->rank == 0 ? c->k : 0};
    const pw_part rows = {c->rows.total, c->rows.first, c->rows.count};
    pw_code code = PW_OK;
    PW_TRY(write_labelling(team, writer, "/labels", "/sizes", c->k, &c->rows));
    PW_TRY(write_labelling(team, writer, "/column_labels", "/column_sizes", c->k, &c->columns));
    if (c->centroid)
        PW_TRY(pw_writer_rows(writer, "/centroids", clusters, c->n, PW_F64, c->centroid));
    if (c->eigenvalue)
        PW_TRY(pw_writer_list(writer, "/eigenvalues", clusters, PW_F64, PW_F64, c->eigenvalue));
    if (c->membership)
        PW_TRY(pw_writer_rows(writer, "/memberships", rows, c->k, PW_F64, c->membership));
done:
    return code;
}

static pw_code write_figures(pw_writer *writer, const pw_clustering *c)
{
    pw_code code = PW_OK;
    PW_TRY(pw_writer_attribute_int(writer, "/", "k", c->k));
    PW_TRY(pw_writer_attribute_int(writer, "/", "seed", (int64_t)c->seed));
    PW_TRY(pw_writer_attribute_int(writer, "/", "iterations", c->iterations));
    PW_TRY(pw_writer_attribute_double(writer, "/", "objective", c->objective));
    for (int i = 0; i < c->figures; i++)
        PW_TRY(pw_writer_attribute_double(writer, "/", c->figure[i].name, c->figure[i].value));
done:
    return code;
}

static int64_t bytes_of(pw_team *team, const pw_result *result, const pw_clustering *c)
{
    const int64_t of_centroids = c->centroid ? 8 * c->n * c->k : 0;
    const int64_t of_rows = c->rows.total * (4 + (c->membership ? 8 * c->k : 0));
    return pw_write_run_bytes(team, result) + of_rows + 4 * c->columns.total + of_centroids +
           24 * c->k;
}

pw_code pw_write_clusters(pw_team *team, const char *path, const pw_result *result,
                          const pw_clustering *clustering)
{
    pw_writer *writer = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_writer_create(team, path, bytes_of(team, result, clustering), &writer));
    PW_TRY(write_arrays(team, writer, clustering));
    PW_TRY(write_figures(writer, clustering));
    PW_TRY(pw_write_head(team, writer, "clusters", result));
    code = pw_writer_commit(&writer, false);
done:
    pw_writer_discard(&writer);
    return code;
}
