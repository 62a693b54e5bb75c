/* What hot loops need beside the compiler's vector extension. */
#ifndef PW_BASE_VECTORS_H
#define PW_BASE_VECTORS_H

#include <stdbool.h>

/* Bytes of the longest vectors, which AVX-512 has registers for, and of short ones, which every processor has. Longer ones
 * than a processor's registers are right but slow: compilers keep them in memory. */
#define PW_LONG_VECTOR 64
#ifdef __aarch64__
#define PW_SHORT_VECTOR 16
#else
#define PW_SHORT_VECTOR 32
#endif

/* Local. Does this processor have AVX-512, as far as code for it may use it (x86-64-v4)? */
bool pw_has_avx512(void);

/* Local. Bytes of the vectors that hot loops are to use on this processor: PW_LONG_VECTOR or PW_SHORT_VECTOR. */
int pw_vector_bytes(void);

/* Local, one thread, while no loop runs, and before workspaces are made. From now on they use the long or the short ones. */
void pw_vector_choose(int bytes);

/* Vectors may not be passed to another function: how depends on the CPU that it is compiled for. */
#define PW_INLINE static inline __attribute__((always_inline))

/* A vector of the given lanes of a and b, those of b counted on from those of a; `mask`: the type of as many whole
 * numbers of their size. */
#ifdef __clang__
#define PW_PICK(mask, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define PW_PICK(mask, a, b, ...) __builtin_shuffle(a, b, (mask){__VA_ARGS__})
#endif

/* The halves of a transposition of 8 × 8, 4 × 4 or 2 × 2 lanes, step by step: lanes by 1, 2 and 4. */
#define PW_EVEN(lanes, by, mask, a, b) PW_EVEN_OF(lanes, by, mask, a, b)
#define PW_ODD(lanes, by, mask, a, b) PW_ODD_OF(lanes, by, mask, a, b)
#define PW_EVEN_OF(lanes, by, mask, a, b) PW_PICK(mask, a, b, PW_EVEN_##lanes##_##by)
#define PW_ODD_OF(lanes, by, mask, a, b) PW_PICK(mask, a, b, PW_ODD_##lanes##_##by)
#define PW_EVEN_8_1 0, 8, 2, 10, 4, 12, 6, 14
#define PW_ODD_8_1 1, 9, 3, 11, 5, 13, 7, 15
#define PW_EVEN_8_2 0, 1, 8, 9, 4, 5, 12, 13
#define PW_ODD_8_2 2, 3, 10, 11, 6, 7, 14, 15
#define PW_EVEN_8_4 0, 1, 2, 3, 8, 9, 10, 11
#define PW_ODD_8_4 4, 5, 6, 7, 12, 13, 14, 15
#define PW_EVEN_4_1 0, 4, 2, 6
#define PW_ODD_4_1 1, 5, 3, 7
#define PW_EVEN_4_2 0, 1, 4, 5
#define PW_ODD_4_2 2, 3, 6, 7
#define PW_EVEN_2_1 0, 2
#define PW_ODD_2_1 1, 3

#endif
