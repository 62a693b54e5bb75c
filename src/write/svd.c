/* The file of a singular value decomposition: /U, /S, /Vt and how good they are. */
#include "base/memory.h"
#include "write/parts.h"

#include <math.h>

/* A list that every rank has. */
static pw_code write_list(pw_team *team, pw_writer *writer, const char *name, int64_t total,
                          const double *values)
{
    const pw_part part = {.total = total, .count = team->rank == 0 ? total : 0};
    return pw_writer_list(writer, name, part, PW_F64, PW_F64, values);
}

static pw_code write_lists(pw_team *team, pw_writer *writer, const pw_svd *svd)
{
    double *list;
    pw_code code = PW_OK;
    PW_TRY(pw_agree(team, PW_NEW(list, svd->k)));
    PW_TRY(write_list(team, writer, "/S", svd->k, svd->S));
    PW_TRY(write_list(team, writer, "/residual", svd->k, svd->residual));
    pw_svd_errors(svd, list);
    PW_TRY(write_list(team, writer, "/relative_error", svd->k, list));
    for (int i = 0; i < svd->k; i++)
        list[i] = svd->total > 0 ? svd->S[i] * svd->S[i] / svd->total : 0;
    PW_TRY(write_list(team, writer, "/explained_variance_ratio", svd->k, list));
done:
    free(list);
    return code;
}

/* Of columns of V as the user sees it. */
static pw_code write_mean(pw_team *team, pw_writer *writer, const pw_matrix *V, const pw_svd *svd)
{
    const pw_part part = {.total = V->rows, .first = V->first, .count = V->count};
    if (!svd->mean)
        return PW_OK;
    return V->transposed ? pw_writer_list(writer, "/mean", part, PW_F64, PW_F64, svd->mean)
                         : write_list(team, writer, "/mean", V->cols, svd->mean);
}

static pw_code write_figures(pw_writer *writer, const pw_svd *svd)
{
    pw_code code = PW_OK;
    PW_TRY(pw_writer_attribute_double(writer, "/", "norm", sqrt(fmax(svd->total, 0))));
    PW_TRY(pw_writer_attribute_int(writer, "/", "sweeps", svd->sweeps));
    PW_TRY(pw_writer_attribute_int(writer, "/", "converged", svd->good));
done:
    return code;
}

pw_code pw_write_svd(pw_team *team, const char *path, const pw_result *result, const pw_svd *svd)
{
    const pw_matrix *V = result->V;
    const int64_t bytes = 8 * ((V->rows + V->cols) * svd->k + V->rows);
    pw_model factors = *result->model;
    pw_writer *writer = NULL;
    pw_code code = PW_OK;
    factors.distributed = svd->U;
    factors.replicated = svd->Vt;
    PW_TRY(pw_writer_create(team, path, bytes + pw_write_run_bytes(team, result), &writer));
    PW_TRY(pw_write_factors(team, writer, V, &factors, "/U", "/Vt"));
    PW_TRY(write_lists(team, writer, svd));
    PW_TRY(write_mean(team, writer, V, svd));
    PW_TRY(write_figures(writer, svd));
    PW_TRY(pw_write_head(team, writer, "svd", result));
    code = pw_writer_commit(&writer, false);
done:
    pw_writer_discard(&writer);
    return code;
}
