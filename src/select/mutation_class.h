/* All that partwise knows of the names of mutation classes: a base that changes, and the bases around it. The same class
 * is written in several ways, of which these are known:
 *
 *     A[C>A]A             one column: 5' bases, [from>to], 3' bases
 *     C>A ACA             two columns, type and context (Alexandrov et al. 2020)
 *     ACA C>A             the other way round
 *     C>A ACA A[C>A]A     all three (COSMIC 2)
 *
 * The parts stand between blanks, tabs or commas. Contexts are of odd length, 3 (96 classes), 5 (1536), … up to 9, with
 * the base that changes in the middle. A class and the same one seen from the other strand (T[G>T]T) are two. */
#ifndef PW_SELECT_MUTATION_CLASS_H
#define PW_SELECT_MUTATION_CLASS_H

#include <stdint.h>

enum { PW_MUTATION_CONTEXT = 9, PW_MUTATION_CLASS_LENGTH = PW_MUTATION_CONTEXT + 5 };

/* Local. Writes the class that `name` stands for as A[C>A]A, with a NUL, and returns its length; 0: it is no such name. */
int64_t pw_mutation_class(const char *name, int64_t length,
                          char text[static PW_MUTATION_CLASS_LENGTH]);

#endif
