/* HDF5's types beside partwise's, and HDF5's error stack in one line. */
#include "store/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pw_store_start(void)
{
    static bool started;
    if (started)
        return;
    setenv("HDF5_USE_FILE_LOCKING", "FALSE", 0); /* parallel file systems often have no locks */
    H5open();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    started = true;
}

hid_t pw_store_native(pw_type type)
{
    switch (type) {
    case PW_U8:
        return H5T_NATIVE_UINT8;
    case PW_I8:
        return H5T_NATIVE_INT8;
    case PW_U16:
        return H5T_NATIVE_UINT16;
    case PW_I16:
        return H5T_NATIVE_INT16;
    case PW_U32:
        return H5T_NATIVE_UINT32;
    case PW_I32:
        return H5T_NATIVE_INT32;
    case PW_U64:
        return H5T_NATIVE_UINT64;
    case PW_I64:
        return H5T_NATIVE_INT64;
    case PW_F32:
        return H5T_NATIVE_FLOAT;
    case PW_F64:
        return H5T_NATIVE_DOUBLE;
    default:
        return H5I_INVALID_HID;
    }
}

hid_t pw_store_file_type(pw_type type)
{
    switch (type) {
    case PW_U8:
        return H5T_STD_U8LE;
    case PW_I8:
        return H5T_STD_I8LE;
    case PW_U16:
        return H5T_STD_U16LE;
    case PW_I16:
        return H5T_STD_I16LE;
    case PW_U32:
        return H5T_STD_U32LE;
    case PW_I32:
        return H5T_STD_I32LE;
    case PW_U64:
        return H5T_STD_U64LE;
    case PW_I64:
        return H5T_STD_I64LE;
    case PW_F32:
        return H5T_IEEE_F32LE;
    case PW_F64:
        return H5T_IEEE_F64LE;
    default:
        return H5I_INVALID_HID;
    }
}

static bool integer_type(hid_t file_type, pw_type *type)
{
    static const pw_type UNSIGNED[] = {PW_U8, PW_U16, PW_U32, PW_U64};
    static const pw_type SIGNED[] = {PW_I8, PW_I16, PW_I32, PW_I64};
    const size_t size = H5Tget_size(file_type);
    if (size == 0 || size > 8)
        return false;
    const int width = size == 1 ? 0 : size == 2 ? 1 : size <= 4 ? 2 : 3;
    *type = H5Tget_sign(file_type) == H5T_SGN_NONE ? UNSIGNED[width] : SIGNED[width];
    return true;
}

/* Truth values as h5py and others keep them: an enumeration of FALSE = 0 and TRUE = 1. */
static bool is_boolean(hid_t file_type)
{
    char name[8];
    bool boolean = H5Tget_nmembers(file_type) == 2;
    for (unsigned i = 0; boolean && i < 2; i++) {
        char *member = H5Tget_member_name(file_type, i);
        snprintf(name, sizeof name, "%s", member ? member : "");
        H5free_memory(member);
        boolean = strcmp(name, "FALSE") == 0 || strcmp(name, "TRUE") == 0;
    }
    return boolean;
}

static bool enum_type(hid_t file_type, pw_type *type)
{
    const hid_t base = H5Tget_super(file_type);
    const bool numeric = base >= 0 && integer_type(base, type);
    if (numeric && is_boolean(file_type))
        *type = PW_U8;
    if (base >= 0)
        H5Tclose(base);
    return numeric;
}

static const char *compound_words(hid_t file_type)
{
    if (H5Tget_nmembers(file_type) == 2) {
        char *first = H5Tget_member_name(file_type, 0);
        const bool complex = first && (strcmp(first, "r") == 0 || strcmp(first, "real") == 0);
        H5free_memory(first);
        if (complex)
            return "complex numbers";
    }
    return "records of several fields";
}

bool pw_store_type(hid_t file_type, pw_type *type, const char **words)
{
    *words = "numbers";
    switch (H5Tget_class(file_type)) {
    case H5T_INTEGER:
        if (integer_type(file_type, type))
            return true;
        *words = "integers of more than 64 bits";
        return false;
    case H5T_ENUM:
        return enum_type(file_type, type);
    case H5T_FLOAT:
        *type = H5Tget_precision(file_type) <= 32 ? PW_F32 : PW_F64;
        return true;
    case H5T_STRING:
        *words = "text";
        return false;
    case H5T_COMPOUND:
        *words = compound_words(file_type);
        return false;
    case H5T_REFERENCE:
        *words = "references";
        return false;
    case H5T_BITFIELD:
        *words = "bit fields";
        return false;
    case H5T_VLEN:
    case H5T_ARRAY:
        *words = "arrays as elements";
        return false;
    default:
        *words = "no numbers";
        return false;
    }
}

typedef struct reason {
    char *text;
    size_t size;
} reason;

/* The stack is walked from the call that failed to the one that the program made. */
static herr_t first_words(unsigned n, const H5E_error2_t *error, void *context)
{
    const reason *into = context;
    (void)n;
    if (into->text[0] == '\0' && error->desc && error->desc[0])
        snprintf(into->text, into->size, "%s", error->desc);
    return 0;
}

char *pw_store_reason(char *text, size_t size)
{
    reason into = {.text = text, .size = size};
    text[0] = '\0';
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, first_words, &into);
    for (char *c = text; *c; c++)
        if (*c == '\n' || *c == '\r' || *c == '\t')
            *c = ' ';
    return text;
}
