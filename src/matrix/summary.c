/* What V looks like: every thread tallies its share of the rows, then threads and ranks are added
 * up in order, so that the outcome is the same on every rank. Sums are compensated (Neumaier 1974,
 * in Knuth's form without branches): their error does not grow with the number of entries. */
#include "matrix/summary.h"

#include "base/hash.h"
#include "base/memory.h"
#include "dist/collective.h"
#include "matrix/share.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>

enum { PIECE = 1024 };         /* entries widened at a time */
enum { MOST_BYTES = 1 << 28 }; /* of one reduction */

/* Of ‖V‖²: squared gradients, which grow as V³, neither overflow nor vanish. */
static const double LEAST_SQUARE = 1e-180, MOST_SQUARE = 1e180;

typedef struct exact_sum {
    double sum, rest; /* the sum is both together */
} exact_sum;

typedef struct tally {
    exact_sum sum, squares;    /* of finite entries */
    double least, largest;     /* of finite stored entries */
    double least_positive;     /* of those above 0 */
    int64_t missing, held_out; /* stored entries that are */
    int64_t nonzeros;
    int64_t full_rows; /* swept rows with a nonzero */
    uint64_t fingerprint;
    int64_t bad, bad_row, bad_column;
    double bad_value;
} tally;

/* What all threads share. */
typedef struct survey {
    const pw_matrix *V;
    uint64_t row_step, column_step; /* of the key of a place, along the swept rows and columns */
    uint8_t *seen;                  /* cols: the column has a nonzero */
} survey;

static void add(exact_sum *total, double x)
{
    const double sum = total->sum + x, added = sum - total->sum;
    total->rest += (total->sum - (sum - added)) + (x - added);
    total->sum = sum;
}

/* Keeps the first bad entry by row, then column, as the user sees them. */
static void keep_bad(tally *t, int64_t count, int64_t row, int64_t column, double value)
{
    const bool before =
        row < t->bad_row || (row == t->bad_row && column < t->bad_column) || t->bad == 0;
    if (count > 0 && before) {
        t->bad_row = row;
        t->bad_column = column;
        t->bad_value = value;
    }
    t->bad += count;
}

/* Part of one swept row: entry i is in column[i], or in first + i where column is NULL. */
typedef struct piece {
    int64_t row, first, count;
    int64_t entry; /* the first one's place among those in memory */
    const uint32_t *column;
    double x[PIECE]; /* as stored */
    double v[PIECE]; /* NaN where missing */
} piece;

/* An entry that is not hidden by a mask; where there is one, its places count too. */
static void add_to_fingerprint(const survey *s, tally *t, int64_t row, int64_t column, double x)
{
    const uint64_t key = (uint64_t)row * s->row_step + (uint64_t)column * s->column_step;
    if (x != 0)
        t->fingerprint += pw_hash_mix(pw_hash_bits(isnan(x) ? NAN : x) + pw_hash_mix(key));
    if (s->V->masked)
        t->fingerprint += pw_hash_mix(~pw_hash_mix(key));
}

/* An observed entry, held out or not. */
static void judge(const survey *s, tally *t, int64_t row, int64_t column, double x, double v)
{
    const bool transposed = s->V->transposed;
    const double least = s->V->any_sign ? -DBL_MAX : 0;
    if (!(v >= least && v <= DBL_MAX))
        keep_bad(t, 1, transposed ? column : row, transposed ? row : column, x);
    if (isfinite(x)) {
        t->least = x < t->least ? x : t->least;
        t->largest = x > t->largest ? x : t->largest;
        t->least_positive = x > 0 && x < t->least_positive ? x : t->least_positive;
    }
}

/* One that the fit sees. */
static void count_in(const survey *s, tally *t, int64_t column, double x)
{
    if (isfinite(x)) {
        add(&t->sum, x);
        add(&t->squares, x * x);
    }
    if (x != 0) {
        t->nonzeros++;
#pragma omp atomic write
        s->seen[column] = 1;
    }
}

static void look_at(const survey *s, tally *t, const piece *p)
{
    for (int64_t i = 0; i < p->count; i++) {
        const int64_t j = p->column ? (int64_t)p->column[i] : p->first + i;
        if (pw_matrix_shows(s->V, p->entry + i))
            add_to_fingerprint(s, t, p->row, j, p->x[i]);
        if (isnan(p->v[i])) {
            t->missing++;
            continue;
        }
        judge(s, t, p->row, j, p->x[i], p->v[i]);
        if (s->V->holdout.share > 0 && pw_matrix_holds_out(s->V, p->row, j))
            t->held_out++;
        else
            count_in(s, t, j, p->x[i]);
    }
}

