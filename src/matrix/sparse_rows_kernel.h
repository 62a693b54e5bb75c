/* A template, included by sparse_rows.c for each type of numbers and each length of vectors. It takes
 *
 *     REAL, LENGTH  the numbers, and so many of them in a vector: a power of two
 *     WHOLE         whole numbers of the same size
 *     KERNEL(name)  names of what it defines
 *
 * and undefines LENGTH. Of a strip n, how many vectors it has, is a constant in the loops. */

/* Vectors of a strip at the most: short ones serve fewer columns than two of them have. */
enum { KERNEL(most) = LENGTH * sizeof(REAL) >= PW_SHORT_VECTOR ? MOST : 2 };

/* Vectors of any alignment. */
typedef REAL KERNEL(vector)
    __attribute__((vector_size(LENGTH * sizeof(REAL)), aligned(sizeof(REAL)), may_alias));
typedef double KERNEL(wide)
    __attribute__((vector_size(LENGTH * sizeof(double)), aligned(sizeof(double)), may_alias));

#define CASE(n, loop, ...)                                                                         \
    case n:                                                                                        \
        if (n <= KERNEL(most))                                                                     \
            loop(n, __VA_ARGS__);                                                                  \
        break;

/* loop(n, …), compiled for each n: vectors stay in registers. */
#define WITH_CONSTANT(n, loop, ...)                                                                \
    switch (n) {                                                                                   \
        CASE(1, loop, __VA_ARGS__)                                                                 \
        CASE(2, loop, __VA_ARGS__)                                                                 \
        CASE(3, loop, __VA_ARGS__)                                                                 \
        CASE(4, loop, __VA_ARGS__)                                                                 \
        CASE(5, loop, __VA_ARGS__)                                                                 \
        CASE(6, loop, __VA_ARGS__)                                                                 \
        CASE(7, loop, __VA_ARGS__)                                                                 \
        CASE(8, loop, __VA_ARGS__)                                                                 \
    }

/* ---- R += scale · Σ value · H[column]^power ---- */

PW_INLINE void KERNEL(gather)(const int n, const strip *s, const pw_sparse_rows *entries,
                              const REAL *value, const REAL *H, int K, bool squares, double scale,
                              double *R)
{
    const uint32_t *const column = entries->column;
    const int *const start = entries->start;
    const int rows = entries->rows, last = start[rows] - 1;
    for (int r = 0; r < rows; r++, R += K) {
        KERNEL(vector) sum[MOST] = {{0}};
        KERNEL(wide) all[MOST];
        for (int e = start[r], end = start[r + 1]; e < end; e++) {
            const REAL *h = H + (int64_t)column[e] * K;
            pw_fetch(H + next_column(column, e, last) * K, n * (int)sizeof *sum);
            for (int v = 0; v < n; v++) {
                KERNEL(vector) part = *(const KERNEL(vector) *)(h + at(s, n, LENGTH, v));
                if (squares)
                    part *= part;
                sum[v] += value[e] * part;
            }
        }
        for (int v = 0; v < n; v++)
            all[v] = *(KERNEL(wide) *)(R + at(s, n, LENGTH, v)) +
                     scale * __builtin_convertvector(sum[v], KERNEL(wide));
        for (int v = 0; v < n; v++)
            *(KERNEL(wide) *)(R + at(s, n, LENGTH, v)) = all[v];
    }
}

PW_CLONES static void KERNEL(gather_rows)(strip s, const pw_sparse_rows *entries, const void *value,
                                          const void *H, int K, double scale, double *R)
{
    WITH_CONSTANT(s.vectors, KERNEL(gather), &s, entries, value, (const REAL *)H + s.first, K,
                  false, scale, R + s.first);
}

PW_CLONES static void KERNEL(gather_squares)(strip s, const pw_sparse_rows *entries,
                                             const void *value, const void *H, int K, double scale,
                                             double *R)
{
    WITH_CONSTANT(s.vectors, KERNEL(gather), &s, entries, value, (const REAL *)H + s.first, K, true,
                  scale, R + s.first);
}

/* ---- P[column] += value · W[row]^power ---- */

PW_INLINE void KERNEL(load)(const int n, const strip *s, const REAL *W, bool squares, REAL scale,
                            KERNEL(vector) w[MOST])
{
    for (int v = 0; v < n; v++) {
        w[v] = *(const KERNEL(vector) *)(W + at(s, n, LENGTH, v));
        if (squares) {
            w[v] *= scale;
            w[v] *= w[v];
        }
    }
}

