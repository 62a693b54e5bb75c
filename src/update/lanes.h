/* Rows of a factor side by side in vector lanes: a panel holds PW_LANES rows, component by component,
 * so that row-separable updates run over the rows in vectors whatever k is. */
#ifndef PW_UPDATE_LANES_H
#define PW_UPDATE_LANES_H

#include "base/clones.h"

#include <stdint.h>

/* Vectors of 8 doubles by the compiler's extension: on narrower machines it splits them. */
typedef double pw_vector __attribute__((vector_size(64)));
typedef int64_t pw_vector_mask
    __attribute__((vector_size(64))); /* a comparison: all bits or none */

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

/* Local. panel[c] lane l = X[l][c] for `rows` ≤ PW_LANES rows, zero beyond them. */
static inline void pw_lanes_load(int64_t rows, int k, const double *X, int64_t ldx, pw_lanes *panel)
{
    for (int c = 0; c < k; c++)
        for (int64_t l = 0; l < PW_LANES; l++)
            *pw_lane(&panel[c], l) = l < rows ? X[l * ldx + c] : 0;
}

/* Local. The reverse: X[l][c] = panel[c] lane l. */
static inline void pw_lanes_store(int64_t rows, int k, pw_lanes *panel, double *X, int64_t ldx)
{
    for (int64_t l = 0; l < rows; l++)
        for (int c = 0; c < k; c++)
            X[l * ldx + c] = *pw_lane(&panel[c], l);
}

/* Local. sum = Σ_j G[j] · panel[j], G a row of the symmetric Gram matrix. */
static inline void pw_lanes_times_gram(int k, const double *G, const pw_lanes *panel, pw_lanes *sum)
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

#endif
