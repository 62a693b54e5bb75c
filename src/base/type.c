#include "base/type.h"

#include "base/clones.h"
#include "base/memory.h"
#include "base/smaller.h"

enum { PIECE = 1024 }; /* values that are widened at a time */

size_t pw_type_size(pw_type type)
{
    switch (type) {
#define SIZE(name, c_type, text)                                                                   \
    case name:                                                                                     \
        return sizeof(c_type);
        PW_TYPES(SIZE)
    default:
        return 0;
    }
}

const char *pw_type_text(pw_type type)
{
    switch (type) {
#define TEXT(name, c_type, text)                                                                   \
    case name:                                                                                     \
        return text;
        PW_TYPES(TEXT)
    default:
        return "one";
    }
}

#define WIDEN(name, c_type, text)                                                                  \
    case name: {                                                                                   \
        const c_type *from = (const c_type *)values;                                               \
        for (int64_t i = 0; i < count; i++)                                                        \
            wide[i] = (WIDE)from[PLACE(i)];                                                        \
        return;                                                                                    \
    }

/* Elements PLACE(0) … PLACE(count - 1) of `values`. */
#define WIDEN_ALL                                                                                  \
    switch (type) {                                                                                \
        PW_TYPES(WIDEN)                                                                            \
    default:                                                                                       \
        for (int64_t i = 0; i < count; i++)                                                        \
            wide[i] = 1;                                                                           \
    }

#define PLACE(i) first + (i)
#define WIDE double
PW_CLONES void pw_widen_to_double(pw_type type, const void *values, int64_t first, int64_t count,
                                  double *wide){WIDEN_ALL}
#undef WIDE

#define WIDE float
PW_CLONES void pw_widen_to_float(pw_type type, const void *values, int64_t first, int64_t count,
                                 float *wide){WIDEN_ALL}
#undef WIDE
#undef PLACE

#define PLACE(i) place[i]
#define WIDE double
PW_CLONES void pw_pick_to_double(pw_type type, const void *values, const int64_t *place,
                                 int64_t count, double *wide){WIDEN_ALL}
#undef WIDE

#define WIDE float
PW_CLONES void pw_pick_to_float(pw_type type, const void *values, const int64_t *place,
                                int64_t count, float *wide)
{
    WIDEN_ALL
}
#undef WIDE
#undef PLACE

bool pw_are_ones(pw_type type, const void *values, int64_t count)
{
    double wide[PIECE];
    for (int64_t first = 0; first < count; first += PIECE) {
        const int64_t piece = pw_smaller(PIECE, count - first);
        pw_widen_to_double(type, values, first, piece, wide);
        for (int64_t i = 0; i < piece; i++)
            if (wide[i] != 1)
                return false;
    }
    return true;
}

PW_CLONES void pw_narrow(pw_type type, const double *wide, int64_t count, void *values,
                         int64_t first)
{
    switch (type) {
#define NARROW(name, c_type, text)                                                                 \
    case name: {                                                                                   \
        c_type *to = (c_type *)values + first;                                                     \
        for (int64_t i = 0; i < count; i++)                                                        \
            to[i] = (c_type)wide[i];                                                               \
        return;                                                                                    \
    }
        PW_TYPES(NARROW)
    default:
        return;
    }
}

pw_code pw_change_type(pw_type to, int64_t count, pw_type *type, void **values)
{
    double wide[PIECE];
    void *changed = pw_new(count, pw_type_size(to));
    if (!changed)
        return PW_ERROR_MEMORY;
    for (int64_t first = 0; first < count; first += PIECE) {
        const int64_t piece = pw_smaller(PIECE, count - first);
        pw_widen_to_double(*type, *values, first, piece, wide);
        pw_narrow(to, wide, piece, changed, first);
    }
    free(*values);
    *values = changed;
    *type = to;
    return PW_OK;
}

pw_type pw_type_for_whole_numbers(double largest)
{
    if (largest <= UINT8_MAX)
        return PW_U8;
    if (largest <= UINT16_MAX)
        return PW_U16;
    if (largest <= UINT32_MAX)
        return PW_U32;
    return largest <= 0x1p53 ? PW_U64 : PW_F64;
}
