/* A template, included by skinny.c for each type of numbers and each length of vectors. It takes
 *
 *     REAL, VECTOR_BYTES, TARGET  the numbers, the length of a vector, for which processors
 *     KERNEL(name)                names of what it defines
 *     LOW(x)                      the lower half of a vector
 *     ROWS(halves)                rows of C that fit into the registers, `halves` half vectors of each
 *     PANEL, CASES                most vectors of a panel, CASE(halves) for each width
 *
 * and undefines REAL, KERNEL and LOW. A panel is some columns of B and of C: whole vectors, and a half one at the end where that
 * will do. */
enum {
    KERNEL(lanes) = VECTOR_BYTES / sizeof(REAL),
    KERNEL(half_lanes) = KERNEL(lanes) / 2,
    KERNEL(line) = PW_LINE / sizeof(REAL)
};

/* In B, and at any place. */
typedef REAL KERNEL(vector) __attribute__((vector_size(VECTOR_BYTES), may_alias));
typedef REAL KERNEL(loose)
    __attribute__((vector_size(VECTOR_BYTES), may_alias, aligned(sizeof(REAL))));
typedef REAL KERNEL(half)
    __attribute__((vector_size(VECTOR_BYTES / 2), may_alias, aligned(sizeof(REAL))));

/* To the end of a row of C: the last `idle` lanes are no columns of it. */
#define ADD(name, TYPE, LANES)                                                                     \
    TARGET static inline __attribute__((always_inline)) void KERNEL(name)(TYPE sum, int idle,      \
                                                                          REAL *C)                 \
    {                                                                                              \
        REAL rest[LANES];                                                                          \
        if (!idle) {                                                                               \
            *(TYPE *)C += sum;                                                                     \
            return;                                                                                \
        }                                                                                          \
        memcpy(rest, &sum, sizeof rest);                                                           \
        for (int c = 0; c < LANES - idle; c++)                                                     \
            C[c] += rest[c];                                                                       \
    }

ADD(add_last, KERNEL(loose), KERNEL(lanes))
ADD(add_half, KERNEL(half), KERNEL(half_lanes))

#undef ADD

/* What term t fetches of A. Transposed: the same row of V, two blocks of columns further. Else the line that the next block of
 * rows will want, of one of its rows with each term. */
TARGET static inline __attribute__((always_inline)) const REAL *
KERNEL(ahead)(int rows, int64_t t, const REAL *A, int64_t step, int64_t stride)
{
    return step == 1 ? A + 2 * rows + t * stride
                     : A + (rows + t % rows) * step + t / KERNEL(line) * KERNEL(line) * stride;
}

/* `rows` rows of C, a constant too. Element (i, t) of A is A[i step + t stride]. */
TARGET static inline __attribute__((always_inline)) void
KERNEL(block)(int rows, int halves, int64_t p, const REAL *A, int64_t step, int64_t stride,
              const REAL *B, int idle, REAL *C, int64_t ldc)
{
    const int vectors = halves / 2;
    const bool odd = halves % 2;
    KERNEL(vector) sum[MOST_ROWS][PANEL], a[MOST_ROWS];
    KERNEL(half) last[MOST_ROWS];
    for (int i = 0; i < rows; i++) {
        last[i] = (KERNEL(half)){0};
        for (int v = 0; v < vectors; v++)
            sum[i][v] = (KERNEL(vector)){0};
    }
    for (int64_t t = 0; t < p; t++, B += (vectors + odd) * KERNEL(lanes)) {
        for (int i = 0; i < rows; i++)
            a[i] = A[i * step + t * stride] - (KERNEL(vector)){0};
        if (halves > 2) /* else loads are what takes the time */
            __builtin_prefetch(KERNEL(ahead)(rows, t, A, step, stride));
        for (int v = 0; v < vectors; v++)
            for (int i = 0; i < rows; i++)
                sum[i][v] += a[i] * *(const KERNEL(vector) *)(B + v * KERNEL(lanes));
        for (int i = 0; odd && i < rows; i++)
            last[i] += LOW(a[i]) * *(const KERNEL(half) *)(B + vectors * KERNEL(lanes));
    }
    const int whole = vectors + odd - 1;
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < whole; v++)
            *(KERNEL(loose) *)(C + i * ldc + v * KERNEL(lanes)) += sum[i][v];
    C += whole * KERNEL(lanes);
    for (int i = 0; i < rows; i++)
        if (odd)
            KERNEL(add_half)(last[i], idle, C + i * ldc);
        else
            KERNEL(add_last)(sum[i][whole], idle, C + i * ldc);
}

