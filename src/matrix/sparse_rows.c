/* Of a row of R or W as many columns as fit into registers, a strip, stay there while its entries go by. The rows of H and P that
 * they need lie anywhere: they are fetched some entries ahead. */
#include "matrix/sparse_rows.h"

#include "base/clones.h"
#include "base/vectors.h"
#include "dist/layout.h"

#include <stdbool.h>
#include <string.h>

enum {
    MOST = 8,     /* vectors of a strip */
    LONGEST = 64, /* bytes of a vector */
    LINE = 64,    /* bytes fetched at a time */
    AHEAD = 16,   /* entries */
    ROWS_AHEAD =
        3 /* of W: a row comes after some entries, which hides from the processor that rows follow each other */
};

/* Columns first … first + width - 1 as so many vectors, of which the last one may overlap the one before. */
typedef struct strip {
    int first, width;
    int length; /* of a vector; a power of two */
    int vectors;
} strip;

static int strips_of(int K, int longest)
{
    return K <= MOST * longest ? 1 : (K - 1) / (MOST * longest) + 1;
}

/* Strips are about equally wide, so that none has a single vector beside others: there is always one to overlap. */
static strip strip_at(int K, int longest, int index)
{
    strip s = {.length = longest};
    while (s.length > K)
        s.length /= 2;
    const int vectors = (K - 1) / s.length + 1, strips = strips_of(K, longest);
    const int from = (int)pw_share(vectors, strips, index);
    s.vectors = (int)pw_share(vectors, strips, index + 1) - from;
    s.first = from * s.length;
    s.width = index + 1 < strips ? s.vectors * s.length : K - s.first;
    return s;
}

/* Vectors of any alignment. */
#define VECTOR(real, LENGTH) real##_##LENGTH
#define DEFINE_VECTOR(real, LENGTH)                                                                \
    typedef real VECTOR(real, LENGTH)                                                              \
        __attribute__((vector_size(LENGTH * sizeof(real)), aligned(sizeof(real)), may_alias));

DEFINE_VECTOR(double, 16)
DEFINE_VECTOR(double, 8)
DEFINE_VECTOR(double, 4)
DEFINE_VECTOR(double, 2)
DEFINE_VECTOR(double, 1)
DEFINE_VECTOR(float, 16)
DEFINE_VECTOR(float, 8)
DEFINE_VECTOR(float, 4)
DEFINE_VECTOR(float, 2)
DEFINE_VECTOR(float, 1)

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

PW_INLINE void fetch(const void *row, const int bytes)
{
    for (int b = 0; b < bytes; b += LINE)
        __builtin_prefetch((const char *)row + b);
}

PW_INLINE void fetch_to_write(void *row, const int bytes)
{
    for (int b = 0; b < bytes; b += LINE)
        __builtin_prefetch((char *)row + b, 1);
}

#define DEFINE_GATHER(real, LENGTH)                                                                \
    PW_INLINE void gather_##real##_##LENGTH(                                                       \
        const int n, const strip *s, const pw_entries *entries, const real *value, const real *H,  \
        int K, bool squares, double scale, double *R)                                              \
    {                                                                                              \
        typedef VECTOR(real, LENGTH) vector;                                                       \
        const uint32_t *const column = entries->column;                                            \
        const int *const start = entries->start;                                                   \
        const int rows = entries->rows, last = start[rows] - 1;                                    \
        for (int r = 0; r < rows; r++, R += K) {                                                   \
            vector sum[MOST] = {{0}};                                                              \
            VECTOR(double, LENGTH) all[MOST];                                                      \
            for (int e = start[r], end = start[r + 1]; e < end; e++) {                             \
                const real *h = H + (int64_t)column[e] * K;                                        \
                fetch(H + next_column(column, e, last) * K, n * (int)sizeof(vector));              \
                for (int v = 0; v < n; v++) {                                                      \
                    vector part = *(const vector *)(h + at(s, n, LENGTH, v));                      \
                    if (squares)                                                                   \
                        part *= part;                                                              \
                    sum[v] += value[e] * part;                                                     \
                }                                                                                  \
            }                                                                                      \
            for (int v = 0; v < n; v++)                                                            \
                all[v] = *(VECTOR(double, LENGTH) *)(R + at(s, n, LENGTH, v)) +                    \
                         scale * __builtin_convertvector(sum[v], VECTOR(double, LENGTH));          \
            for (int v = 0; v < n; v++)                                                            \
                *(VECTOR(double, LENGTH) *)(R + at(s, n, LENGTH, v)) = all[v];                     \
        }                                                                                          \
    }

