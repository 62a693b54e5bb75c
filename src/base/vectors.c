#include "base/vectors.h"

bool pw_has_avx512(void)
{
#ifdef __x86_64__
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
#else
    return false;
#endif
}

static int chosen; /* 0: by the processor */

int pw_vector_bytes(void)
{
    if (chosen)
        return chosen;
    return pw_has_avx512() ? PW_LONG_VECTOR : PW_SHORT_VECTOR;
}

void pw_vector_choose(int bytes)
{
    chosen = bytes;
}
