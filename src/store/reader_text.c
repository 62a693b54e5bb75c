/* Text in HDF5 files, of fixed and of variable length, and attributes. */
#include "store/reader_private.h"

#include "base/fault.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES = 16 << 20, TEXT_ELEMENTS = 1 << 16, TEXT_LONGEST = 1 << 24 };

/* A one-dimensional data set of text while it is read. */
typedef struct texts {
    hid_t id, space, type;
    bool variable;
    bool spaces; /* padded by spaces */
    size_t size; /* of an element in memory */
} texts;

static bool texts_open(const pw_reader *reader, const char *name, texts *t)
{
    *t = (texts){.id = H5I_INVALID_HID, .space = H5I_INVALID_HID, .type = H5I_INVALID_HID};
    t->id = H5Dopen2(reader->file, name, H5P_DEFAULT);
    if (t->id < 0)
        return false;
    t->space = H5Dget_space(t->id);
    t->type = H5Dget_type(t->id);
    if (t->space < 0 || t->type < 0 || H5Tget_class(t->type) != H5T_STRING)
        return false;
    t->variable = H5Tis_variable_str(t->type) > 0;
    t->spaces = H5Tget_strpad(t->type) == H5T_STR_SPACEPAD;
    t->size = H5Tget_size(t->type);
    return t->size > 0 && H5Sget_simple_extent_ndims(t->space) == 1;
}

static void texts_close(texts *t)
{
    if (t->type >= 0)
        H5Tclose(t->type);
    if (t->space >= 0)
        H5Sclose(t->space);
    if (t->id >= 0)
        H5Dclose(t->id);
}

static int64_t text_length(const char *text, size_t size, bool spaces)
{
    size_t length = strnlen(text, size);
    while (spaces && length > 0 && text[length - 1] == ' ')
        length--;
    return (int64_t)length;
}

static pw_code visit_element(const texts *t, const char *element, pw_text_visitor visit,
                             void *context)
{
    if (!t->variable)
        return visit(context, element, text_length(element, t->size, t->spaces));
    const char *text;
    memcpy(&text, element, sizeof text);
    return text ? visit(context, text, text_length(text, strlen(text), t->spaces))
                : visit(context, "", 0);
}

/* Elements first … first + count - 1 through `buffer`. */
static pw_code read_texts(const pw_reader *reader, const char *name, const texts *t, int64_t first,
                          int64_t count, char *buffer, pw_text_visitor visit, void *context)
{
    const hsize_t start = (hsize_t)first, length = (hsize_t)count;
    pw_code code = PW_OK;
    const hid_t memory = H5Screate_simple(1, &length, NULL);
    if (memory < 0 || pw_fault(PW_FAULT_READ) ||
        H5Sselect_hyperslab(t->space, H5S_SELECT_SET, &start, NULL, &length, NULL) < 0 ||
        H5Dread(t->id, t->type, memory, t->space, H5P_DEFAULT, buffer) < 0)
        code = pw_reader_failed(reader, name, t->id);
    else {
        for (int64_t i = 0; code == PW_OK && i < count; i++)
            code = visit_element(t, buffer + i * (int64_t)t->size, visit, context);
        if (t->variable)
            H5Dvlen_reclaim(t->type, memory, H5P_DEFAULT, buffer);
    }
    if (memory >= 0)
        H5Sclose(memory);
    return code;
}

pw_code pw_reader_text(pw_reader *reader, const char *name, int64_t first, int64_t count,
                       pw_text_visitor visit, void *context)
{
    texts t;
    char *buffer = NULL;
    pw_code code = PW_OK;
    if (!texts_open(reader, name, &t))
        PW_TRY(pw_fail(PW_ERROR_INPUT, "%s: '%s' is no list of text.", reader->path, name));
    int64_t step = TEXT_BYTES / (int64_t)t.size;
    step = step < 1 ? 1 : step > TEXT_ELEMENTS ? TEXT_ELEMENTS : step;
    if (step > count)
        step = count;
    buffer = pw_new(step, t.size);
    PW_TRY(buffer ? PW_OK : PW_ERROR_MEMORY);
    for (int64_t at = 0; at < count; at += step) {
        const int64_t now = count - at < step ? count - at : step;
        PW_TRY(read_texts(reader, name, &t, first + at, now, buffer, visit, context));
    }
done:
    free(buffer);
    texts_close(&t);
    return code;
}