DEFINE_GATHER(double, 8)
DEFINE_GATHER(double, 4)
DEFINE_GATHER(double, 2)
DEFINE_GATHER(double, 1)
DEFINE_GATHER(float, 16)
DEFINE_GATHER(float, 8)
DEFINE_GATHER(float, 4)
DEFINE_GATHER(float, 2)
DEFINE_GATHER(float, 1)

#define DEFINE_SCATTER(real, LENGTH)                                                               \
    PW_INLINE void scatter_##real##_##LENGTH(                                                      \
        const int n, const strip *s, const pw_entries *entries, const real *value,                 \
        const double *W, int K, bool squares, double scale, real *P)                               \
    {                                                                                              \
        typedef VECTOR(real, LENGTH) vector;                                                       \
        const uint32_t *const column = entries->column;                                            \
        const int *const start = entries->start;                                                   \
        const int rows = entries->rows, last = start[rows] - 1;                                    \
        for (int r = 0; r < rows; r++, W += K) {                                                   \
            vector w[MOST], sum[MOST];                                                             \
            fetch(W + ROWS_AHEAD * K, n * LENGTH * (int)sizeof(double));                           \
            for (int v = 0; v < n; v++) {                                                          \
                w[v] = __builtin_convertvector(                                                    \
                    scale * *(const VECTOR(double, LENGTH) *)(W + at(s, n, LENGTH, v)), vector);   \
                if (squares)                                                                       \
                    w[v] *= w[v];                                                                  \
            }                                                                                      \
            for (int e = start[r], end = start[r + 1]; e < end; e++) {                             \
                real *p = P + (int64_t)column[e] * K;                                              \
                fetch_to_write(P + next_column(column, e, last) * K, n * (int)sizeof(vector));     \
                for (int v = 0; v < n; v++)                                                        \
                    sum[v] = *(vector *)(p + at(s, n, LENGTH, v)) + value[e] * w[v];               \
                for (int v = 0; v < n; v++)                                                        \
                    *(vector *)(p + at(s, n, LENGTH, v)) = sum[v];                                 \
            }                                                                                      \
        }                                                                                          \
    }

DEFINE_SCATTER(double, 8)
DEFINE_SCATTER(double, 4)
DEFINE_SCATTER(double, 2)
DEFINE_SCATTER(double, 1)
DEFINE_SCATTER(float, 16)
DEFINE_SCATTER(float, 8)
DEFINE_SCATTER(float, 4)
DEFINE_SCATTER(float, 2)
DEFINE_SCATTER(float, 1)

/* ---- dot products ---- */

typedef int64_t mask_double __attribute__((vector_size(64)));
typedef int32_t mask_float __attribute__((vector_size(32)));

