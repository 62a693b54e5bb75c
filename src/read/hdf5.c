/* V from an HDF5 file: rank 0 finds where it stands, then each rank opens the file and reads its
 * own part. */
#include "read/read.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "read/hdf5_source.h"

#include <stdio.h>
#include <string.h>

/* What is odd about a file, but no reason to refuse it. */
static void remark(pw_team *team, pw_reader *reader, pw_hdf5_source *source)
{
    if (!source->sparse && pw_reader_has_attribute(reader, source->inside, "MATLAB_class"))
        pw_log_warn(&team->log,
                    "%s: MATLAB stores matrices by columns: rows of V are the columns that MATLAB "
                    "shows.",
                    pw_reader_path(reader));
    pw_hdf5_find_names(&team->log, reader, source);
}

/* Rank 0 looks around; the others learn what it found. */
static pw_code open_and_find(pw_team *team, const pw_read_request *request, pw_reader **reader,
                             pw_hdf5_source *source)
{
    pw_code code = PW_OK;
    if (team->rank == 0) {
        code = pw_reader_open(request->path, reader);
        if (code == PW_OK)
            code = pw_hdf5_find(*reader, request->inside, source);
        if (code == PW_OK)
            remark(team, *reader, source);
    }
    if ((code = pw_agree(team, code)) != PW_OK)
        return code;
    pw_broadcast(team, source, sizeof *source, 0);
    if (team->rank != 0)
        code = pw_reader_open(request->path, reader);
    return pw_agree(team, code);
}

static pw_code set_path(const char *path, const char *inside, pw_matrix *V)
{
    const int64_t length = (int64_t)(strlen(path) + strlen(inside) + 2);
    char *whole;
    if (PW_NEW(whole, length) != PW_OK)
        return PW_ERROR_MEMORY;
    snprintf(whole, (size_t)length, "%s:%s", path, inside);
    free(V->path);
    V->path = whole;
    return PW_OK;
}

pw_code pw_read_hdf5(pw_team *team, const pw_read_request *request, pw_matrix *V)
{
    pw_reader *reader = NULL;
    pw_hdf5_source source = {.sparse = false};
    pw_code code = PW_OK;
    PW_TRY(open_and_find(team, request, &reader, &source));
    PW_TRY(pw_agree(team, set_path(request->path, source.inside, V)));
    const bool transposed =
        pw_matrix_by_columns((int)request->options->distribute, source.m, source.n);
    PW_TRY(source.sparse
               ? pw_hdf5_read_sparse(team, reader, &source, request->options, transposed, V)
               : pw_hdf5_read_dense(team, reader, &source, request->options, transposed, V));
    PW_TRY(pw_hdf5_read_names(team, reader, &source.row_names, source.m, &V->row_names));
    PW_TRY(pw_hdf5_read_names(team, reader, &source.column_names, source.n, &V->column_names));
done:
    pw_reader_close(&reader);
    return code;
}
