/* Dense V from runs of rows: each run is cut at the boundaries of the layout and sent to the
 * owners. */
#include "matrix/assemble.h"

#include "base/memory.h"
#include "base/smaller.h"
#include "dist/collective.h"
#include "matrix/range.h"

#include <string.h>

enum { TILE = 32 };

/* The rows that a rank hands over. */
typedef struct run {
    int64_t first, count;
} run;

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The part of a run that a block of rows holds. */
static run common(run a, int64_t first, int64_t count)
{
    const int64_t begin = most(a.first, first), end = pw_smaller(a.first + a.count, first + count);
    return (run){begin, end > begin ? end - begin : 0};
}

/* Collective over team. Rows of the swept matrix: they travel as they are. */
static pw_code put_straight(pw_team *team, pw_matrix *V, const run *runs, const void *values,
                            int64_t *out, int64_t *in)
{
    const run mine = runs[team->rank];
    const size_t row_size = (size_t)V->cols * pw_type_size(V->type);
    const char *received = NULL;
    for (int r = 0; r < team->size; r++)
        out[r] = common(mine, pw_layout_first(&V->layout, r), pw_layout_count(&V->layout, r)).count;
    const pw_code code = pw_exchange(team, values, out, row_size, (void **)&received, in);
    if (code != PW_OK)
        return code;
    const char *from = received;
    for (int r = 0; r < team->size; r++) {
        const run part = common(runs[r], V->first, V->count);
        const size_t bytes = (size_t)part.count * row_size;
        if (part.count > 0)
            memcpy((char *)V->values + (size_t)(part.first - V->first) * row_size, from, bytes);
        from += bytes;
    }
    free((void *)received);
    return PW_OK;
}

#define TRANSPOSE(c_type)                                                                          \
    for (int64_t i = i0; i < i1; i++)                                                              \
        for (int64_t j = j0; j < j1; j++)                                                          \
            ((c_type *)to)[j * rows + i] = ((const c_type *)from)[i * cols + j];

/* to (cols × rows) = transpose of from (rows × cols), elements of `size` bytes. */
static void transpose(const void *from, int64_t rows, int64_t cols, size_t size, void *to)
{
    for (int64_t i0 = 0; i0 < rows; i0 += TILE)
        for (int64_t j0 = 0; j0 < cols; j0 += TILE) {
            const int64_t i1 = pw_smaller(i0 + TILE, rows), j1 = pw_smaller(j0 + TILE, cols);
            switch (size) {
            case 1:
                TRANSPOSE(uint8_t)
                break;
            case 2:
                TRANSPOSE(uint16_t)
                break;
            case 4:
                TRANSPOSE(uint32_t)
                break;
            default:
                TRANSPOSE(uint64_t)
                break;
            }
        }
}

/* Collective over team. Columns of the swept matrix: every owner gets its rows' share of them. */
static pw_code put_across(pw_team *team, pw_matrix *V, const run *runs, const void *values,
                          int64_t *out, int64_t *in)
{
    const int64_t count = runs[team->rank].count;
    const size_t size = pw_type_size(V->type);
    char *turned = pw_new(count * V->rows, size);
    const char *received = NULL;
    pw_code code = pw_agree(team, turned ? PW_OK : PW_ERROR_MEMORY);
    if (code != PW_OK)
        goto done;
    transpose(values, count, V->rows, size, turned);
    for (int r = 0; r < team->size; r++)
        out[r] = pw_layout_count(&V->layout, r) * count;
    PW_TRY(pw_exchange(team, turned, out, size, (void **)&received, in));
    const char *from = received;
    for (int r = 0; r < team->size; r++)
        for (int64_t i = 0; i < V->count && runs[r].count > 0; i++) {
            const size_t bytes = (size_t)runs[r].count * size;
            memcpy((char *)V->values + (size_t)(i * V->cols + runs[r].first) * size, from, bytes);
            from += bytes;
        }
done:
    free(turned);
    free((void *)received);
    return code;
}