/* All m rows, so many at a time that they fit into the registers, then the rest. */
TARGET static inline __attribute__((always_inline)) void
KERNEL(rows)(int halves, int rows, int64_t m, int64_t p, const REAL *A, int64_t step,
             int64_t stride, const REAL *B, int idle, REAL *C, int64_t ldc)
{
    int64_t i = 0;
    for (; i + rows <= m; i += rows)
        KERNEL(block)(rows, halves, p, A + i * step, step, stride, B, idle, C + i * ldc, ldc);
    for (; rows > 4 && i + 4 <= m; i += 4)
        KERNEL(block)(4, halves, p, A + i * step, step, stride, B, idle, C + i * ldc, ldc);
    for (; i + 2 <= m; i += 2)
        KERNEL(block)(2, halves, p, A + i * step, step, stride, B, idle, C + i * ldc, ldc);
    for (; i < m; i++)
        KERNEL(block)(1, halves, p, A + i * step, step, stride, B, idle, C + i * ldc, ldc);
}

#define CASE(halves)                                                                               \
    case halves:                                                                                   \
        KERNEL(rows)(halves, ROWS(halves), m, p, A, step, stride, B, idle, C, ldc);                \
        break;

TARGET static void KERNEL(panel)(int halves, int64_t m, int64_t p, const REAL *A, int64_t step,
                                 int64_t stride, const REAL *B, int idle, REAL *C, int64_t ldc)
{
    switch (halves) {
        CASES
    }
}

#undef CASE

/* ---- panels ---- */

/* Some of k columns. */
typedef struct KERNEL(columns) {
    int64_t first, count;
    int64_t from, vectors; /* of 0 … where B is packed: whole vectors */
    int halves;            /* of them, that are multiplied */
} KERNEL(columns);

static int64_t KERNEL(vectors)(int64_t k)
{
    return (k + KERNEL(lanes) - 1) / KERNEL(lanes);
}

static int64_t KERNEL(panels)(int64_t k)
{
    return (KERNEL(vectors)(k) + PANEL - 1) / PANEL;
}

/* Panels are about equally wide. */
static KERNEL(columns) KERNEL(panel_at)(int64_t k, int64_t panel)
{
    const int64_t halves = (k + KERNEL(half_lanes) - 1) / KERNEL(half_lanes);
    const int64_t vectors = KERNEL(vectors)(k), panels = KERNEL(panels)(k);
    const int64_t from = vectors * panel / panels, to = vectors * (panel + 1) / panels;
    const int64_t first = from * KERNEL(lanes), left = k - first, end = 2 * to;
    const int64_t width = (end < halves ? end : halves) * KERNEL(half_lanes) - first;
    return (KERNEL(columns)){.first = first,
                             .count = width < left ? width : left,
                             .from = from,
                             .vectors = to - from,
                             .halves = (int)(width / KERNEL(half_lanes))};
}

/* p rows of B, then zeros up to whole vectors. */
TARGET static void KERNEL(pack)(const KERNEL(columns) * c, int64_t p, const REAL *B, int64_t ldb,
                                REAL *packed)
{
    const int64_t width = c->vectors * KERNEL(lanes);
    for (int64_t t = 0; t < p; t++, packed += width) {
        memcpy(packed, B + t * ldb + c->first, (size_t)c->count * sizeof *packed);
        memset(packed + c->count, 0, (size_t)(width - c->count) * sizeof *packed);
    }
}

/* All panels of rows first … first + p − 1 of the `rows` that will be packed, panel behind panel. */
static void KERNEL(pack_all)(int64_t k, int64_t rows, int64_t first, int64_t p, const REAL *B,
                             int64_t ldb, REAL *packed)
{
    for (int64_t panel = 0; panel < KERNEL(panels)(k); panel++) {
        const KERNEL(columns) c = KERNEL(panel_at)(k, panel);
        KERNEL(pack)
        (&c, p, B, ldb, packed + (rows * c.from + first * c.vectors) * KERNEL(lanes));
    }
}

/* B as it is, p × k, or rows first … of `rows` that were packed. */
TARGET static void KERNEL(product)(int64_t m, int64_t k, int64_t p, const REAL *A, int64_t step,
                                   int64_t stride, const REAL *B, int64_t ldb,
                                   const pw_skinny_packed *all, REAL *C, int64_t ldc)
{
    KERNEL(vector) room[TERMS * PANEL];
    for (int64_t panel = 0; panel < KERNEL(panels)(k); panel++) {
        const KERNEL(columns) c = KERNEL(panel_at)(k, panel);
        const int idle = (int)(c.halves * KERNEL(half_lanes) - c.count);
        for (int64_t t = 0; t < p; t += TERMS) {
            const int64_t terms = p - t < TERMS ? p - t : TERMS;
            const REAL *packed = (const REAL *)room;
            if (all)
                packed = (const REAL *)all->values +
                         (all->rows * c.from + (all->first + t) * c.vectors) * KERNEL(lanes);
            else
                KERNEL(pack)(&c, terms, B + t * ldb, ldb, (REAL *)room);
            KERNEL(panel)
            (c.halves, m, terms, A + t * stride, step, stride, packed, idle, C + c.first, ldc);
        }
    }
}

#undef REAL
#undef KERNEL
#undef LOW