PW_INLINE void KERNEL(add)(const int n, const strip *s, REAL value, const KERNEL(vector) w[MOST],
                           REAL *p)
{
    KERNEL(vector) sum[MOST];
    for (int v = 0; v < n; v++)
        sum[v] = *(KERNEL(vector) *)(p + at(s, n, LENGTH, v)) + value * w[v];
    for (int v = 0; v < n; v++)
        *(KERNEL(vector) *)(p + at(s, n, LENGTH, v)) = sum[v];
}

PW_INLINE
void KERNEL(scatter_by_row)(const int n, const strip *s, const pw_sparse_rows *entries,
                            const REAL *value, const REAL *W, int K, bool squares, REAL scale,
                            REAL *P)
{
    const uint32_t *const column = entries->column;
    const int *const start = entries->start, *const row = entries->row;
    const int rows = entries->rows, last = start[rows] - 1;
    for (int r = 0; r < rows; r++) {
        KERNEL(vector) w[MOST];
        pw_fetch(W + (int64_t)row[r + PW_ROWS_AHEAD] * K, n * (int)sizeof *w);
        KERNEL(load)(n, s, W + (int64_t)row[r] * K, squares, scale, w);
        for (int e = start[r], end = start[r + 1]; e < end; e++) {
            pw_fetch_to_write(P + next_column(column, e, last) * K, n * (int)sizeof *w);
            KERNEL(add)(n, s, value[e], w, P + (int64_t)column[e] * K);
        }
    }
}

/* Where rows have few entries the processor does not foresee where they end: their numbers do not stay in registers. */
PW_INLINE
void KERNEL(scatter_by_entry)(const int n, const strip *s, const pw_sparse_rows *entries,
                              const REAL *value, const REAL *W, int K, bool squares, REAL scale,
                              REAL *P)
{
    const uint32_t *const column = entries->column;
    const int *const row = entries->entry_row;
    const int end = entries->start[entries->rows], last = end - 1;
    for (int e = entries->start[0]; e < end; e++) {
        KERNEL(vector) w[MOST];
        pw_fetch(W + (int64_t)row[e + AHEAD < last ? e + AHEAD : last] * K, n * (int)sizeof *w);
        pw_fetch_to_write(P + next_column(column, e, last) * K, n * (int)sizeof *w);
        KERNEL(load)(n, s, W + (int64_t)row[e] * K, squares, scale, w);
        KERNEL(add)(n, s, value[e], w, P + (int64_t)column[e] * K);
    }
}

PW_INLINE
void KERNEL(scatter)(const int n, const strip *s, const pw_sparse_rows *entries, const REAL *value,
                     const REAL *W, int K, bool squares, REAL scale, REAL *P)
{
    if (entries->entry_row)
        KERNEL(scatter_by_entry)(n, s, entries, value, W, K, squares, scale, P);
    else
        KERNEL(scatter_by_row)(n, s, entries, value, W, K, squares, scale, P);
}

PW_CLONES static void KERNEL(scatter_rows)(strip s, const pw_sparse_rows *entries,
                                           const void *value, const void *W, int K, double scale,
                                           void *P)
{
    WITH_CONSTANT(s.vectors, KERNEL(scatter), &s, entries, value, (const REAL *)W + s.first, K,
                  false, (REAL)scale, (REAL *)P + s.first);
}

PW_CLONES static void KERNEL(scatter_squares)(strip s, const pw_sparse_rows *entries,
                                              const void *value, const void *W, int K, double scale,
                                              void *P)
{
    WITH_CONSTANT(s.vectors, KERNEL(scatter), &s, entries, value, (const REAL *)W + s.first, K,
                  true, (REAL)scale, (REAL *)P + s.first);
}

/* ---- x += scale · (W · H[column]) ---- */

#if LENGTH >= 8

typedef REAL KERNEL(group)
    __attribute__((vector_size(PW_GROUP * sizeof(REAL)), aligned(sizeof(REAL)), may_alias));
typedef WHOLE KERNEL(mask) __attribute__((vector_size(PW_GROUP * sizeof(WHOLE))));

PW_INLINE KERNEL(group) KERNEL(fold)(KERNEL(vector) sum)
{
    KERNEL(group) part[LENGTH / PW_GROUP];
    memcpy(part, &sum, sizeof sum);
    for (int i = 1; i < LENGTH / PW_GROUP; i++)
        part[0] += part[i];
    return part[0];
}

PW_INLINE KERNEL(group) KERNEL(add_lanes)(KERNEL(group) a, KERNEL(group) b)
{
    return PW_EVEN(8, 1, KERNEL(mask), a, b) + PW_ODD(8, 1, KERNEL(mask), a, b);
}

