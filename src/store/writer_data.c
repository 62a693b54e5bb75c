/* Data sets of numbers and of text: from what a rank holds to blocks of bounded size. */
#include "store/writer_private.h"

#include "base/memory.h"
#include "base/smaller.h"
#include "dist/collective.h"

#include <string.h>

enum { SLAB_BYTES = 1 << 30 };    /* of one transfer: more than 2 GiB fail */
enum { BUFFER_BYTES = 16 << 20 }; /* for what has to be rearranged before it is written */
enum { LEAST_WIDTH = 8192 };      /* elements side by side in a transposed block */

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* ---- as it is held ---- */

/* Whole rows while they fit a slab, else pieces of one row. */
static pw_code put_rows(pw_writer *writer, const pw_target *target, pw_part rows, int64_t columns,
                        size_t size, const char *values)
{
    const int64_t elements = SLAB_BYTES / (int64_t)size;
    const int64_t height = most(elements / most(columns, 1), 1),
                  width = pw_smaller(columns, elements);
    for (int64_t i = 0; i < rows.count; i += height)
        for (int64_t j = 0; j < columns; j += width) {
            const int64_t start[2] = {rows.first + i, j};
            const int64_t count[2] = {pw_smaller(height, rows.count - i),
                                      pw_smaller(width, columns - j)};
            const pw_code code = pw_target_put(writer, target, start, count,
                                               values + (i * columns + j) * (int64_t)size);
            if (code != PW_OK)
                return code;
        }
    return PW_OK;
}

pw_code pw_writer_rows(pw_writer *writer, const char *name, pw_part rows, int64_t columns,
                       pw_type type, const void *values)
{
    const int64_t extent[2] = {rows.total, columns};
    pw_target target =
        pw_target_create(writer, name, 2, extent, pw_store_file_type(type), pw_store_native(type));
    const pw_code code = put_rows(writer, &target, rows, columns, pw_type_size(type), values);
    return pw_target_close(writer, &target, code);
}

pw_code pw_writer_list(pw_writer *writer, const char *name, pw_part part, pw_type stored,
                       pw_type type, const void *values)
{
    pw_target target = pw_target_create(writer, name, 1, &part.total, pw_store_file_type(stored),
                                        pw_store_native(type));
    const pw_code code = put_rows(writer, &target, part, 1, pw_type_size(type), values);
    return pw_target_close(writer, &target, code);
}

/* ---- transposed ---- */

static void transpose(const double *X, int k, int64_t columns, int components, double *block)
{
    for (int64_t j = 0; j < columns; j++)
        for (int c = 0; c < components; c++)
            block[c * columns + j] = X[j * k + c];
}

/* Blocks of `components` rows of the data set, `width` columns wide. */
static pw_code put_columns(pw_writer *writer, const pw_target *target, int k, pw_part columns,
                           const double *X)
{
    const int64_t room = BUFFER_BYTES / (int64_t)sizeof(double);
    const int components = (int)pw_smaller(k, room / LEAST_WIDTH);
    const int64_t width = pw_smaller(columns.count, room / components);
    double *block = NULL;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(block, width * components));
    for (int64_t j = 0; j < columns.count; j += width)
        for (int c = 0; c < k; c += components) {
            const int64_t start[2] = {c, columns.first + j};
            const int64_t count[2] = {pw_smaller(components, k - c),
                                      pw_smaller(width, columns.count - j)};
            transpose(X + j * k + c, k, count[1], (int)count[0], block);
            PW_TRY(pw_target_put(writer, target, start, count, block));
        }
done:
    free(block);
    return code;
}

pw_code pw_writer_columns(pw_writer *writer, const char *name, int k, pw_part columns,
                          const double *X)
{
    const int64_t extent[2] = {k, columns.total};
    pw_target target = pw_target_create(writer, name, 2, extent, pw_store_file_type(PW_F64),
                                        pw_store_native(PW_F64));
    const pw_code code = put_columns(writer, &target, k, columns, X);
    return pw_target_close(writer, &target, code);
}

/* ---- text ---- */

static hid_t text_type(size_t length)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, length);
    H5Tset_cset(type, H5T_CSET_UTF8);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    return type;
}

/* Strings side by side, each filled up with zeros to `length`. */
static pw_code put_texts(pw_writer *writer, const pw_target *target, pw_part part, int64_t length,
                         const int64_t *offset, const char *text)
{
    const int64_t step = pw_smaller(most(BUFFER_BYTES / length, 1), most(part.count, 1));
    char *block = NULL;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(block, step * length));
    for (int64_t i = 0; i < part.count; i += step) {
        const int64_t start = part.first + i, count = pw_smaller(step, part.count - i);
        memset(block, 0, (size_t)(count * length));
        for (int64_t s = 0; s < count; s++)
            memcpy(block + s * length, text + offset[i + s],
                   (size_t)(offset[i + s + 1] - offset[i + s]));
        PW_TRY(pw_target_put(writer, target, &start, &count, block));
    }
done:
    free(block);
    return code;
}

pw_code pw_writer_texts(pw_writer *writer, const char *name, pw_part part, const int64_t *offset,
                        const char *text)
{
    int64_t length = 1;
    for (int64_t i = 0; i < part.count; i++)
        length = most(length, offset[i + 1] - offset[i]);
    pw_reduce_max_int(writer->team, &length, 1);
    const hid_t type = text_type((size_t)length);
    pw_target target = pw_target_create(writer, name, 1, &part.total, type, type);
    const pw_code code = put_texts(writer, &target, part, length, offset, text);
    H5Tclose(type);
    return pw_target_close(writer, &target, code);
}
