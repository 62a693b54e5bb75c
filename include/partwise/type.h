/* The types that entries of V may have, in files and in memory. */
#ifndef PARTWISE_TYPE_H
#define PARTWISE_TYPE_H

#include <stdint.h>

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

/* PW_ONE: no values are stored, every stored entry of a sparse matrix is 1. */
typedef enum pw_type {
#define PW_TYPE_NAME(name, c_type, text) name,
    PW_TYPES(PW_TYPE_NAME)
#undef PW_TYPE_NAME
        PW_ONE
} pw_type;

#endif
