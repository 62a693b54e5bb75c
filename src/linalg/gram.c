#include "linalg/gram.h"

#include "base/smaller.h"
#include "linalg/skinny.h"

enum {
    STRIP =
        32, /* columns of G at a time: what lies below the diagonal in each is all that is computed twice */
    PIECE = 1 << 20, /* rows at a time: BLAS counts in int */
};

void pw_gram_add(int64_t rows, int k, const double *X, int64_t ldx, double *G)
{
    for (int64_t i = 0; i < rows; i += PIECE)
        for (int b = 0; b < k; b += STRIP) {
            const int64_t width = pw_smaller(k - b, STRIP);
            pw_skinny_double(true, b + width, width, pw_smaller(rows - i, PIECE), X + i * ldx, ldx,
                             X + i * ldx + b, ldx, G + b, k);
        }
    for (int a = 1; a < k; a++)
        for (int b = 0; b < a; b++)
            G[(int64_t)a * k + b] = G[(int64_t)b * k + a];
}

void pw_cross_add(int64_t rows, int k, const double *A, const double *B, double *G)
{
    for (int64_t i = 0; i < rows; i += PIECE)
        pw_skinny_double(true, k, k, pw_smaller(rows - i, PIECE), A + i * k, k, B + i * k, k, G, k);
}
