#include "command/planted.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "store/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL_PARTS_BYTES = 1 << 16, NAME_LENGTH = 64 };

static pw_code write_encoding(pw_writer *writer, const char *name, const char *type,
                              const char *version)
{
    const pw_code code = pw_writer_attribute_text(writer, name, "encoding-type", type);
    return code == PW_OK ? pw_writer_attribute_text(writer, name, "encoding-version", version)
                         : code;
}

/* ---- V ---- */

static pw_part rows_of(const pw_matrix *V)
{
    return (pw_part){.total = V->rows, .first = V->first, .count = V->count};
}

/* Columns as scipy wants them, signed; below 2^31 the bits are the same with and without sign. */
static pw_code write_columns(pw_writer *writer, const pw_matrix *V, pw_part entries)
{
    const bool narrow = V->cols <= INT32_MAX;
    return pw_writer_list(writer, "/X/indices", entries, narrow ? PW_I32 : PW_I64,
                          narrow ? PW_I32 : PW_U32, V->column);
}

/* The last rank also gives the end of the last row. */
static pw_code write_row_pointer(pw_team *team, pw_writer *writer, const pw_matrix *V,
                                 int64_t before)
{
    pw_part part = rows_of(V);
    part.total++;
    part.count += team->rank == team->size - 1;
    int64_t *pointer = NULL;
    pw_code code = pw_agree(team, PW_NEW(pointer, part.count));
    if (code == PW_OK) {
        for (int64_t i = 0; i < part.count; i++)
            pointer[i] = before + V->row_pointer[i];
        code = pw_writer_list(writer, "/X/indptr", part, PW_I64, PW_I64, pointer);
    }
    free(pointer);
    return code;
}

static pw_code write_sparse(pw_team *team, pw_writer *writer, const pw_matrix *V)
{
    const int64_t local = pw_matrix_local_entries(V), before = pw_scan_before(team, local);
    const pw_part entries = {.total = V->entries, .first = before, .count = local};
    const int64_t shape[] = {V->rows, V->cols};
    pw_code code = PW_OK;
    PW_TRY(pw_writer_group(writer, "/X"));
    PW_TRY(write_encoding(writer, "/X", "csr_matrix", "0.1.0"));
    PW_TRY(pw_writer_attribute_ints(writer, "/X", "shape", 2, shape));
    PW_TRY(pw_writer_list(writer, "/X/data", entries, V->type, V->type, V->values));
    PW_TRY(write_columns(writer, V, entries));
    PW_TRY(write_row_pointer(team, writer, V, before));
done:
    return code;
}

static pw_code write_dense(pw_writer *writer, const pw_matrix *V)
{
    const pw_code code = pw_writer_rows(writer, "/X", rows_of(V), V->cols, V->type, V->values);
    return code == PW_OK ? write_encoding(writer, "/X", "array", "0.2.0") : code;
}

/* ---- the answer ---- */

static pw_code write_array(pw_writer *writer, const pw_planted_array *array)
{
    const pw_part rows = {.total = array->rows, .first = array->first, .count = array->count};
    char name[NAME_LENGTH];
    snprintf(name, sizeof name, "/truth/%s", array->name);
    if (array->columns == 0)
        return pw_writer_list(writer, name, rows, array->type, array->type, array->values);
    return pw_writer_rows(writer, name, rows, array->columns, array->type, array->values);
}

/* Those that make no difference to the data. */
static bool is_about_the_run(const char *name)
{
    static const char *const names[] = {"output", "config", "quiet", "verbose", "threads"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static pw_code write_option(void *context, const char *name, const char *value, bool identity)
{
    (void)identity;
    if (is_about_the_run(name))
        return PW_OK;
    return pw_writer_attribute_text(context, "/truth", name, value);
}

static pw_code write_truth(pw_writer *writer, const pw_options *options, const pw_planted *planted)
{
    pw_code code = PW_OK;
    PW_TRY(pw_writer_group(writer, "/truth"));
    PW_TRY(pw_options_visit(options, write_option, writer));
    for (int a = 0; a < planted->count; a++)
        PW_TRY(write_array(writer, &planted->array[a]));
done:
    return code;
}

static int64_t file_bytes(const pw_matrix *V, const pw_planted *planted)
{
    int64_t bytes = SMALL_PARTS_BYTES + V->entries * (int64_t)pw_type_size(V->type);
    if (V->sparse)
        bytes += V->entries * (V->cols <= INT32_MAX ? 4 : 8) + 8 * (V->rows + 1);
    for (int a = 0; a < planted->count; a++) {
        const pw_planted_array *array = &planted->array[a];
        const int64_t columns = array->columns > 0 ? array->columns : 1;
        bytes += array->rows * columns * (int64_t)pw_type_size(array->type);
    }
    return bytes;
}

pw_code pw_planted_write(pw_team *team, const pw_options *options, const pw_matrix *V,
                         const pw_planted *planted)
{
    pw_writer *writer = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_writer_create(team, options->output, file_bytes(V, planted), &writer));
    PW_TRY(write_encoding(writer, "/", "anndata", "0.1.0"));
    PW_TRY(V->sparse ? write_sparse(team, writer, V) : write_dense(writer, V));
    PW_TRY(write_truth(writer, options, planted));
    code = pw_writer_commit(&writer, false);
done:
    pw_writer_discard(&writer);
    return code;
}
