/* Of a row of R or W as many columns as fit into registers, a strip, stay there while its entries go by. The rows of H and P that
 * they need lie anywhere: they are fetched some entries ahead. */
#include "matrix/sparse_rows.h"

#include "base/clones.h"
#include "base/fetch.h"
#include "base/vectors.h"
#include "dist/layout.h"

#include <string.h>

enum {
    MOST = 8,  /* vectors of a strip */
    AHEAD = 16 /* entries */
};

/* Columns first … first + width - 1 as so many vectors, of which the last one may overlap the one before. */
typedef struct strip {
    int first, width, vectors;
} strip;

/* The loops over entries for the columns of a strip, for one type of numbers. */
typedef struct loops {
    int length; /* of a vector */
    void (*gather[PW_POWER_TWO + 1])(strip s, const pw_sparse_rows *entries, const void *value,
                                     const void *H, int K, double scale, double *R);
    void (*scatter[PW_POWER_TWO + 1])(strip s, const pw_sparse_rows *entries, const void *value,
                                      const void *W, int K, double scale, void *P);
    void (*dots)(strip s, const pw_sparse_rows *entries, const double *W, const void *H, int K,
                 double inverse, double scale, double *x);
} loops;

/* The column where vector v of the n of a strip begins. */
PW_INLINE int at(const strip *s, const int n, int length, int v)
{
    return v == n - 1 ? s->width - length : v * length;
}

/* The column of the entry that is AHEAD of e. */
PW_INLINE int64_t next_column(const uint32_t *column, int e, int last)
{
    return column[e + AHEAD < last ? e + AHEAD : last];
}

/* Of x. */
typedef double group
    __attribute__((vector_size(PW_GROUP * sizeof(double)), aligned(sizeof(double)), may_alias));

#define JOIN(real, length, name) real##_##length##_##name
#define NAME(real, length, name) JOIN(real, length, name)
#define KERNEL(name) NAME(REAL, LENGTH, name)

#define REAL double
#define WHOLE int64_t
#define LENGTH 8
#include "matrix/sparse_rows_kernel.h"
#define LENGTH 4
#include "matrix/sparse_rows_kernel.h"
#define LENGTH 2
#include "matrix/sparse_rows_kernel.h"
#define LENGTH 1
#include "matrix/sparse_rows_kernel.h"
#undef REAL
#undef WHOLE

#define REAL float
#define WHOLE int32_t
#define LENGTH 16
#include "matrix/sparse_rows_kernel.h"
#define LENGTH 8
#include "matrix/sparse_rows_kernel.h"
#define LENGTH 4
#include "matrix/sparse_rows_kernel.h"
#define LENGTH 2
#include "matrix/sparse_rows_kernel.h"
#define LENGTH 1
#include "matrix/sparse_rows_kernel.h"
#undef REAL
#undef WHOLE

static const loops *const IN_DOUBLE[] = {&double_8_loops, &double_4_loops, &double_2_loops,
                                         &double_1_loops};
static const loops *const IN_FLOAT[] = {&float_16_loops, &float_8_loops, &float_4_loops,
                                        &float_2_loops, &float_1_loops};

/* ---- all columns, strip by strip ---- */

/* Those with the longest vectors of at most so many bytes that K columns fill. */
static const loops *loops_for(bool single, int K, int bytes)
{
    const loops *const *of_type = single ? IN_FLOAT : IN_DOUBLE;
    const int size = single ? sizeof(float) : sizeof(double);
    while ((*of_type)->length > K || (*of_type)->length * size > bytes)
        of_type++;
    return *of_type;
}

static int strips_of(int K, int length)
{
    return (K - 1) / (MOST * length) + 1;
}

/* Strips are about equally wide, so that none has a single vector beside others: there is always one to overlap. */
static strip strip_at(int K, int length, int index)
{
    const int vectors = (K - 1) / length + 1, strips = strips_of(K, length);
    const int from = (int)pw_share(vectors, strips, index);
    const int to = (int)pw_share(vectors, strips, index + 1);
    const int first = from * length, end = to < vectors ? to * length : K;
    return (strip){.first = first, .width = end - first, .vectors = to - from};
}

void pw_sparse_rows_gather(const pw_sparse_rows *entries, bool single, const void *value,
                           const void *H, int K, pw_power power, double scale, double *R)
{
    const loops *with = loops_for(single, K, pw_vector_bytes());
    for (int i = 0; i < strips_of(K, with->length); i++)
        with->gather[power](strip_at(K, with->length, i), entries, value, H, K, scale, R);
}

void pw_sparse_rows_scatter(const pw_sparse_rows *entries, bool single, const void *value,
                            const void *W, int K, pw_power power, double scale, void *P)
{
    const loops *with = loops_for(single, K, pw_vector_bytes());
    for (int i = 0; i < strips_of(K, with->length); i++)
        with->scatter[power](strip_at(K, with->length, i), entries, value, W, K, scale, P);
}

/* One sum at a time: it stays in registers however long its vectors are. */
void pw_sparse_rows_dot(const pw_sparse_rows *entries, bool single, const double *W, const void *H,
                        int K, double unit, double scale, double *x)
{
    const loops *with = loops_for(single, K, PW_LONG_VECTOR);
    memset(x, 0, (size_t)entries->start[entries->rows] * sizeof *x);
    for (int i = 0; i < strips_of(K, with->length); i++)
        with->dots(strip_at(K, with->length, i), entries, W, H, K, 1 / unit, scale, x);
}
