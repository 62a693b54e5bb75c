#include "update/widths.h"

#include "base/vectors.h"

#define DEFINE(update, work)                                                                       \
    void update(const pw_problem *p)                                                               \
    {                                                                                              \
        (pw_vector_bytes() == PW_LONG_VECTOR ? update##_long : update##_short)(p);                 \
    }                                                                                              \
    int64_t work(int k)                                                                            \
    {                                                                                              \
        return (pw_vector_bytes() == PW_LONG_VECTOR ? work##_long : work##_short)(k);              \
    }
PW_WIDTHS(DEFINE)