/* Entries of row `row` of the tile, from `first` on. A NaN that is not missing reads as a bad entry. */
static void read_piece(const pw_tile *tile, int64_t row, int64_t first, int64_t count, piece *p)
{
    const pw_matrix *V = tile->V;
    p->row = V->first + tile->first + row;
    p->first = first;
    p->count = count;
    p->entry = tile->sparse ? first : (tile->first + row) * V->cols + first;
    p->column = tile->sparse ? tile->column + first : NULL;
    pw_tile_read_all(tile, row, first, count, p->x);
    for (int64_t i = 0; i < count; i++)
        p->v[i] = isnan(p->x[i]) && V->missing != PW_MISSING_NAN ? INFINITY : p->x[i];
    pw_tile_hide(tile, row, first, count, p->v);
}

static void look_at_row(const survey *s, tally *t, const pw_tile *tile, int64_t row)
{
    const int64_t begin = tile->sparse ? tile->row_pointer[row] : 0;
    const int64_t end = tile->sparse ? tile->row_pointer[row + 1] : tile->cols;
    const int64_t nonzeros = t->nonzeros;
    piece p;
    for (int64_t at = begin; at < end; at += PIECE) {
        read_piece(tile, row, at, end - at < PIECE ? end - at : PIECE, &p);
        look_at(s, t, &p);
    }
    t->full_rows += t->nonzeros > nonzeros;
}

static void look_at_rows(const survey *s, const pw_source *source, int threads, int thread,
                         tally *t)
{
    for (int64_t b = 0; b < source->tiles; b++) {
        const pw_tile tile = pw_source_tile(source, b);
        const int64_t from = pw_tile_share(&tile, PW_ROW_OF_PRODUCTS, threads, thread);
        const int64_t to = pw_tile_share(&tile, PW_ROW_OF_PRODUCTS, threads, thread + 1);
        for (int64_t row = from; row < to; row++)
            look_at_row(s, t, &tile, row);
    }
}

static tally nothing(void)
{
    return (tally){.least = DBL_MAX, .largest = -DBL_MAX, .least_positive = DBL_MAX};
}

static tally add_up(const tally *part, int parts)
{
    tally all = nothing();
    for (int p = 0; p < parts; p++) {
        const tally *t = &part[p];
        add(&all.sum, t->sum.sum);
        add(&all.sum, t->sum.rest);
        add(&all.squares, t->squares.sum);
        add(&all.squares, t->squares.rest);
        all.least = t->least < all.least ? t->least : all.least;
        all.largest = t->largest > all.largest ? t->largest : all.largest;
        all.least_positive =
            t->least_positive < all.least_positive ? t->least_positive : all.least_positive;
        all.missing += t->missing;
        all.held_out += t->held_out;
        all.nonzeros += t->nonzeros;
        all.full_rows += t->full_rows;
        all.fingerprint += t->fingerprint;
        keep_bad(&all, t->bad, t->bad_row, t->bad_column, t->bad_value);
    }
    return all;
}

static pw_code tally_local_rows(pw_team *team, const survey *s, tally *local)
{
    const pw_source source = pw_source_of(s->V, team->threads);
    tally *part = NULL;
    const pw_code code = PW_NEW(part, team->threads);
    if (code == PW_OK) {
        pw_source_begin(&source, team->threads);
#pragma omp parallel num_threads(team->threads)
        {
            const int thread = omp_get_thread_num();
            tally own = nothing();
            look_at_rows(s, &source, team->threads, thread, &own);
            part[thread] = own;
        }
        *local = add_up(part, team->threads);
    }
    free(part);
    return code;
}

static int64_t count_seen(pw_team *team, uint8_t *seen, int64_t cols)
{
    for (int64_t done = 0; done < cols; done += MOST_BYTES) {
        const int64_t left = cols - done;
        MPI_Allreduce(MPI_IN_PLACE, seen + done, pw_int(left < MOST_BYTES ? left : MOST_BYTES),
                      MPI_BYTE, MPI_BOR, team->comm);
    }
    int64_t count = 0;
    for (int64_t j = 0; j < cols; j++)
        count += seen[j];
    return count;
}

