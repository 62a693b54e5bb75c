/* Blocks of rows go round, from rank to rank. Each rank multiplies them with its own rows: that tells which cannot be near.
 * Of the others the distance is summed up from differences, which rounding of squares does not reach. */
#include "cluster/neighbours.h"

#include "base/memory.h"
#include "cluster/rows.h"
#include "decompose/operator.h"
#include "dist/collective.h"
#include "matrix/row.h"
#include "matrix/assemble.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { BLOCK = 64, SCALE_BY = 7 };

/* One of the nearest so far. */
typedef struct neighbour {
    double distance; /* squared */
    int64_t row;
} neighbour;

typedef struct search {
    pw_team *team;
    const pw_matrix *V;
    int most;
    pw_operator op;
    double *R, *X,
        *Y;    /* BLOCK × n: rows that go round; n × BLOCK: the same as columns; count × BLOCK */
    double *x; /* n: an own row */
    double *square;     /* count: of the own rows */
    neighbour *nearest; /* count × most, ascending */
    int *found;         /* count */
    double *scale;      /* m: σ, on every rank */
} search;

static int64_t bytes_of(const pw_matrix *V, int most)
{
    enum { EDGE = 4 * sizeof(struct pw_entry) }; /* both ways, and as they are sent */
    const int64_t of_column = (3 * BLOCK + 1) * (int64_t)sizeof(double);
    const int64_t of_row = (BLOCK + 1) * (int64_t)sizeof(double) + (int64_t)sizeof(int);
    return V->cols * of_column + V->rows * (int64_t)sizeof(double) +
           V->count * (of_row + most * (int64_t)(sizeof(neighbour) + EDGE));
}

static pw_code create(pw_team *team, const pw_matrix *V, int most, search *s)
{
    pw_code code = PW_OK;
    *s = (search){.team = team, .V = V, .most = most};
    PW_TRY(pw_memory_check(team, bytes_of(V, most), V->path, "its graph of neighbours"));
    PW_TRY(pw_operator_create(team, V, BLOCK, &s->op));
    PW_TRY(PW_NEW(s->R, V->cols * BLOCK));
    PW_TRY(PW_NEW(s->X, V->cols * BLOCK));
    PW_TRY(PW_NEW(s->Y, V->count * BLOCK));
    PW_TRY(PW_NEW(s->x, V->cols));
    PW_TRY(PW_NEW(s->square, V->count));
    PW_TRY(PW_NEW(s->nearest, V->count * most));
    PW_TRY(PW_NEW(s->found, V->count));
    PW_TRY(PW_NEW(s->scale, V->rows));
done:
    return pw_agree(team, code);
}

static void destroy(search *s)
{
    pw_operator_destroy(&s->op);
    free(s->R);
    free(s->X);
    free(s->Y);
    free(s->x);
    free(s->square);
    free(s->nearest);
    free(s->found);
    free(s->scale);
}

/* ---- distances ---- */

/* Row `row` of this rank, dense. */
static void take_row(const search *s, int64_t row, double *x)
{
    const pw_tile tile = pw_matrix_tile(s->V, row, 1);
    memset(x, 0, (size_t)s->V->cols * sizeof *x);
    pw_row_add(&tile, 0, x);
}

static double square_of(int64_t n, const double *x)
{
    double sum = 0;
    for (int64_t j = 0; j < n; j++)
        sum += x[j] * x[j];
    return sum;
}

/* ‖x − y‖², the same from both sides */
static double distance_of(int64_t n, const double *x, const double *y)
{
    double sum = 0;
    for (int64_t j = 0; j < n; j++)
        sum += (x[j] - y[j]) * (x[j] - y[j]);
    return sum;
}

/* ---- the nearest ---- */

static bool is_full(const search *s, int64_t i)
{
    return s->found[i] == s->most;
}

/* Squared distance of the farthest that is still among the nearest. */
static double reach_of(const search *s, int64_t i)
{
    return is_full(s, i) ? s->nearest[(i + 1) * s->most - 1].distance : INFINITY;
}

static void insert(search *s, int64_t i, neighbour candidate)
{
    neighbour *list = s->nearest + i * s->most;
    int at = is_full(s, i) ? s->most - 1 : s->found[i]++;
    for (; at > 0 && candidate.distance < list[at - 1].distance; at--)
        list[at] = list[at - 1];
    list[at] = candidate;
}

