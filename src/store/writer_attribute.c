/* Attributes. All ranks must give HDF5 the same, so rank 0's values go round first. Text is of variable length, as
 * h5py, anndata and others expect it; but that kind is kept in records without checksums. */
#include "store/writer_private.h"

#include "base/memory.h"
#include "dist/collective.h"

#include <string.h>

enum { LONGEST_TEXT = 32000 }; /* an attribute of the common file format ends at 64 KiB */

static pw_code write_attribute(pw_writer *writer, const char *name, const char *attribute,
                               hid_t stored, hid_t native, hid_t space, const void *values)
{
    pw_code code = PW_OK;
    const hid_t object = H5Oopen(writer->file, name, H5P_DEFAULT);
    const hid_t id = H5Acreate2(object, attribute, stored, space, H5P_DEFAULT, H5P_DEFAULT);
    if (object < 0 || id < 0 || (values && H5Awrite(id, native, values) < 0))
        code = pw_writer_broke(writer, attribute);
    if (id >= 0)
        H5Aclose(id);
    if (object >= 0)
        H5Oclose(object);
    H5Sclose(space);
    return pw_writer_settle(writer, code);
}

static hid_t new_text_type(size_t length)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, length);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

/* Cuts text before a whole character. */
static void cut(char *text)
{
    size_t length = LONGEST_TEXT;
    while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--;
    text[length] = '\0';
}

pw_code pw_writer_attribute_text(pw_writer *writer, const char *name, const char *attribute,
                                 const char *text)
{
    char *copy = NULL;
    int64_t length = text ? (int64_t)strlen(text) : 0;
    pw_broadcast(writer->team, &length, sizeof length, 0);
    pw_code code = pw_agree(writer->team, PW_NEW(copy, length + 1));
    if (code == PW_OK) {
        if (writer->team->rank == 0)
            memcpy(copy, text ? text : "", (size_t)length);
        pw_broadcast(writer->team, copy, length, 0);
        if (length > LONGEST_TEXT)
            cut(copy);
        const bool fixed = writer->guarded;
        const hid_t type = new_text_type(fixed ? strlen(copy) + 1 : H5T_VARIABLE);
        code = write_attribute(writer, name, attribute, type, type, H5Screate(H5S_SCALAR),
                               fixed ? (const void *)copy : &copy);
        H5Tclose(type);
    }
    free(copy);
    return code;
}

pw_code pw_writer_attribute_no_texts(pw_writer *writer, const char *name, const char *attribute)
{
    const hid_t type = new_text_type(H5T_VARIABLE);
    const pw_code code = write_attribute(writer, name, attribute, type, type,
                                         H5Screate_simple(1, &(const hsize_t){0}, NULL), NULL);
    H5Tclose(type);
    return code;
}

pw_code pw_writer_attribute_ints(pw_writer *writer, const char *name, const char *attribute,
                                 int64_t count, const int64_t *values)
{
    int64_t *copy = NULL;
    pw_code code = pw_agree(writer->team, PW_NEW(copy, count));
    if (code == PW_OK) {
        memcpy(copy, values, (size_t)count * sizeof *copy);
        pw_broadcast(writer->team, copy, count * (int64_t)sizeof *copy, 0);
        code = write_attribute(writer, name, attribute, H5T_STD_I64LE, H5T_NATIVE_INT64,
                               H5Screate_simple(1, &(const hsize_t){(hsize_t)count}, NULL), copy);
    }
    free(copy);
    return code;
}

pw_code pw_writer_attribute_int(pw_writer *writer, const char *name, const char *attribute,
                                int64_t value)
{
    pw_broadcast(writer->team, &value, sizeof value, 0);
    return write_attribute(writer, name, attribute, H5T_STD_I64LE, H5T_NATIVE_INT64,
                           H5Screate(H5S_SCALAR), &value);
}

pw_code pw_writer_attribute_double(pw_writer *writer, const char *name, const char *attribute,
                                   double value)
{
    pw_broadcast(writer->team, &value, sizeof value, 0);
    return write_attribute(writer, name, attribute, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE,
                           H5Screate(H5S_SCALAR), &value);
}