pw_code pw_matrix_put_rows(pw_team *team, pw_matrix *V, int64_t first, int64_t count,
                           const void *values)
{
    pw_code code = PW_OK;
    run *runs = NULL;
    int64_t *out = NULL, *in = NULL;
    const run mine = {first, count};
    code = PW_NEW(runs, team->size);
    if (code == PW_OK)
        code = PW_NEW(out, team->size);
    if (code == PW_OK)
        code = PW_NEW(in, team->size);
    PW_TRY(pw_agree(team, code));
    MPI_Allgather(&mine, sizeof mine, MPI_BYTE, runs, sizeof mine, MPI_BYTE, team->comm);
    if (V->transposed)
        PW_TRY(put_across(team, V, runs, values, out, in));
    else
        PW_TRY(put_straight(team, V, runs, values, out, in));
done:
    free(runs);
    free(out);
    free(in);
    return code;
}

pw_code pw_row_pieces_add(pw_row_pieces *pieces, int64_t first, int64_t count, int64_t n,
                          const double *values)
{
    if (count == 0)
        return PW_OK;
    pw_range range = pw_range_empty();
    pw_range_add(&range, values, count * n);
    pw_row_piece piece = {.first = first, .count = count, .type = pw_range_narrowest(&range)};
    pw_code code = PW_GROW(pieces->piece, &pieces->capacity, pieces->count + 1);
    if (code != PW_OK)
        return code;
    piece.values = pw_new(count * n, pw_type_size(piece.type));
    if (!piece.values)
        return PW_ERROR_MEMORY;
    pw_narrow(piece.type, values, count * n, piece.values, 0);
    pieces->piece[pieces->count++] = piece;
    return PW_OK;
}

int64_t pw_row_pieces_bytes(const pw_row_pieces *pieces, int64_t n)
{
    int64_t bytes = 0;
    for (int64_t i = 0; i < pieces->count; i++)
        bytes += pieces->piece[i].count * n * (int64_t)pw_type_size(pieces->piece[i].type);
    return bytes;
}

void pw_row_pieces_destroy(pw_row_pieces *pieces)
{
    if (!pieces)
        return;
    for (int64_t i = 0; i < pieces->count; i++)
        free(pieces->piece[i].values);
    free(pieces->piece);
    *pieces = (pw_row_pieces){.count = 0};
}

/* Local. Replaces a piece's values by the same in a wider type. */
static pw_code widen_piece(pw_row_piece *piece, int64_t n, pw_type type)
{
    const int64_t count = piece->count * n;
    if (piece->type == type || count == 0)
        return PW_OK;
    return pw_change_type(type, count, &piece->type, &piece->values);
}

/* Collective over team. The widest type of all pieces, and the largest number of pieces of a rank.
 * The types that pieces have (unsigned ones and f64) widen in the order of their enumerators. */
static pw_type survey(pw_team *team, const pw_row_pieces *pieces, int64_t *rounds)
{
    int64_t largest[2] = {PW_U8, pieces->count};
    for (int64_t i = 0; i < pieces->count; i++)
        largest[0] = most(largest[0], (int64_t)pieces->piece[i].type);
    pw_reduce_max_int(team, largest, 2);
    *rounds = largest[1];
    return (pw_type)largest[0];
}

pw_code pw_matrix_from_row_pieces(pw_team *team, pw_row_pieces *pieces, int64_t m, int64_t n,
                                  bool transposed, pw_matrix *V)
{
    pw_code code = PW_OK;
    int64_t rounds = 0;
    const pw_type type = survey(team, pieces, &rounds);
    PW_TRY(pw_matrix_new_dense(team, transposed ? n : m, transposed ? m : n, transposed, type, V));
    /* every rank begins elsewhere, or all would send to the same owners at the same time */
    const int64_t start = rounds * team->rank / team->size;
    for (int64_t i = 0; i < rounds; i++) {
        const int64_t turn = (start + i) % rounds;
        pw_row_piece none = {.type = type}, *piece = &none;
        if (turn < pieces->count)
            piece = &pieces->piece[turn];
        PW_TRY(pw_agree(team, widen_piece(piece, n, type)));
        PW_TRY(pw_matrix_put_rows(team, V, piece->first, piece->count, piece->values));
        free(piece->values);
        piece->values = NULL;
    }
done:
    pw_row_pieces_destroy(pieces);
    return code;
}
