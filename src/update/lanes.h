/* Rows of a factor side by side in vector lanes: a panel holds PW_LANES rows, component by component,
 * so that row-separable updates run over the rows in vectors whatever k is. */
#ifndef PW_UPDATE_LANES_H
#define PW_UPDATE_LANES_H

#include "base/clones.h"
#include "base/vectors.h"
#include "update/widths.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef PW_SHORT_VECTORS
#define PW_VECTOR_BYTES PW_SHORT_VECTOR
#else
#define PW_VECTOR_BYTES PW_LONG_VECTOR
#endif

/* Doubles of a vector. */
#if PW_VECTOR_BYTES == 64
#define PW_VECTOR_LENGTH 8
#elif PW_VECTOR_BYTES == 32
#define PW_VECTOR_LENGTH 4
#else
#define PW_VECTOR_LENGTH 2
#endif

/* By the compiler's extension. */
typedef double pw_vector __attribute__((vector_size(PW_VECTOR_BYTES)));
typedef int64_t pw_vector_mask
    __attribute__((vector_size(PW_VECTOR_BYTES))); /* a comparison: all bits or none */

typedef double pw_vector_anywhere /* not aligned */
    __attribute__((vector_size(PW_VECTOR_BYTES), aligned(sizeof(double)), may_alias));

enum { PW_VECTORS = 4, PW_LANES = PW_VECTORS * PW_VECTOR_LENGTH };

/* One component of all rows of a panel. */
typedef struct pw_lanes {
    pw_vector v[PW_VECTORS];
} pw_lanes;

/* Local. Doubles of a workspace for panels of k components, and for their alignment. */
static inline int64_t pw_lanes_work(int k, int panels)
{
    return (int64_t)panels * k * PW_LANES + PW_VECTOR_LENGTH;
}

/* Local. The panels within a workspace, on a vector's border: k components each. */
static inline pw_lanes *pw_lanes_panel(double *work, int k, int index)
{
    const uintptr_t border = sizeof(pw_vector);
    return (pw_lanes *)(((uintptr_t)work + border - 1) / border * border) + (int64_t)index * k;
}

/* Local. Lane `row` of a component. */
static inline double *pw_lane(pw_lanes *lanes, int64_t row)
{
    return (double *)lanes + row;
}

/* A step of a transposition: lanes `by` apart of vectors `by` apart change places. */
#define PW_EXCHANGE(t, by)                                                                         \
    for (int i = 0; i < PW_VECTOR_LENGTH; i++)                                                     \
        if (!(i & by)) {                                                                           \
            const pw_vector a = t[i], b = t[i + by];                                               \
            t[i] = PW_EVEN(PW_VECTOR_LENGTH, by, pw_vector_mask, a, b);                            \
            t[i + by] = PW_ODD(PW_VECTOR_LENGTH, by, pw_vector_mask, a, b);                        \
        }

/* Local. to[j to_step + i] = from[i from_step + j] for i, j < PW_VECTOR_LENGTH. */
PW_INLINE void pw_lanes_transpose(const double *from, int64_t from_step, double *to,
                                  int64_t to_step)
{
    pw_vector t[PW_VECTOR_LENGTH];
    for (int i = 0; i < PW_VECTOR_LENGTH; i++)
        t[i] = *(const pw_vector_anywhere *)(from + i * from_step);
    PW_EXCHANGE(t, 1)
#if PW_VECTOR_LENGTH >= 4
    PW_EXCHANGE(t, 2)
#endif
#if PW_VECTOR_LENGTH >= 8
    PW_EXCHANGE(t, 4)
#endif
    for (int i = 0; i < PW_VECTOR_LENGTH; i++)
        *(pw_vector_anywhere *)(to + i * to_step) = t[i];
}

/* Local. The last of the columns that are taken a vector at a time begin before the end of those before. */
static inline int pw_lanes_column(int k, int c)
{
    return c + PW_VECTOR_LENGTH <= k ? c : k - PW_VECTOR_LENGTH;
}

/* Local. panel[c] lane l = X[l][c] for `rows` ≤ PW_LANES rows, zero beyond them. */
PW_INLINE void pw_lanes_load(int64_t rows, int k, const double *X, int64_t ldx, pw_lanes *panel)
{
    const bool whole = rows == PW_LANES && k >= PW_VECTOR_LENGTH;
    for (int c = 0; !whole && c < k; c++)
        for (int l = 0; l < PW_LANES; l++)
            *pw_lane(&panel[c], l) = l < rows ? X[l * ldx + c] : 0;
    for (int i = 0; whole && i < k; i += PW_VECTOR_LENGTH)
        for (int l = 0, c = pw_lanes_column(k, i); l < PW_LANES; l += PW_VECTOR_LENGTH)
            pw_lanes_transpose(X + l * ldx + c, ldx, pw_lane(&panel[c], l), PW_LANES);
}

/* Local. The reverse: X[l][c] = panel[c] lane l. */
PW_INLINE void pw_lanes_store(int64_t rows, int k, pw_lanes *panel, double *X, int64_t ldx)
{
    const bool whole = rows == PW_LANES && k >= PW_VECTOR_LENGTH;
    for (int l = 0; !whole && l < rows; l++)
        for (int c = 0; c < k; c++)
            X[l * ldx + c] = *pw_lane(&panel[c], l);
    for (int i = 0; whole && i < k; i += PW_VECTOR_LENGTH)
        for (int l = 0, c = pw_lanes_column(k, i); l < PW_LANES; l += PW_VECTOR_LENGTH)
            pw_lanes_transpose(pw_lane(&panel[c], l), PW_LANES, X + l * ldx + c, ldx);
}

/* Local. sum[r] = Σ_j G[r k + j] · panel[j] for rows r of the symmetric Gram matrix, one or two: what is loaded of the panel
 * serves both. */
PW_INLINE void pw_lanes_times_gram(const int rows, int k, const double *G, const pw_lanes *panel,
                                   pw_lanes *sum)
{
    pw_lanes a = {{{0}}}, b = a;
    for (int j = 0; j < k; j++) {
        const pw_vector g = (pw_vector){0} + G[j], next = (pw_vector){0} + G[(rows - 1) * k + j];
        for (int v = 0; v < PW_VECTORS; v++) {
            a.v[v] += g * panel[j].v[v];
            if (rows == 2)
                b.v[v] += next * panel[j].v[v];
        }
    }
    sum[0] = a;
    if (rows == 2)
        sum[1] = b;
}

/* Local. Lanes of a where `which` has all bits, else those of b. */
PW_INLINE pw_vector pw_lanes_choose(pw_vector_mask which, pw_vector a, pw_vector b)
{
    return (pw_vector)(((pw_vector_mask)a & which) | ((pw_vector_mask)b & ~which));
}

/* Local. Σ of the squares of the projected gradient (pw_projected) of entries x with gradients g. */
PW_INLINE double pw_lanes_residual(const pw_lanes *x, const pw_lanes *g, double curvature)
{
    pw_vector squares = {0};
    double sum = 0;
    for (int v = 0; v < PW_VECTORS; v++) {
        const pw_vector most = curvature * x->v[v];
        const pw_vector projected = pw_lanes_choose(g->v[v] > most, most, g->v[v]);
        squares += projected * projected;
    }
    for (int l = 0; l < PW_VECTOR_LENGTH; l++)
        sum += squares[l];
    return sum;
}

#endif
