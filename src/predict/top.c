/* The largest predictions among the entries that V does not have. W Hᵀ is formed in blocks that stay in cache: no
 * row of it is ever held as a whole. */
#include "predict/predict.h"

#include "base/memory.h"
#include "linalg/blas.h"
#include "matrix/source.h"

#include <math.h>
#include <omp.h>
#include <string.h>

enum { ROWS = 32, COLUMNS = 1024 }; /* of a block */

/* The best of one row so far, the largest first. */
typedef struct best {
    int64_t count, most;
    uint32_t *column;
    double *x;
} best;

static void offer(best *b, uint32_t column, double x)
{
    int64_t at = b->count < b->most ? b->count++ : b->count;
    if (at == b->most && !(b->most > 0 && x > b->x[--at]))
        return;
    for (; at > 0 && x > b->x[at - 1]; at--) {
        b->x[at] = b->x[at - 1];
        b->column[at] = b->column[at - 1];
    }
    b->x[at] = x;
    b->column[at] = column;
}

/* Whether V has an entry; `v` as a tile reads it, NaN where missing. */
static bool is_known(const pw_matrix *V, double v)
{
    return V->missing == PW_MISSING_NAN ? !isnan(v) : v != 0 && !isnan(v);
}

/* What of a row is known in columns first … first + count - 1. `*next` is the place of the first stored entry
 * that is not before them. */
static void mark_known(const pw_tile *tile, const pw_matrix *V, int64_t row, int64_t first,
                       int64_t count, int64_t *next, bool *known)
{
    double v[COLUMNS];
    memset(known, pw_matrix_has_absent_zeros(V) && V->missing == PW_MISSING_NAN, (size_t)count);
    if (!tile->sparse) {
        pw_tile_read(tile, row, first, count, v);
        for (int64_t j = 0; j < count; j++)
            known[j] = is_known(V, v[j]);
        return;
    }
    for (; *next < tile->row_pointer[row + 1] && tile->column[*next] < first + count; (*next)++) {
        pw_tile_read(tile, row, *next, 1, v);
        known[tile->column[*next] - first] = is_known(V, v[0]);
    }
}

/* Rows first … first + rows - 1 of a tile. X: ROWS × COLUMNS. */
static void search_block(const pw_matrix *V, const pw_model *model, const pw_tile *tile,
                         int64_t first, int64_t rows, double *X, best *found)
{
    const int64_t k = model->k, from = tile->first + first;
    const pw_bias *bias = &model->bias;
    int64_t next[ROWS];
    bool known[COLUMNS];
    for (int64_t i = 0; i < rows; i++)
        next[i] = tile->sparse ? tile->row_pointer[first + i] : 0;
    for (int64_t j = 0; j < V->cols; j += COLUMNS) {
        const int64_t columns = V->cols - j < COLUMNS ? V->cols - j : COLUMNS;
        pw_gemm_double(false, true, rows, columns, k, model->distributed + from * k, k,
                       model->replicated + j * k, k, 0, X, COLUMNS);
        for (int64_t i = 0; i < rows; i++) {
            mark_known(tile, V, first + i, j, columns, &next[i], known);
            const double own = bias->distributed ? bias->offset + bias->distributed[from + i] : 0;
            for (int64_t c = 0; c < columns; c++)
                if (!known[c])
                    offer(&found[i], (uint32_t)(j + c),
                          X[i * COLUMNS + c] + own +
                              (bias->distributed ? bias->replicated[j + c] : 0));
        }
    }
}

/* Blocks `thread`, thread + threads, … of every tile; row i's best begin at i * most. */
static void search_thread(const pw_matrix *V, const pw_model *model, int thread, int threads,
                          double *X, int64_t most, int64_t *count, pw_predictions *p)
{
    const pw_source source = pw_source_of(V, 1);
    for (int64_t b = 0; b < source.tiles; b++) {
        const pw_tile tile = pw_source_tile(&source, b);
        for (int64_t i = (int64_t)thread * ROWS; i < tile.rows; i += (int64_t)threads * ROWS) {
            const int64_t rows = tile.rows - i < ROWS ? tile.rows - i : ROWS;
            best found[ROWS];
            for (int64_t r = 0; r < rows; r++) {
                const int64_t at = (tile.first + i + r) * most;
                found[r] = (best){.most = most, .column = p->own_column + at, .x = p->x + at};
            }
            search_block(V, model, &tile, i, rows, X, found);
            for (int64_t r = 0; r < rows; r++)
                count[tile.first + i + r] = found[r].count;
        }
    }
}

/* Closes the gaps behind rows with less than `most`; own_pointer[i + 1] holds the number of row i. */
static void close_gaps(const pw_matrix *V, int64_t most, pw_predictions *p)
{
    for (int64_t i = 0; i < V->count; i++) {
        const int64_t count = p->own_pointer[i + 1], to = p->own_pointer[i];
        memmove(p->x + to, p->x + i * most, (size_t)count * sizeof *p->x);
        memmove(p->own_column + to, p->own_column + i * most,
                (size_t)count * sizeof *p->own_column);
        p->own_pointer[i + 1] = to + count;
    }
}

pw_code pw_predict_top(pw_team *team, const pw_matrix *V, const pw_model *model, int64_t top,
                       pw_predictions *p)
{
    const int64_t most = top < V->cols ? top : V->cols;
    const int64_t block = (int64_t)ROWS * COLUMNS;
    double *X = NULL;
    pw_code code = PW_OK;
    *p = (pw_predictions){.x = NULL};
    PW_TRY(pw_memory_check(team, V->count * (12 * most + 8) + 8 * block * team->threads, V->path,
                           "the predictions"));
    code = PW_NEW(p->x, V->count * most);
    if (code == PW_OK)
        code = PW_NEW(p->own_column, V->count * most);
    if (code == PW_OK)
        code = PW_NEW(p->own_pointer, V->count + 1);
    if (code == PW_OK)
        code = PW_NEW(X, block * team->threads);
    PW_TRY(pw_agree(team, code));
#pragma omp parallel num_threads(team->threads)
    search_thread(V, model, omp_get_thread_num(), team->threads, X + block * omp_get_thread_num(),
                  most, p->own_pointer + 1, p);
    close_gaps(V, most, p);
    p->row_pointer = p->own_pointer;
    p->column = p->own_column;
done:
    free(X);
    return code;
}
