/* HDF5 files, read by each rank on its own: opening, looking around, and blocks of numbers in
 * slabs that unpack each chunk once. */
#include "store/reader_private.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/smaller.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SLAB_BYTES = 256 << 20, REASON_LENGTH = 400 };

static const char *volatile current; /* path of the file that is open */

const char *pw_reader_current(void)
{
    return current;
}

bool pw_reader_recognises(const char *path)
{
    pw_store_start();
    return H5Fis_hdf5(path) > 0;
}

/* Why a file cannot be opened at all, in the system's words. */
static pw_code check_file(const char *path)
{
    int file;
    const pw_code code = pw_file_open(path, &file);
    if (code == PW_OK)
        close(file);
    return code;
}

pw_code pw_reader_open(const char *path, pw_reader **reader)
{
    char reason[REASON_LENGTH];
    hid_t access = H5I_INVALID_HID;
    pw_code code = PW_OK;
    pw_store_start();
    *reader = NULL;
    PW_TRY(check_file(path));
    PW_TRY(PW_NEW(*reader, 1));
    (*reader)->file = H5I_INVALID_HID;
    PW_TRY(PW_NEW((*reader)->path, (int64_t)strlen(path) + 1));
    strcpy((*reader)->path, path);
    access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_sec2(access);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    current = (*reader)->path;
    (*reader)->file = H5Fopen(path, H5F_ACC_RDONLY, access);
    if ((*reader)->file < 0)
        code = pw_fail(PW_ERROR_INPUT,
                       "%s: cannot be read as HDF5: %s. The file is damaged, or of "
                       "another format.",
                       path, pw_store_reason(reason, sizeof reason));
done:
    if (access >= 0)
        H5Pclose(access);
    if (code != PW_OK)
        pw_reader_close(reader);
    return code;
}

void pw_reader_close(pw_reader **reader)
{
    if (!reader || !*reader)
        return;
    if ((*reader)->file >= 0)
        H5Fclose((*reader)->file);
    current = NULL;
    free((*reader)->path);
    free(*reader);
    *reader = NULL;
}

const char *pw_reader_path(const pw_reader *reader)
{
    return reader->path;
}

pw_object pw_reader_kind(pw_reader *reader, const char *name)
{
    const hid_t object = H5Oopen(reader->file, name[0] ? name : "/", H5P_DEFAULT);
    if (object < 0)
        return PW_OBJECT_NONE;
    const H5I_type_t type = H5Iget_type(object);
    H5Oclose(object);
    return type == H5I_GROUP     ? PW_OBJECT_GROUP
           : type == H5I_DATASET ? PW_OBJECT_DATASET
                                 : PW_OBJECT_NONE;
}

typedef struct visit_state {
    pw_member_visitor visit;
    void *context;
    pw_code code;
} visit_state;

static herr_t visit_member(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    visit_state *state = context;
    (void)group;
    (void)info;
    state->code = state->visit(state->context, name);
    return state->code == PW_OK ? 0 : 1;
}

pw_code pw_reader_members(pw_reader *reader, const char *group, pw_member_visitor visit,
                          void *context)
{
    visit_state state = {.visit = visit, .context = context};
    const hid_t id = H5Gopen2(reader->file, group[0] ? group : "/", H5P_DEFAULT);
    if (id < 0 || H5Literate(id, H5_INDEX_NAME, H5_ITER_INC, NULL, visit_member, &state) < 0)
        state.code = pw_reader_failed(reader, group, H5I_INVALID_HID);
    if (id >= 0)
        H5Gclose(id);
    return state.code;
}

/* ---- failures ---- */

typedef struct filter {
    int id;
    const char *name;
} filter;

static const filter FILTERS[] = {
    {4, "szip"},      {305, "lzo"},   {307, "bzip2"},        {32000, "lzf"},
    {32001, "blosc"}, {32004, "lz4"}, {32008, "bitshuffle"}, {32013, "zfp"},
    {32015, "zstd"},  {32017, "sz"},  {32026, "blosc2"},
};

/* The name of a filter of the data set that this HDF5 library lacks; NULL where all are there. */
static const char *missing_filter(hid_t dataset, char *text, size_t size)
{
    const char *missing = NULL;
    const hid_t creation = dataset < 0 ? H5I_INVALID_HID : H5Dget_create_plist(dataset);
    const int filters = creation < 0 ? 0 : H5Pget_nfilters(creation);
    for (unsigned i = 0; !missing && (int)i < filters; i++) {
        unsigned flags, config;
        size_t values = 0;
        char stored[64] = "";
        const H5Z_filter_t id =
            H5Pget_filter2(creation, i, &flags, &values, NULL, sizeof stored, stored, &config);
        if (id < 0 || H5Zfilter_avail(id) > 0)
            continue;
        const char *name = stored[0] ? stored : "unnamed";
        for (size_t f = 0; f < sizeof FILTERS / sizeof *FILTERS; f++)
            if (FILTERS[f].id == id)
                name = FILTERS[f].name;
        snprintf(text, size, "%s (number %d)", name, (int)id);
        missing = text;
    }
    if (creation >= 0)
        H5Pclose(creation);
    return missing;
}