/* Own row i beside rows `first` … of all, whose products with it are Y. */
static void compare_row(search *s, int64_t i, int64_t first, int64_t count, const double *square)
{
    const int64_t n = s->V->cols, own = s->V->first + i;
    const double rounding = 4 * DBL_EPSILON * (double)(n + 8);
    const double *Y = s->Y + i * BLOCK;
    bool taken = false;
    for (int64_t c = 0; c < count; c++) {
        const double both = s->square[i] + square[c];
        if (first + c == own || both - 2 * Y[c] - rounding * both > reach_of(s, i))
            continue;
        if (!taken)
            take_row(s, i, s->x);
        taken = true;
        const double distance = distance_of(n, s->x, s->R + c * n);
        if (!is_full(s, i) || distance < reach_of(s, i))
            insert(s, i, (neighbour){distance, first + c});
    }
}

/* The rows that R has. */
static void compare(search *s, int64_t first, int64_t count)
{
    const int64_t n = s->V->cols;
    double square[BLOCK] = {0};
    memset(s->X, 0, (size_t)(n * BLOCK) * sizeof *s->X);
    for (int64_t c = 0; c < count; c++) {
        square[c] = square_of(n, s->R + c * n);
        for (int64_t j = 0; j < n; j++)
            s->X[j * BLOCK + c] = s->R[c * n + j];
    }
    pw_operator_apply(&s->op, s->X, s->Y, NULL);
    for (int64_t i = 0; i < s->V->count; i++)
        compare_row(s, i, first, count, square);
}

/* Collective over team. */
static void go_round(search *s)
{
    const int64_t n = s->V->cols;
    for (int64_t i = 0; i < s->V->count; i++) {
        take_row(s, i, s->x);
        s->square[i] = square_of(n, s->x);
    }
    for (int rank = 0; rank < s->team->size; rank++) {
        const int64_t first = pw_layout_first(&s->V->layout, rank);
        const int64_t rows = pw_layout_count(&s->V->layout, rank);
        for (int64_t i = 0; i < rows; i += BLOCK) {
            const int64_t count = rows - i < BLOCK ? rows - i : BLOCK;
            for (int64_t r = 0; rank == s->team->rank && r < count; r++)
                take_row(s, i + r, s->R + r * n);
            pw_broadcast(s->team, s->R, count * n * (int64_t)sizeof *s->R, rank);
            compare(s, first + i, count);
        }
    }
}

/* ---- their graph ---- */

/* Collective over team. σ of all rows. */
static void find_scales(search *s)
{
    for (int64_t i = 0; i < s->V->count; i++) {
        const int by = s->found[i] < SCALE_BY ? s->found[i] : SCALE_BY;
        s->square[i] = by > 0 ? sqrt(s->nearest[i * s->most + by - 1].distance) : 0;
    }
    pw_gather_rows(s->team, &s->V->layout, sizeof *s->scale, s->square, s->scale);
}

static double weight_of(const search *s, int64_t i, const neighbour *other)
{
    const double scale = s->scale[i] * s->scale[other->row];
    if (scale > 0)
        return exp(-other->distance / scale);
    return other->distance > 0 ? 0 : 1;
}

/* Half of an edge from each of its ends. */
static pw_code list_edges(const search *s, bool gaussian, pw_entries *entries)
{
    pw_code code =
        PW_GROW(entries->entry, &entries->capacity, 2 * s->V->count * s->most); /* no more */
    for (int64_t i = 0; code == PW_OK && i < s->V->count; i++)
        for (int q = 0; q < s->found[i]; q++) {
            const neighbour *other = &s->nearest[i * s->most + q];
            const int64_t row = s->V->first + i;
            const double half = (gaussian ? weight_of(s, row, other) : 1) / 2;
            if (!(half > 0))
                continue;
            PW_TRY(pw_entries_add(entries, row, other->row, half));
            PW_TRY(pw_entries_add(entries, other->row, row, half));
        }
done:
    return code;
}

pw_code pw_graph_of_neighbours(pw_team *team, const pw_matrix *V,
                               const pw_neighbours_request *request, pw_matrix *graph)
{
    const int64_t others = V->rows > 1 ? V->rows - 1 : 1;
    const int most = request->neighbours < others ? request->neighbours : (int)others;
    pw_entries entries = {.count = 0};
    search s;
    pw_code code = create(team, V, most, &s);
    if (code == PW_OK) {
        go_round(&s);
        find_scales(&s);
        code = pw_agree(team, list_edges(&s, request->gaussian, &entries));
    }
    destroy(&s);
    if (code == PW_OK)
        code = pw_matrix_from_entries(team, &entries, V->rows, V->rows, false, PW_F64, graph);
    pw_entries_destroy(&entries);
    return code;
}
