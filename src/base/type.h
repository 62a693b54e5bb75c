/* The types that entries of V may have, in files and in memory, and their widening to float or double. */
#ifndef PW_BASE_TYPE_H
#define PW_BASE_TYPE_H

#include <stddef.h>
#include <stdint.h>

/* PW_ONE: no values are stored, every stored entry of a sparse matrix is 1. */
#define PW_TYPES(X)                                                                                \
    X(PW_U8, uint8_t, "u8")                                                                        \
    X(PW_I8, int8_t, "i8")                                                                         \
    X(PW_U16, uint16_t, "u16")                                                                     \
    X(PW_I16, int16_t, "i16")                                                                      \
    X(PW_U32, uint32_t, "u32")                                                                     \
    X(PW_I32, int32_t, "i32")                                                                      \
    X(PW_U64, uint64_t, "u64")                                                                     \
    X(PW_I64, int64_t, "i64")                                                                      \
    X(PW_F32, float, "f32")                                                                        \
    X(PW_F64, double, "f64")

typedef enum pw_type {
#define PW_TYPE_NAME(name, c_type, text) name,
    PW_TYPES(PW_TYPE_NAME)
#undef PW_TYPE_NAME
        PW_ONE
} pw_type;

/* Local. Bytes of one element; 0 for PW_ONE. */
size_t pw_type_size(pw_type type);

/* Local. "u8", "f64", …; "one" for PW_ONE. */
const char *pw_type_text(pw_type type);

/* Local. Widens `count` elements of `type` that start at `values` + `first` elements. */
void pw_widen_to_double(pw_type type, const void *values, int64_t first, int64_t count,
                        double *wide);
void pw_widen_to_float(pw_type type, const void *values, int64_t first, int64_t count, float *wide);

/* Local. Writes `count` doubles as `type`; the values must be exact in that type (PW_ONE: nothing). */
void pw_narrow(pw_type type, const double *wide, int64_t count, void *values, int64_t first);

/* Local. The narrowest unsigned type that holds whole numbers up to `largest`. */
pw_type pw_type_for_whole_numbers(double largest);

#endif