PW_INLINE KERNEL(group) KERNEL(add_pairs)(KERNEL(group) a, KERNEL(group) b)
{
    return PW_EVEN(8, 2, KERNEL(mask), a, b) + PW_ODD(8, 2, KERNEL(mask), a, b);
}

/* Lane i of the result: the sum of all lanes of part[i]. */
PW_INLINE KERNEL(group) KERNEL(sum_up)(const KERNEL(group) part[PW_GROUP])
{
    const KERNEL(group) a = KERNEL(add_lanes)(part[0], part[1]);
    const KERNEL(group) b = KERNEL(add_lanes)(part[2], part[3]);
    const KERNEL(group) c = KERNEL(add_lanes)(part[4], part[5]);
    const KERNEL(group) d = KERNEL(add_lanes)(part[6], part[7]);
    const KERNEL(group) ab = KERNEL(add_pairs)(a, b), cd = KERNEL(add_pairs)(c, d);
    return PW_EVEN(8, 4, KERNEL(mask), ab, cd) + PW_ODD(8, 4, KERNEL(mask), ab, cd);
}

/* First the products of each entry lane by lane, 8 of them, then their sums, which do not mind where rows end. Lanes of the
 * last vector that the one before has too count once. */
PW_INLINE void KERNEL(dot)(const int n, const strip *s, const pw_sparse_rows *entries,
                           const double *W, const REAL *H, int K, double inverse, double scale,
                           double *x)
{
    const uint32_t *const column = entries->column;
    const int *const start = entries->start;
    const int rows = entries->rows, last = start[rows] - 1;
    KERNEL(group) part[PW_MOST_ENTRIES];
    KERNEL(vector) once;
    for (int l = 0; l < LENGTH; l++)
        once[l] = l >= n * LENGTH - s->width;
    for (int r = 0; r < rows; r++) {
        const double *of_row = W + (int64_t)entries->row[r] * K;
        KERNEL(vector) w[MOST];
        pw_fetch(W + (int64_t)entries->row[r + PW_ROWS_AHEAD] * K, n * (int)sizeof(KERNEL(wide)));
        for (int v = 0; v < n; v++)
            w[v] = __builtin_convertvector(
                inverse * *(const KERNEL(wide) *)(of_row + at(s, n, LENGTH, v)), KERNEL(vector));
        w[n - 1] *= once;
        for (int e = start[r], end = start[r + 1]; e < end; e++) {
            const REAL *h = H + (int64_t)column[e] * K;
            KERNEL(vector) sum = w[0] * *(const KERNEL(vector) *)(h + at(s, n, LENGTH, 0));
            pw_fetch(H + next_column(column, e, last) * K, n * (int)sizeof sum);
            for (int v = 1; v < n; v++)
                sum += w[v] * *(const KERNEL(vector) *)(h + at(s, n, LENGTH, v));
            part[e] = KERNEL(fold)(sum);
        }
    }
    for (int e = 0; e <= last; e += PW_GROUP)
        *(group *)(x + e) += scale * __builtin_convertvector(KERNEL(sum_up)(part + e), group);
}

PW_CLONES static void KERNEL(dots)(strip s, const pw_sparse_rows *entries, const double *W,
                                   const void *H, int K, double inverse, double scale, double *x)
{
    WITH_CONSTANT(s.vectors, KERNEL(dot), &s, entries, W + s.first, (const REAL *)H + s.first, K,
                  inverse, scale, x);
}

#else

/* Rows shorter than that, which one strip has all of. */
PW_CLONES static void KERNEL(dots)(strip s, const pw_sparse_rows *entries, const double *W,
                                   const void *H, int K, double inverse, double scale, double *x)
{
    (void)s;
    for (int r = 0; r < entries->rows; r++)
        for (int e = entries->start[r]; e < entries->start[r + 1]; e++) {
            const REAL *h = (const REAL *)H + (int64_t)entries->column[e] * K;
            REAL sum = 0;
            for (int c = 0; c < K; c++)
                sum += (REAL)(W[(int64_t)entries->row[r] * K + c] * inverse) * h[c];
            x[e] = scale * (double)sum;
        }
}

#endif

static const loops KERNEL(loops) = {
    .length = LENGTH,
    .gather = {[PW_POWER_ONE] = KERNEL(gather_rows), [PW_POWER_TWO] = KERNEL(gather_squares)},
    .scatter = {[PW_POWER_ONE] = KERNEL(scatter_rows), [PW_POWER_TWO] = KERNEL(scatter_squares)},
    .dots = KERNEL(dots),
};

#undef CASE
#undef WITH_CONSTANT
#undef LENGTH
