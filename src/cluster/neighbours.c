/* Blocks of rows go round, from rank to rank; each rank multiplies them with its own rows and keeps the nearest. */
#include "cluster/neighbours.h"

#include "base/memory.h"
#include "decompose/operator.h"
#include "dist/collective.h"
#include "matrix/assemble.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 64, SCALE_BY = 7 };

/* One of the nearest so far. */
typedef struct neighbour {
    double distance; /* squared, less the square of the row itself while they are looked for */
    int64_t row;
} neighbour;

typedef struct search {
    pw_team *team;
    const pw_matrix *V;
    int most;
    pw_operator op;
    double *X, *Y;      /* n × BLOCK: rows as columns; count × BLOCK */
    double *square;     /* count: of the own rows */
    neighbour *nearest; /* count × most, ascending */
    int *found;         /* count */
    double *scale;      /* m: σ, on every rank */
} search;

static pw_code create(pw_team *team, const pw_matrix *V, int most, search *s)
{
    pw_code code = PW_OK;
    *s = (search){.team = team, .V = V, .most = most};
    PW_TRY(pw_operator_create(team, V, BLOCK, &s->op));
    PW_TRY(PW_NEW(s->X, V->cols * BLOCK));
    PW_TRY(PW_NEW(s->Y, V->count * BLOCK));
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
    free(s->X);
    free(s->Y);
    free(s->square);
    free(s->nearest);
    free(s->found);
    free(s->scale);
}

/* Rows `first` … of this rank, as columns. */
static void take_rows(search *s, int64_t first, int64_t count)
{
    const pw_tile tile = pw_matrix_tile(s->V, first, count);
    double v[BLOCK];
    for (int64_t r = 0; r < count; r++) {
        int64_t at = tile.sparse ? tile.row_pointer[r] : 0;
        const int64_t end = tile.sparse ? tile.row_pointer[r + 1] : tile.cols;
        for (; at < end; at += BLOCK) {
            const int64_t piece = end - at < BLOCK ? end - at : BLOCK;
            pw_tile_read(&tile, r, at, piece, v);
            for (int64_t i = 0; i < piece; i++)
                s->X[(tile.sparse ? (int64_t)tile.column[at + i] : at + i) * BLOCK + r] = v[i];
        }
    }
}

static void insert(search *s, int64_t i, neighbour candidate)
{
    neighbour *list = s->nearest + i * s->most;
    int at = s->found[i];
    if (at == s->most && !(candidate.distance < list[at - 1].distance))
        return;
    if (at < s->most)
        s->found[i]++;
    else
        at--;
    for (; at > 0 && candidate.distance < list[at - 1].distance; at--)
        list[at] = list[at - 1];
    list[at] = candidate;
}

/* Rows `first` … of all, which X has as columns, beside the own ones. */
static void compare(search *s, int64_t first, int64_t count)
{
    double square[BLOCK] = {0};
    pw_operator_apply(&s->op, s->X, s->Y, NULL);
    for (int64_t j = 0; j < s->V->cols; j++)
        for (int64_t c = 0; c < count; c++)
            square[c] += s->X[j * BLOCK + c] * s->X[j * BLOCK + c];
    for (int64_t i = 0; i < s->V->count; i++)
        for (int64_t c = 0; c < count; c++) {
            if (s->V->first + i == first + c)
                s->square[i] = square[c];
            else
                insert(s, i, (neighbour){square[c] - 2 * s->Y[i * BLOCK + c], first + c});
        }
}

static void go_round(search *s)
{
    for (int rank = 0; rank < s->team->size; rank++) {
        const int64_t first = pw_layout_first(&s->V->layout, rank);
        const int64_t rows = pw_layout_count(&s->V->layout, rank);
        for (int64_t i = 0; i < rows; i += BLOCK) {
            const int64_t count = rows - i < BLOCK ? rows - i : BLOCK;
            memset(s->X, 0, (size_t)(s->V->cols * BLOCK) * sizeof *s->X);
            if (rank == s->team->rank)
                take_rows(s, i, count);
            pw_broadcast(s->team, s->X, s->V->cols * BLOCK * (int64_t)sizeof *s->X, rank);
            compare(s, first + i, count);
        }
    }
}

/* ‖x − y‖² = (‖y‖² − 2 x·y) + ‖x‖², and σ */
static void complete(search *s)
{
    for (int64_t i = 0; i < s->V->count; i++) {
        neighbour *list = s->nearest + i * s->most;
        for (int q = 0; q < s->found[i]; q++)
            list[q].distance = fmax(list[q].distance + s->square[i], 0);
        const int by = s->found[i] < SCALE_BY ? s->found[i] : SCALE_BY;
        s->square[i] = by > 0 ? sqrt(list[by - 1].distance) : 0;
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
    pw_code code = PW_OK;
    for (int64_t i = 0; i < s->V->count; i++)
        for (int q = 0; q < s->found[i]; q++) {
            const neighbour *other = &s->nearest[i * s->most + q];
            const int64_t row = s->V->first + i;
            const double half = (gaussian ? weight_of(s, row, other) : 1) / 2;
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
    pw_code code = PW_OK;
    PW_TRY(create(team, V, most, &s));
    go_round(&s);
    complete(&s);
    PW_TRY(pw_agree(team, list_edges(&s, request->gaussian, &entries)));
    code = pw_matrix_from_entries(team, &entries, V->rows, V->rows, false, PW_F64, graph);
done:
    pw_entries_destroy(&entries);
    destroy(&s);
    return code;
}
