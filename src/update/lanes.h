/* Rows of a factor side by side in vector lanes: a panel holds PW_LANES rows, component by component,
 * so that row-separable updates run over the rows in vectors whatever k is. */
#ifndef PW_UPDATE_LANES_H
#define PW_UPDATE_LANES_H

#include "base/clones.h"
#include "base/vectors.h"

#include <stdint.h>

/* Vectors of 8 doubles by the compiler's extension: on narrower machines it splits them. */
typedef double pw_vector __attribute__((vector_size(64)));
typedef int64_t pw_vector_mask
    __attribute__((vector_size(64))); /* a comparison: all bits or none */

typedef double pw_vector_anywhere /* not aligned */
    __attribute__((vector_size(64), aligned(sizeof(double)), may_alias));

enum { PW_VECTORS = 4, PW_VECTOR_LENGTH = 8, PW_LANES = PW_VECTORS * PW_VECTOR_LENGTH };

/* One component of all rows of a panel. */
typedef struct pw_lanes {
    pw_vector v[PW_VECTORS];
} pw_lanes;

/* Local. Doubles of a workspace for panels of k components, and for their alignment. */
static inline int64_t pw_lanes_work(int k, int panels)
{
    return (int64_t)panels * k * PW_LANES + PW_VECTOR_LENGTH;
}

/* Local. The panels within a workspace, on a cache line's border: k components each. */
static inline pw_lanes *pw_lanes_panel(double *work, int k, int index)
{
    const uintptr_t line = sizeof(pw_vector);
    return (pw_lanes *)(((uintptr_t)work + line - 1) / line * line) + (int64_t)index * k;
}

/* Local. Lane `row` of a component. */
static inline double *pw_lane(pw_lanes *lanes, int64_t row)
{
    return (double *)lanes + row;
}

/* Local. t[i] lane j and t[j] lane i change places. */
PW_INLINE void pw_lanes_transpose(pw_vector t[PW_VECTOR_LENGTH])
{
    pw_vector u[PW_VECTOR_LENGTH];
    for (int i = 0; i < PW_VECTOR_LENGTH; i += 2) {
        u[i] = PW_EVEN_1(pw_vector_mask, t[i], t[i + 1]);
        u[i + 1] = PW_ODD_1(pw_vector_mask, t[i], t[i + 1]);
    }
    for (int i = 0; i < PW_VECTOR_LENGTH; i += 4)
        for (int j = i; j < i + 2; j++) {
            t[j] = PW_EVEN_2(pw_vector_mask, u[j], u[j + 2]);
            t[j + 2] = PW_ODD_2(pw_vector_mask, u[j], u[j + 2]);
        }
    for (int i = 0; i < 4; i++) {
        u[i] = PW_EVEN_4(pw_vector_mask, t[i], t[i + 4]);
        u[i + 4] = PW_ODD_4(pw_vector_mask, t[i], t[i + 4]);
    }
    for (int i = 0; i < PW_VECTOR_LENGTH; i++)
        t[i] = u[i];
}

/* Local. The last of the columns that are taken 8 at a time begin before the end of those before. */
static inline int pw_lanes_column(int k, int c)
{
    return c + PW_VECTOR_LENGTH <= k ? c : k - PW_VECTOR_LENGTH;
}

/* Local. panel[c] lane l = X[l][c] for `rows` ≤ PW_LANES rows, zero beyond them. */
PW_INLINE void pw_lanes_load(int64_t rows, int k, const double *X, int64_t ldx, pw_lanes *panel)
{
    pw_vector t[PW_VECTOR_LENGTH];
    if (rows < PW_LANES || k < PW_VECTOR_LENGTH) {
        for (int c = 0; c < k; c++)
            for (int64_t l = 0; l < PW_LANES; l++)
                *pw_lane(&panel[c], l) = l < rows ? X[l * ldx + c] : 0;
        return;
    }
    for (int i = 0; i < k; i += PW_VECTOR_LENGTH)
        for (int v = 0, c = pw_lanes_column(k, i); v < PW_VECTORS; v++) {
            const double *from = X + v * PW_VECTOR_LENGTH * ldx + c;
            for (int l = 0; l < PW_VECTOR_LENGTH; l++)
                t[l] = *(const pw_vector_anywhere *)(from + l * ldx);
            pw_lanes_transpose(t);
            for (int j = 0; j < PW_VECTOR_LENGTH; j++)
                panel[c + j].v[v] = t[j];
        }
}

/* Local. The reverse: X[l][c] = panel[c] lane l. */
PW_INLINE void pw_lanes_store(int64_t rows, int k, pw_lanes *panel, double *X, int64_t ldx)
{
    pw_vector t[PW_VECTOR_LENGTH];
    if (rows < PW_LANES || k < PW_VECTOR_LENGTH) {
        for (int64_t l = 0; l < rows; l++)
            for (int c = 0; c < k; c++)
                X[l * ldx + c] = *pw_lane(&panel[c], l);
        return;
    }
    for (int i = 0; i < k; i += PW_VECTOR_LENGTH)
        for (int v = 0, c = pw_lanes_column(k, i); v < PW_VECTORS; v++) {
            double *to = X + v * PW_VECTOR_LENGTH * ldx + c;
            for (int j = 0; j < PW_VECTOR_LENGTH; j++)
                t[j] = panel[c + j].v[v];
            pw_lanes_transpose(t);
            for (int l = 0; l < PW_VECTOR_LENGTH; l++)
                *(pw_vector_anywhere *)(to + l * ldx) = t[l];
        }
}

/* Local. sum = Σ_j G[j] · panel[j], G a row of the symmetric Gram matrix. */
PW_INLINE void pw_lanes_times_gram(int k, const double *G, const pw_lanes *panel, pw_lanes *sum)
{
    pw_vector s0 = {0}, s1 = s0, s2 = s0, s3 = s0; /* named, so that they stay in registers */
    for (int j = 0; j < k; j++) {
        s0 += G[j] * panel[j].v[0];
        s1 += G[j] * panel[j].v[1];
        s2 += G[j] * panel[j].v[2];
        s3 += G[j] * panel[j].v[3];
    }
    *sum = (pw_lanes){{s0, s1, s2, s3}};
}

/* Local. The same for this row of the Gram matrix and the next: what is loaded of the panel serves both. */
PW_INLINE void pw_lanes_times_gram_2(int k, const double *G, const pw_lanes *panel, pw_lanes sum[2])
{
    pw_vector a0 = {0}, a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
    for (int j = 0; j < k; j++) {
        const pw_vector a = (pw_vector){0} + G[j], b = (pw_vector){0} + G[k + j];
        a0 += a * panel[j].v[0];
        b0 += b * panel[j].v[0];
        a1 += a * panel[j].v[1];
        b1 += b * panel[j].v[1];
        a2 += a * panel[j].v[2];
        b2 += b * panel[j].v[2];
        a3 += a * panel[j].v[3];
        b3 += b * panel[j].v[3];
    }
    sum[0] = (pw_lanes){{a0, a1, a2, a3}};
    sum[1] = (pw_lanes){{b0, b1, b2, b3}};
}

#endif
