/* What stands at a path: a dense data set, or a sparse group of AnnData (current and older) or 10x
 * Genomics. */
#include "read/hdf5_source.h"

#include "base/memory.h"

#include <inttypes.h>
#include <string.h>

static bool is_integer(pw_type type)
{
    return type != PW_F32 && type != PW_F64;
}

static bool member_is_dataset(pw_reader *reader, const char *group, const char *member)
{
    char path[PW_INSIDE_LENGTH];
    return pw_hdf5_join(path, group, member) && pw_reader_kind(reader, path) == PW_OBJECT_DATASET;
}

/* Whether an attribute tells the order; "csr_matrix" and "csr" begin alike. */
static bool order_from(pw_reader *reader, const char *group, const char *attribute,
                       bool *by_columns)
{
    char *text = pw_reader_attribute_text(reader, group, attribute);
    const bool rows = text && (strcmp(text, "csr_matrix") == 0 || strcmp(text, "csr") == 0);
    *by_columns = text && (strcmp(text, "csc_matrix") == 0 || strcmp(text, "csc") == 0);
    free(text);
    return rows || *by_columns;
}

bool pw_hdf5_is_sparse(pw_reader *reader, const char *group, bool *by_columns)
{
    if (pw_reader_kind(reader, group) != PW_OBJECT_GROUP)
        return false;
    if (order_from(reader, group, "encoding-type", by_columns) ||
        order_from(reader, group, "h5sparse_format", by_columns))
        return true;
    *by_columns = true; /* 10x Genomics: features × barcodes */
    return member_is_dataset(reader, group, "data") &&
           member_is_dataset(reader, group, "indices") &&
           member_is_dataset(reader, group, "indptr") && member_is_dataset(reader, group, "shape");
}

static pw_code wrong_dimensions(pw_reader *reader, const char *name, const pw_dataset *dataset,
                                int wanted)
{
    if (dataset->dimensions == 0)
        return pw_fail(PW_ERROR_INPUT, "%s: '%s' is a single value; it needs %d dimension%s.",
                       pw_reader_path(reader), name, wanted, wanted == 1 ? "" : "s");
    return pw_fail(PW_ERROR_INPUT, "%s: '%s' has %d dimension%s; it needs %d.",
                   pw_reader_path(reader), name, dataset->dimensions,
                   dataset->dimensions == 1 ? "" : "s", wanted);
}

/* ---- dense ---- */

static pw_code describe_dense(pw_reader *reader, pw_hdf5_source *source)
{
    pw_dataset dataset;
    const char *path = pw_reader_path(reader), *inside = source->inside;
    pw_code code = pw_reader_describe(reader, inside, &dataset);
    if (code != PW_OK)
        return code;
    if (dataset.content != PW_CONTENT_NUMBER)
        return pw_fail(PW_ERROR_INPUT, "%s: '%s' holds %s where numbers belong.", path, inside,
                       dataset.words);
    if (dataset.dimensions != 2)
        return wrong_dimensions(reader, inside, &dataset, 2);
    source->m = dataset.extent[0];
    source->n = dataset.extent[1];
    source->type = dataset.type;
    source->chunk_rows = dataset.chunk_rows;
    return PW_OK;
}

/* ---- sparse ---- */

/* Length and type of one of the three lists of a sparse group. */
static pw_code describe_list(pw_reader *reader, const char *group, const char *member,
                             int64_t *length, pw_type *type)
{
    char path[PW_INSIDE_LENGTH];
    pw_dataset dataset;
    pw_code code = PW_OK;
    if (!pw_hdf5_join(path, group, member) || pw_reader_kind(reader, path) != PW_OBJECT_DATASET)
        PW_TRY(pw_fail(PW_ERROR_INPUT, "%s: the sparse matrix '%s' has no '%s'.",
                       pw_reader_path(reader), group, member));
    PW_TRY(pw_reader_describe(reader, path, &dataset));
    if (dataset.content != PW_CONTENT_NUMBER)
        PW_TRY(pw_fail(PW_ERROR_INPUT, "%s: '%s' holds %s where numbers belong.",
                       pw_reader_path(reader), path, dataset.words));
    if (dataset.dimensions != 1)
        PW_TRY(wrong_dimensions(reader, path, &dataset, 1));
    *length = dataset.extent[0];
    *type = dataset.type;
done:
    return code;
}

