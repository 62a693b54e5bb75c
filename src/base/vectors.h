/* What hot loops need beside the compiler's vector extension. */
#ifndef PW_BASE_VECTORS_H
#define PW_BASE_VECTORS_H

/* Vectors may not be passed to another function: how depends on the CPU that it is compiled for. */
#define PW_INLINE static inline __attribute__((always_inline))

/* A vector of the given lanes of a and b, those of b counted on from those of a; `mask`: the type of as many whole
 * numbers of their size. */
#ifdef __clang__
#define PW_PICK(mask, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define PW_PICK(mask, a, b, ...) __builtin_shuffle(a, b, (mask){__VA_ARGS__})
#endif

/* The halves of a transposition of 8 × 8 lanes, step by step: lanes by 1, 2 and 4. */
#define PW_EVEN_1(mask, a, b) PW_PICK(mask, a, b, 0, 8, 2, 10, 4, 12, 6, 14)
#define PW_ODD_1(mask, a, b) PW_PICK(mask, a, b, 1, 9, 3, 11, 5, 13, 7, 15)
#define PW_EVEN_2(mask, a, b) PW_PICK(mask, a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define PW_ODD_2(mask, a, b) PW_PICK(mask, a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define PW_EVEN_4(mask, a, b) PW_PICK(mask, a, b, 0, 1, 2, 3, 8, 9, 10, 11)
#define PW_ODD_4(mask, a, b) PW_PICK(mask, a, b, 4, 5, 6, 7, 12, 13, 14, 15)

#endif
