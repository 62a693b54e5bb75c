/* V as partwise's own HDF5, laid out as AnnData: /X dense or as a CSR group, names in /obs and /var. AnnData wants
 * names in any case: rows or columns without any get their numbers, and a mark by which partwise knows that
 * these are no names. */
#include "write/parts.h"

#include "base/memory.h"
#include "dist/collective.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SMALL_PARTS_BYTES = 1 << 16 };
enum { MOST_NUMBERED = 10000000 }; /* rows or columns: beyond, nobody opens the file in AnnData */

static pw_code write_encoding(pw_writer *writer, const char *name, const char *type,
                              const char *version)
{
    const pw_code code = pw_writer_attribute_text(writer, name, "encoding-type", type);
    return code == PW_OK ? pw_writer_attribute_text(writer, name, "encoding-version", version)
                         : code;
}

static pw_code write_dense(pw_writer *writer, const pw_matrix *V)
{
    const pw_part rows = {.total = V->rows, .first = V->first, .count = V->count};
    const pw_code code = pw_writer_rows(writer, "/X", rows, V->cols, V->type, V->values);
    return code == PW_OK ? write_encoding(writer, "/X", "array", "0.2.0") : code;
}

/* ---- CSR ---- */

/* scipy wants signed indices: of 32 bits where they suffice, else of 64. */
static pw_type index_type(const pw_matrix *V)
{
    return V->cols <= INT32_MAX ? PW_I32 : PW_I64;
}

static pw_type stored_type(const pw_matrix *V)
{
    return V->type == PW_ONE ? PW_U8 : V->type;
}

static pw_code write_data(pw_team *team, pw_writer *writer, const pw_matrix *V, pw_part entries)
{
    const pw_type type = stored_type(V);
    if (V->type != PW_ONE)
        return pw_writer_list(writer, "/X/data", entries, type, type, V->values);
    uint8_t *ones = NULL;
    pw_code code = pw_agree(team, PW_NEW(ones, entries.count));
    if (code == PW_OK) {
        memset(ones, 1, (size_t)entries.count);
        code = pw_writer_list(writer, "/X/data", entries, type, type, ones);
    }
    free(ones);
    return code;
}

/* The last rank also gives the end of the last row. */
static pw_code write_row_pointer(pw_team *team, pw_writer *writer, const pw_matrix *V,
                                 int64_t before)
{
    const bool last = team->rank == team->size - 1;
    const pw_part part = {
        .total = V->rows + 1, .first = V->first, .count = V->count + (last ? 1 : 0)};
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
    /* small enough indices have the same bits with and without sign */
    const pw_type held = index_type(V) == PW_I32 ? PW_I32 : PW_U32;
    pw_code code = PW_OK;
    PW_TRY(pw_writer_group(writer, "/X"));
    PW_TRY(write_encoding(writer, "/X", "csr_matrix", "0.1.0"));
    PW_TRY(pw_writer_attribute_ints(writer, "/X", "shape", 2, (const int64_t[]){V->rows, V->cols}));
    PW_TRY(write_data(team, writer, V, entries));
    PW_TRY(pw_writer_list(writer, "/X/indices", entries, index_type(V), held, V->column));
    PW_TRY(write_row_pointer(team, writer, V, before));
done:
    return code;
}

/* ---- names ---- */

/* This rank's share of "0", "1", … */
static pw_code number_names(const pw_team *team, int64_t total, pw_names *names)
{
    char text[32];
    const int64_t end = pw_share(total, team->size, team->rank + 1);
    pw_code code = PW_OK;
    *names = (pw_names){.total = total, .first = pw_share(total, team->size, team->rank)};
    for (int64_t i = names->first; code == PW_OK && i < end; i++)
        code = pw_names_add(names, text, snprintf(text, sizeof text, "%" PRId64, i));
    return code;
}

static pw_code write_frame(pw_writer *writer, const char *group, const char *index,
                           const pw_names *names)
{
    pw_code code = PW_OK;
    PW_TRY(pw_writer_group(writer, group));
    PW_TRY(write_encoding(writer, group, "dataframe", "0.2.0"));
    PW_TRY(pw_writer_attribute_text(writer, group, "_index", "_index"));
    PW_TRY(pw_writer_attribute_no_texts(writer, group, "column-order"));
    PW_TRY(pw_write_names(writer, index, names));
    PW_TRY(write_encoding(writer, index, "string-array", "0.2.0"));
done:
    return code;
}

static pw_code write_frame_of(pw_team *team, pw_writer *writer, const char *group,
                              const char *index, int64_t total, const pw_names *names)
{
    pw_names numbers = {.total = 0};
    pw_code code = PW_OK;
    if (names->total > 0)
        return write_frame(writer, group, index, names);
    if (total > MOST_NUMBERED)
        return PW_OK;
    PW_TRY(pw_agree(team, number_names(team, total, &numbers)));
    PW_TRY(write_frame(writer, group, index, &numbers));
    PW_TRY(pw_writer_attribute_int(writer, group, "partwise_unnamed", 1));
done:
    pw_names_destroy(&numbers);
    return code;
}

/* ---- all ---- */

static int64_t frame_bytes(pw_team *team, int64_t total, const pw_names *names)
{
    const int64_t named = pw_write_names_bytes(team, names);
    return names->total > 0 ? named : total > MOST_NUMBERED ? 0 : 8 * total;
}

static int64_t matrix_bytes(pw_team *team, const pw_matrix *V)
{
    const int64_t values = V->entries * (int64_t)pw_type_size(stored_type(V));
    const int64_t indices = V->entries * (int64_t)pw_type_size(index_type(V));
    return values + (V->sparse ? indices + 8 * (V->rows + 1) : 0) +
           frame_bytes(team, V->rows, &V->row_names) +
           frame_bytes(team, V->cols, &V->column_names) + SMALL_PARTS_BYTES;
}

pw_code pw_write_matrix_with(pw_team *team, const char *path, const pw_matrix *V,
                             const pw_extra *extra)
{
    pw_writer *writer = NULL;
    pw_code code = PW_OK;
    if (V->transposed)
        return pw_fail(PW_ERROR_INTERNAL, "%s: a matrix that is swept by columns is not written",
                       path);
    PW_TRY(pw_writer_create(team, path, matrix_bytes(team, V) + extra->bytes, &writer));
    PW_TRY(write_encoding(writer, "/", "anndata", "0.1.0"));
    PW_TRY(V->sparse ? write_sparse(team, writer, V) : write_dense(writer, V));
    PW_TRY(write_frame_of(team, writer, "/obs", "/obs/_index", V->rows, &V->row_names));
    PW_TRY(write_frame_of(team, writer, "/var", "/var/_index", V->cols, &V->column_names));
    if (extra->write)
        PW_TRY(extra->write(extra->context, writer));
    code = pw_writer_commit(&writer, false);
done:
    pw_writer_discard(&writer);
    return code;
}

pw_code pw_write_matrix(pw_team *team, const char *path, const pw_matrix *V)
{
    return pw_write_matrix_with(team, path, V, &(pw_extra){.bytes = 0});
}
