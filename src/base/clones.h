/* Hot loops are compiled for several generations of x86 vectors; the loader picks the one the CPU can
 * run. Elsewhere, and under sanitizers (which cannot start before the loader's choice), once. With
 * PW_SHORT_VECTORS a file is compiled once more, for processors without the first of them (update/widths.h). */
#ifndef PW_BASE_CLONES_H
#define PW_BASE_CLONES_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__linux__) &&       \
    !defined(__SANITIZE_ADDRESS__)
#ifdef PW_SHORT_VECTORS
#define PW_CLONES __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define PW_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
#else
#define PW_CLONES
#endif

#endif