static pw_code describe_indices(pw_reader *reader, const char *group, const char *member,
                                int64_t *length, pw_type *type)
{
    pw_code code = describe_list(reader, group, member, length, type);
    if (code == PW_OK && !is_integer(*type))
        code = pw_fail(PW_ERROR_INPUT,
                       "%s: '%s' of the sparse matrix '%s' holds %s; it must hold "
                       "integers.",
                       pw_reader_path(reader), member, group, pw_type_text(*type));
    return code;
}

static pw_code read_shape(pw_reader *reader, pw_hdf5_source *source)
{
    char path[PW_INSIDE_LENGTH];
    int64_t shape[2] = {0, 0}, length = 0;
    pw_type type;
    const char *group = source->inside;
    if (pw_reader_attribute_ints(reader, group, "shape", 2, shape) != 2 &&
        pw_reader_attribute_ints(reader, group, "h5sparse_shape", 2, shape) != 2) {
        if (!member_is_dataset(reader, group, "shape") ||
            describe_list(reader, group, "shape", &length, &type) != PW_OK || length != 2 ||
            !pw_hdf5_join(path, group, "shape") ||
            pw_reader_range(reader, path, 0, 2, PW_I64, shape) != PW_OK)
            return pw_fail(PW_ERROR_INPUT,
                           "%s: the sparse matrix '%s' has no shape of two numbers.",
                           pw_reader_path(reader), group);
    }
    source->m = shape[0];
    source->n = shape[1];
    return PW_OK;
}

static pw_code describe_sparse(pw_reader *reader, pw_hdf5_source *source)
{
    int64_t indices = 0, pointers = 0;
    pw_type pointer_type;
    const char *group = source->inside, *path = pw_reader_path(reader);
    pw_code code = PW_OK;
    source->sparse = true;
    PW_TRY(read_shape(reader, source));
    PW_TRY(describe_list(reader, group, "data", &source->entries, &source->type));
    PW_TRY(describe_indices(reader, group, "indices", &indices, &source->index_type));
    PW_TRY(describe_indices(reader, group, "indptr", &pointers, &pointer_type));
    if (indices != source->entries)
        PW_TRY(pw_fail(PW_ERROR_INPUT,
                       "%s: the sparse matrix '%s' has %" PRId64 " data, but %" PRId64 " indices.",
                       path, group, source->entries, indices));
    const int64_t major = source->by_columns ? source->n : source->m;
    if (pointers - 1 != major)
        PW_TRY(pw_fail(PW_ERROR_INPUT,
                       "%s: the sparse matrix '%s' is said to be %" PRId64 " × %" PRId64
                       " by %s, but its indptr has %" PRId64 " elements instead of %" PRId64 ".",
                       path, group, source->m, source->n, source->by_columns ? "columns" : "rows",
                       pointers, major + 1));
done:
    return code;
}

pw_code pw_hdf5_describe(pw_reader *reader, pw_hdf5_source *source)
{
    const char *path = pw_reader_path(reader), *inside = source->inside;
    pw_code code = PW_OK;
    if (pw_reader_kind(reader, inside) == PW_OBJECT_DATASET)
        PW_TRY(describe_dense(reader, source));
    else if (pw_hdf5_is_sparse(reader, inside, &source->by_columns))
        PW_TRY(describe_sparse(reader, source));
    else
        PW_TRY(pw_fail(PW_ERROR_INPUT, "%s: '%s' is no matrix.", path, inside));
    if (source->m < 1 || source->n < 1)
        code = pw_fail(PW_ERROR_INPUT, "%s: '%s' is empty: %" PRId64 " × %" PRId64 ".", path,
                       inside, source->m, source->n);
    else if (!source->sparse && source->n > INT64_MAX / 8 / source->m)
        code = pw_fail(PW_ERROR_INPUT, "%s: '%s' is too large: %" PRId64 " × %" PRId64 ".", path,
                       inside, source->m, source->n);
done:
    return code;
}