static pw_code failed(const pw_reader *reader, const char *name, hid_t dataset, const char *reason)
{
    char filter_text[128];
    const char *missing = missing_filter(dataset, filter_text, sizeof filter_text);
    if (missing)
        return pw_fail(PW_ERROR_INPUT,
                       "%s: '%s' is compressed by the filter %s, which this HDF5 library does not "
                       "have. Point HDF5_PLUGIN_PATH to its plug-in, or repack the file where the "
                       "filter is installed: h5repack -f GZIP=4 FILE NEW.",
                       reader->path, name, missing);
    return pw_fail(PW_ERROR_INPUT, "%s: '%s' cannot be read%s%s. Is the file complete?",
                   reader->path, name, reason[0] ? ": " : "", reason);
}

pw_code pw_reader_failed(const pw_reader *reader, const char *name, hid_t dataset)
{
    char reason[REASON_LENGTH];
    return failed(reader, name, dataset, pw_store_reason(reason, sizeof reason));
}

/* ---- data sets ---- */

static int64_t chunk_rows(hid_t id, int dimensions, hsize_t *chunk)
{
    int64_t rows = 0;
    const hid_t creation = H5Dget_create_plist(id);
    if (creation >= 0 && dimensions > 0 && H5Pget_layout(creation) == H5D_CHUNKED &&
        H5Pget_chunk(creation, dimensions, chunk) == dimensions)
        rows = (int64_t)chunk[0];
    if (creation >= 0)
        H5Pclose(creation);
    return rows;
}

pw_code pw_reader_describe(pw_reader *reader, const char *name, pw_dataset *dataset)
{
    hsize_t extent[PW_DATASET_DIMENSIONS], chunk[PW_DATASET_DIMENSIONS];
    hid_t space = H5I_INVALID_HID, type = H5I_INVALID_HID;
    pw_code code = PW_OK;
    *dataset = (pw_dataset){.content = PW_CONTENT_OTHER, .words = "no numbers"};
    const hid_t id = H5Dopen2(reader->file, name, H5P_DEFAULT);
    if (id >= 0) {
        space = H5Dget_space(id);
        type = H5Dget_type(id);
    }
    if (space < 0 || type < 0)
        PW_TRY(pw_reader_failed(reader, name, id));
    if (pw_store_type(type, &dataset->type, &dataset->words))
        dataset->content = PW_CONTENT_NUMBER;
    else if (H5Tget_class(type) == H5T_STRING)
        dataset->content = PW_CONTENT_TEXT;
    if (H5Sget_simple_extent_type(space) == H5S_NULL) {
        dataset->content = PW_CONTENT_OTHER;
        dataset->words = "nothing (a null data set)";
    } else {
        dataset->dimensions = H5Sget_simple_extent_dims(space, extent, NULL);
        for (int d = 0; d < dataset->dimensions; d++)
            dataset->extent[d] = (int64_t)extent[d];
    }
    dataset->chunk_rows = chunk_rows(id, dataset->dimensions, chunk);
done:
    if (type >= 0)
        H5Tclose(type);
    if (space >= 0)
        H5Sclose(space);
    if (id >= 0)
        H5Dclose(id);
    return code;
}

/* ---- blocks of numbers ---- */

/* A block of a data set of one dimension (columns: 1) or two, read slab by slab. */
typedef struct block {
    hid_t id, space, native;
    int dimensions;
    int64_t row, rows, column, columns;
    int64_t slab_rows, slab_columns; /* slabs end on multiples of these */
    size_t size;                     /* of an element in memory */
    char reason[REASON_LENGTH];      /* of a failure; taken at once: the next call clears it */
} block;

/* The largest multiple of `unit` that is not above `most`, and at least one unit. */
static int64_t whole_units(int64_t most, int64_t unit)
{
    return most < unit ? unit : most - most % unit;
}

/* Whole rows of the block where a chunk's height of them fits a slab, else as many chunks side by
 * side as fit. */
static void plan_slabs(block *b)
{
    hsize_t chunk[PW_DATASET_DIMENSIONS] = {1, 1};
    if (chunk_rows(b->id, b->dimensions, chunk) == 0)
        chunk[0] = chunk[1] = 1;
    const int64_t high = (int64_t)chunk[0], wide = b->dimensions > 1 ? (int64_t)chunk[1] : 1;
    const int64_t elements = SLAB_BYTES / (int64_t)b->size;
    b->slab_rows = whole_units(elements / b->columns, high);
    b->slab_columns = INT64_MAX;
    if (high > 1 && elements / b->columns < high)
        b->slab_columns = whole_units(elements / high, wide);
}

static int64_t slab_end(int64_t at, int64_t step, int64_t end)
{
    const int64_t slab = at / step;
    return slab >= INT64_MAX / step - 1 ? end : pw_smaller(end, (slab + 1) * step);
}