/* ---- attributes ---- */

/* An open attribute; closed again where it holds no elements. */
typedef struct attribute {
    hid_t id, space, type;
    int64_t elements;
} attribute;

static void attribute_close(attribute *a)
{
    if (a->type >= 0)
        H5Tclose(a->type);
    if (a->space >= 0)
        H5Sclose(a->space);
    if (a->id >= 0)
        H5Aclose(a->id);
}

static bool attribute_open(const pw_reader *reader, const char *name, const char *attribute_name,
                           attribute *a)
{
    *a = (attribute){.space = H5I_INVALID_HID, .type = H5I_INVALID_HID};
    a->id = H5Aopen_by_name(reader->file, name[0] ? name : "/", attribute_name, H5P_DEFAULT,
                            H5P_DEFAULT);
    if (a->id >= 0) {
        a->space = H5Aget_space(a->id);
        a->type = H5Aget_type(a->id);
        if (a->space >= 0 && a->type >= 0 && H5Sget_simple_extent_type(a->space) != H5S_NULL)
            a->elements = H5Sget_simple_extent_npoints(a->space);
    }
    if (a->elements > 0)
        return true;
    attribute_close(a);
    return false;
}

bool pw_reader_has_attribute(pw_reader *reader, const char *name, const char *attribute_name)
{
    return H5Aexists_by_name(reader->file, name[0] ? name : "/", attribute_name, H5P_DEFAULT) > 0;
}

static char *copy_text(const char *text, int64_t length)
{
    char *copy = calloc((size_t)length + 1, 1);
    if (copy)
        memcpy(copy, text, (size_t)length);
    return copy;
}

static char *fixed_text(const attribute *a)
{
    const size_t size = H5Tget_size(a->type);
    char *text = NULL, *raw = size > 0 && size <= TEXT_LONGEST ? calloc(size, 1) : NULL;
    if (raw && H5Aread(a->id, a->type, raw) >= 0)
        text = copy_text(raw, text_length(raw, size, H5Tget_strpad(a->type) == H5T_STR_SPACEPAD));
    free(raw);
    return text;
}

static char *variable_text(const attribute *a)
{
    char *text = NULL, *raw = NULL;
    if (H5Aread(a->id, a->type, &raw) < 0)
        return NULL;
    text = raw ? copy_text(raw, (int64_t)strlen(raw)) : copy_text("", 0);
    H5Dvlen_reclaim(a->type, a->space, H5P_DEFAULT, &raw);
    return text;
}

char *pw_reader_attribute_text(pw_reader *reader, const char *name, const char *attribute_name)
{
    attribute a;
    char *text = NULL;
    if (!attribute_open(reader, name, attribute_name, &a))
        return NULL;
    if (a.elements == 1 && H5Tget_class(a.type) == H5T_STRING)
        text = H5Tis_variable_str(a.type) > 0 ? variable_text(&a) : fixed_text(&a);
    attribute_close(&a);
    return text;
}

/* Numbers of eight bytes each, as `native`. */
static int64_t attribute_numbers(const pw_reader *reader, const char *name,
                                 const char *attribute_name, hid_t native, int64_t most,
                                 void *values)
{
    attribute a;
    pw_type type;
    const char *words;
    int64_t found = 0;
    if (!attribute_open(reader, name, attribute_name, &a))
        return 0;
    int64_t *all = pw_store_type(a.type, &type, &words) ? calloc((size_t)a.elements, 8) : NULL;
    if (all && H5Aread(a.id, native, all) >= 0) {
        found = a.elements;
        memcpy(values, all, (size_t)(found < most ? found : most) * 8);
    }
    free(all);
    attribute_close(&a);
    return found;
}

int64_t pw_reader_attribute_ints(pw_reader *reader, const char *name, const char *attribute_name,
                                 int64_t most, int64_t *values)
{
    return attribute_numbers(reader, name, attribute_name, H5T_NATIVE_INT64, most, values);
}

int64_t pw_reader_attribute_doubles(pw_reader *reader, const char *name, const char *attribute_name,
                                    int64_t most, double *values)
{
    return attribute_numbers(reader, name, attribute_name, H5T_NATIVE_DOUBLE, most, values);
}