/* Lane i of the result: the sum of all lanes of part[i]. */
#define DEFINE_SUM_UP(real)                                                                        \
    PW_INLINE VECTOR(real, 8) pair_##real(VECTOR(real, 8) a, VECTOR(real, 8) b)                    \
    {                                                                                              \
        return PW_EVEN_1(mask_##real, a, b) + PW_ODD_1(mask_##real, a, b);                         \
    }                                                                                              \
    PW_INLINE VECTOR(real, 8) quarter_##real(VECTOR(real, 8) a, VECTOR(real, 8) b)                 \
    {                                                                                              \
        return PW_EVEN_2(mask_##real, a, b) + PW_ODD_2(mask_##real, a, b);                         \
    }                                                                                              \
    PW_INLINE VECTOR(real, 8) sum_up_##real(const VECTOR(real, 8) part[PW_GROUP])                  \
    {                                                                                              \
        const VECTOR(real, 8) a = pair_##real(part[0], part[1]);                                   \
        const VECTOR(real, 8) b = pair_##real(part[2], part[3]);                                   \
        const VECTOR(real, 8) c = pair_##real(part[4], part[5]);                                   \
        const VECTOR(real, 8) d = pair_##real(part[6], part[7]);                                   \
        const VECTOR(real, 8) ab = quarter_##real(a, b), cd = quarter_##real(c, d);                \
        return PW_EVEN_4(mask_##real, ab, cd) + PW_ODD_4(mask_##real, ab, cd);                     \
    }

DEFINE_SUM_UP(double)
DEFINE_SUM_UP(float)

PW_INLINE double_8 fold_double_8(double_8 part)
{
    return part;
}

PW_INLINE float_8 fold_float_8(float_8 part)
{
    return part;
}

PW_INLINE float_8 fold_float_16(float_16 part)
{
    float_8 half[2];
    memcpy(half, &part, sizeof part);
    return half[0] + half[1];
}

/* First the products of each entry lane by lane, 8 of them, then their sums, which do not mind where rows end. Lanes of the
 * last vector that the one before has too count once. */
#define DEFINE_DOTS(real, LENGTH)                                                                  \
    PW_INLINE void dots_##real##_##LENGTH(const int n, const strip *s, const pw_entries *entries,  \
                                          const double *W, const real *H, int K, double inverse,   \
                                          double scale, double *x)                                 \
    {                                                                                              \
        typedef VECTOR(real, LENGTH) vector;                                                       \
        const uint32_t *const column = entries->column;                                            \
        const int *const start = entries->start;                                                   \
        const int rows = entries->rows, last = start[rows] - 1;                                    \
        VECTOR(real, 8) part[PW_MOST_ENTRIES];                                                     \
        vector once;                                                                               \
        for (int l = 0; l < LENGTH; l++)                                                           \
            once[l] = l >= n * LENGTH - s->width;                                                  \
        for (int r = 0; r < rows; r++, W += K) {                                                   \
            vector w[MOST];                                                                        \
            fetch(W + ROWS_AHEAD * K, n * LENGTH * (int)sizeof(double));                           \
            for (int v = 0; v < n; v++)                                                            \
                w[v] = __builtin_convertvector(                                                    \
                    inverse * *(const VECTOR(double, LENGTH) *)(W + at(s, n, LENGTH, v)), vector); \
            w[n - 1] *= once;                                                                      \
            for (int e = start[r], end = start[r + 1]; e < end; e++) {                             \
                const real *h = H + (int64_t)column[e] * K;                                        \
                vector sum = w[0] * *(const vector *)(h + at(s, n, LENGTH, 0));                    \
                fetch(H + next_column(column, e, last) * K, n * (int)sizeof(vector));              \
                for (int v = 1; v < n; v++)                                                        \
                    sum += w[v] * *(const vector *)(h + at(s, n, LENGTH, v));                      \
                part[e] = fold_##real##_##LENGTH(sum);                                             \
            }                                                                                      \
        }                                                                                          \
        for (int e = 0; e <= last; e += PW_GROUP)                                                  \
            *(double_8 *)(x + e) +=                                                                \
                scale * __builtin_convertvector(sum_up_##real(part + e), double_8);                \
    }

DEFINE_DOTS(double, 8)
DEFINE_DOTS(float, 16)
DEFINE_DOTS(float, 8)

/* Rows shorter than 8. */
#define DEFINE_SHORT_DOTS(real)                                                                    \
    PW_INLINE void short_dots_##real(const pw_entries *entries, const double *W, const real *H,    \
                                     int K, double inverse, double scale, double *x)               \
    {                                                                                              \
        for (int r = 0; r < entries->rows; r++, W += K)                                            \
            for (int e = entries->start[r]; e < entries->start[r + 1]; e++) {                      \
                real sum = 0;                                                                      \
                for (int c = 0; c < K; c++)                                                        \
                    sum += (real)(W[c] * inverse) * H[(int64_t)entries->column[e] * K + c];        \
                x[e] = scale * (double)sum;                                                        \
            }                                                                                      \
    }

DEFINE_SHORT_DOTS(double)
DEFINE_SHORT_DOTS(float)

/* ---- the one for so many columns ---- */

#define FEW(kernel, LENGTH, ...)                                                                   \
    case LENGTH:                                                                                   \
        if (s.vectors == 1)                                                                        \
            kernel##_##LENGTH(1, &s, __VA_ARGS__);                                                 \
        else                                                                                       \
            kernel##_##LENGTH(2, &s, __VA_ARGS__);                                                 \
        break;

#define MANY_CASE(kernel, n, ...)                                                                  \
    case n:                                                                                        \
        kernel(n, &s, __VA_ARGS__);                                                                \
        break;

#define MANY(kernel, LENGTH, ...)                                                                  \
    case LENGTH:                                                                                   \
        switch (s.vectors) {                                                                       \
            MANY_CASE(kernel##_##LENGTH, 1, __VA_ARGS__)                                           \
            MANY_CASE(kernel##_##LENGTH, 2, __VA_ARGS__)                                           \
            MANY_CASE(kernel##_##LENGTH, 3, __VA_ARGS__)                                           \
            MANY_CASE(kernel##_##LENGTH, 4, __VA_ARGS__)                                           \
            MANY_CASE(kernel##_##LENGTH, 5, __VA_ARGS__)                                           \
            MANY_CASE(kernel##_##LENGTH, 6, __VA_ARGS__)                                           \
            MANY_CASE(kernel##_##LENGTH, 7, __VA_ARGS__)                                           \
            MANY_CASE(kernel##_##LENGTH, 8, __VA_ARGS__)                                           \
        }                                                                                          \
        break;

#define CASES_double(kernel, ...)                                                                  \
    FEW(kernel, 1, __VA_ARGS__)                                                                    \
    FEW(kernel, 2, __VA_ARGS__)                                                                    \
    FEW(kernel, 4, __VA_ARGS__)                                                                    \
    MANY(kernel, 8, __VA_ARGS__)

#define CASES_float(kernel, ...)                                                                   \
    FEW(kernel, 1, __VA_ARGS__)                                                                    \
    FEW(kernel, 2, __VA_ARGS__)                                                                    \
    FEW(kernel, 4, __VA_ARGS__)                                                                    \
    FEW(kernel, 8, __VA_ARGS__)                                                                    \
    MANY(kernel, 16, __VA_ARGS__)

#define DEFINE_GATHER_STRIP(real, name, squares)                                                   \
    PW_CLONES static void name##_##real(strip s, const pw_entries *entries, const real *value,     \
                                        const real *H, int K, double scale, double *R)             \
    {                                                                                              \
        switch (s.length) {                                                                        \
            CASES_##real(gather_##real, entries, value, H, K, squares, scale, R)                   \
        }                                                                                          \
    }

DEFINE_GATHER_STRIP(double, gather_rows, false)
DEFINE_GATHER_STRIP(double, gather_squares, true)
DEFINE_GATHER_STRIP(float, gather_rows, false)
DEFINE_GATHER_STRIP(float, gather_squares, true)

#define DEFINE_SCATTER_STRIP(real, name, squares)                                                  \
    PW_CLONES static void name##_##real(strip s, const pw_entries *entries, const real *value,     \
                                        const double *W, int K, double scale, real *P)             \
    {                                                                                              \
        switch (s.length) {                                                                        \
            CASES_##real(scatter_##real, entries, value, W, K, squares, scale, P)                  \
        }                                                                                          \
    }

DEFINE_SCATTER_STRIP(double, scatter_rows, false)
DEFINE_SCATTER_STRIP(double, scatter_squares, true)
DEFINE_SCATTER_STRIP(float, scatter_rows, false)
DEFINE_SCATTER_STRIP(float, scatter_squares, true)

#define DEFINE_DOTS_STRIP(real, CASES)                                                             \
    PW_CLONES static void dots_strip_##real(strip s, const pw_entries *entries, const double *W,   \
                                            const real *H, int K, double inverse, double scale,    \
                                            double *x)                                             \
    {                                                                                              \
        switch (s.length) {                                                                        \
            CASES                                                                                  \
        default:                                                                                   \
            short_dots_##real(entries, W, H, K, inverse, scale, x);                                \
        }                                                                                          \
    }

DEFINE_DOTS_STRIP(double, MANY(dots_double, 8, entries, W, H, K, inverse, scale, x))
DEFINE_DOTS_STRIP(float, FEW(dots_float, 8, entries, W, H, K, inverse, scale, x)
                             MANY(dots_float, 16, entries, W, H, K, inverse, scale, x))

/* ---- all columns ---- */

#define DEFINE_ALL(real)                                                                           \
    void pw_gather_##real(const pw_entries *entries, const real *value, const real *H, int K,      \
                          pw_power power, double scale, double *R)                                 \
    {                                                                                              \
        const int longest = LONGEST / (int)sizeof(real);                                           \
        for (int i = 0; i < strips_of(K, longest); i++) {                                          \
            const strip s = strip_at(K, longest, i);                                               \
            (power == PW_POWER_ONE ? gather_rows_##real : gather_squares_##real)(                  \
                s, entries, value, H + s.first, K, scale, R + s.first);                            \
        }                                                                                          \
    }                                                                                              \
    void pw_scatter_##real(const pw_entries *entries, const real *value, const double *W, int K,   \
                           pw_power power, double scale, real *P)                                  \
    {                                                                                              \
        const int longest = LONGEST / (int)sizeof(real);                                           \
        for (int i = 0; i < strips_of(K, longest); i++) {                                          \
            const strip s = strip_at(K, longest, i);                                               \
            (power == PW_POWER_ONE ? scatter_rows_##real : scatter_squares_##real)(                \
                s, entries, value, W + s.first, K, scale, P + s.first);                            \
        }                                                                                          \
    }                                                                                              \
    void pw_dots_##real(const pw_entries *entries, const double *W, const real *H, int K,          \
                        double unit, double scale, double *x)                                      \
    {                                                                                              \
        const int longest = LONGEST / (int)sizeof(real);                                           \
        memset(x, 0, (size_t)entries->start[entries->rows] * sizeof *x);                           \
        for (int i = 0; i < strips_of(K, longest); i++) {                                          \
            const strip s = strip_at(K, longest, i);                                               \
            dots_strip_##real(s, entries, W + s.first, H + s.first, K, 1 / unit, scale, x);        \
        }                                                                                          \
    }

DEFINE_ALL(double)
DEFINE_ALL(float)