static bool read_slab(block *b, int64_t row, int64_t rows, int64_t column, int64_t columns,
                      char *values)
{
    const hsize_t start[2] = {(hsize_t)row, (hsize_t)column};
    const hsize_t count[2] = {(hsize_t)rows, (hsize_t)columns};
    const hsize_t room[2] = {(hsize_t)rows, (hsize_t)b->columns};
    const hsize_t into[2] = {0, (hsize_t)(column - b->column)};
    if (pw_fault(PW_FAULT_READ))
        return false;
    const hid_t memory = H5Screate_simple(b->dimensions, room, NULL);
    const bool good =
        memory >= 0 && H5Sselect_hyperslab(memory, H5S_SELECT_SET, into, NULL, count, NULL) >= 0 &&
        H5Sselect_hyperslab(b->space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
        H5Dread(b->id, b->native, memory, b->space, H5P_DEFAULT,
                values + (row - b->row) * b->columns * (int64_t)b->size) >= 0;
    if (!good)
        pw_store_reason(b->reason, sizeof b->reason);
    if (memory >= 0)
        H5Sclose(memory);
    return good;
}

static bool read_slabs(block *b, void *values)
{
    const int64_t row_end = b->row + b->rows, column_end = b->column + b->columns;
    for (int64_t row = b->row, below; row < row_end; row = below) {
        below = slab_end(row, b->slab_rows, row_end);
        for (int64_t column = b->column, right; column < column_end; column = right) {
            right = slab_end(column, b->slab_columns, column_end);
            if (!read_slab(b, row, below - row, column, right - column, values))
                return false;
        }
    }
    return true;
}

/* Whether the block lies inside a data set of numbers with as many dimensions. */
static pw_code check_block(const pw_reader *reader, const char *name, const block *b)
{
    pw_type type;
    const char *words = "";
    hsize_t extent[PW_DATASET_DIMENSIONS] = {0};
    const hid_t file_type = H5Dget_type(b->id);
    const bool numeric = file_type >= 0 && pw_store_type(file_type, &type, &words);
    if (file_type >= 0)
        H5Tclose(file_type);
    if (!numeric)
        return pw_fail(PW_ERROR_INPUT, "%s: '%s' holds %s where numbers belong.", reader->path,
                       name, words);
    const int dimensions = H5Sget_simple_extent_ndims(b->space);
    if (dimensions != b->dimensions)
        return pw_fail(PW_ERROR_INPUT, "%s: '%s' has %d dimensions where %d belong.", reader->path,
                       name, dimensions, b->dimensions);
    H5Sget_simple_extent_dims(b->space, extent, NULL);
    if (b->row < 0 || b->column < 0 || b->row + b->rows > (int64_t)extent[0] ||
        (dimensions == 2 && b->column + b->columns > (int64_t)extent[1]))
        return pw_fail(PW_ERROR_INPUT,
                       "%s: '%s' ends before element %" PRId64 ". Is the file complete?",
                       reader->path, name, b->row + b->rows);
    return PW_OK;
}

static pw_code read_block(pw_reader *reader, const char *name, block *b, void *values)
{
    pw_code code = PW_OK;
    if (b->rows == 0 || b->columns == 0)
        return PW_OK;
    b->space = H5I_INVALID_HID;
    b->id = H5Dopen2(reader->file, name, H5P_DEFAULT);
    if (b->id < 0)
        PW_TRY(pw_reader_failed(reader, name, H5I_INVALID_HID));
    b->space = H5Dget_space(b->id);
    if (b->space < 0)
        PW_TRY(pw_reader_failed(reader, name, b->id));
    PW_TRY(check_block(reader, name, b));
    plan_slabs(b);
    if (!read_slabs(b, values))
        code = failed(reader, name, b->id, b->reason);
done:
    if (b->space >= 0)
        H5Sclose(b->space);
    if (b->id >= 0)
        H5Dclose(b->id);
    return code;
}

pw_code pw_reader_range(pw_reader *reader, const char *name, int64_t first, int64_t count,
                        pw_type type, void *values)
{
    block b = {.dimensions = 1, .row = first, .rows = count, .columns = 1};
    b.native = pw_store_native(type);
    b.size = pw_type_size(type);
    return read_block(reader, name, &b, values);
}

pw_code pw_reader_block(pw_reader *reader, const char *name, int64_t row, int64_t rows,
                        int64_t column, int64_t columns, pw_type type, void *values)
{
    block b = {.dimensions = 2, .row = row, .rows = rows, .column = column, .columns = columns};
    b.native = pw_store_native(type);
    b.size = pw_type_size(type);
    return read_block(reader, name, &b, values);
}

pw_code pw_reader_rows(pw_reader *reader, const char *name, int64_t row, int64_t rows, pw_type type,
                       void *values)
{
    pw_dataset dataset;
    pw_code code = pw_reader_describe(reader, name, &dataset);
    if (code != PW_OK)
        return code;
    return pw_reader_block(reader, name, row, rows, 0, dataset.extent[1], type, values);
}