static pw_summary describe(const pw_matrix *V, const tally *t, int64_t full_columns)
{
    int64_t places;
    const bool some_absent =
        __builtin_mul_overflow(V->rows, V->cols, &places) || V->entries < places;
    const bool zero_counts = (some_absent && !V->only_stored) || t->least > t->largest;
    const double counted = V->only_stored ? (double)V->entries : (double)V->rows * (double)V->cols;
    const int64_t empty_rows = V->rows - t->full_rows, empty_columns = V->cols - full_columns;
    const uint64_t m = (uint64_t)(V->transposed ? V->cols : V->rows);
    const uint64_t n = (uint64_t)(V->transposed ? V->rows : V->cols);
    return (pw_summary){.observed = counted - (double)(t->missing + t->held_out),
                        .held_out = t->held_out,
                        .sum = t->sum.sum + t->sum.rest,
                        .sum_squares = t->squares.sum + t->squares.rest,
                        .least = zero_counts && !(t->least < 0) ? 0 : t->least,
                        .largest = zero_counts && !(t->largest > 0) ? 0 : t->largest,
                        .least_positive = t->largest > 0 ? t->least_positive : 0,
                        .nonzeros = t->nonzeros,
                        .zero_rows = V->transposed ? empty_columns : empty_rows,
                        .zero_columns = V->transposed ? empty_rows : empty_columns,
                        .fingerprint = t->fingerprint + pw_hash_mix(m + pw_hash_mix(n)),
                        .bad = t->bad,
                        .bad_row = t->bad_row,
                        .bad_column = t->bad_column,
                        .bad_value = t->bad_value};
}

pw_code pw_matrix_summarise(pw_team *team, const pw_matrix *V, pw_summary *summary)
{
    const uint64_t along_rows = 0x9e3779b97f4a7c15u, along_columns = 0xc2b2ae3d27d4eb4fu;
    survey s = {.V = V,
                .row_step = V->transposed ? along_columns : along_rows,
                .column_step = V->transposed ? along_rows : along_columns};
    tally local = nothing(), *part = NULL;
    pw_code code = PW_NEW(s.seen, V->cols);
    if (code == PW_OK)
        code = PW_NEW(part, team->size);
    if (code == PW_OK)
        code = tally_local_rows(team, &s, &local);
    PW_TRY(pw_agree(team, code));

    MPI_Allgather(&local, sizeof local, MPI_BYTE, part, sizeof local, MPI_BYTE, team->comm);
    const tally all = add_up(part, team->size);
    *summary = describe(V, &all, count_seen(team, s.seen, V->cols));
done:
    free(part);
    free(s.seen);
    return code;
}

double pw_summary_mean(const pw_summary *summary)
{
    return summary->observed > 0 ? summary->sum / summary->observed : 0;
}

pw_code pw_summary_check(const pw_matrix *V, const pw_summary *summary)
{
    const double square = summary->sum_squares;
    if (pw_matrix_misses(V) && summary->observed <= 0)
        return pw_fail(PW_ERROR_INPUT, "%s: all its entries are missing%s.",
                       V->path ? V->path : "V", summary->held_out > 0 ? " or held out" : "");
    if (V->holdout.share > 0 && summary->held_out == 0)
        return pw_fail(PW_ERROR_INPUT,
                       "%s: of its entries that are observed none is held out. Take a larger "
                       "--holdout than %g, or another --seed.",
                       V->path ? V->path : "V", V->holdout.share);
    if (summary->bad == 0 && summary->nonzeros > 0 &&
        !(square > LEAST_SQUARE && square < MOST_SQUARE))
        return pw_fail(
            PW_ERROR_INPUT,
            "%s: its entries, up to %g, are too %s for the squares and cubes of them that "
            "arise. Multiply V by a constant.",
            V->path ? V->path : "V", summary->largest, square < 1 ? "small" : "large");
    if (summary->bad == 0)
        return PW_OK;
    return pw_fail(
        PW_ERROR_INPUT,
        "%s: the entry at row %" PRId64 ", column %" PRId64
        " (counted from 0) is %.*g; V must be finite%s (%" PRId64
        " such %s). Shift, clip or fill in the entries, %sor choose another matrix.",
        V->path ? V->path : "V", summary->bad_row, summary->bad_column, V->type == PW_F32 ? 7 : 15,
        summary->bad_value, V->any_sign ? "" : " and not negative", summary->bad,
        summary->bad == 1 ? "entry" : "entries",
        isnan(summary->bad_value) && !V->any_sign ? "call them missing (--missing nan), " : "");
}
