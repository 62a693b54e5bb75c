#include "matrix/weight.h"

#include "base/clones.h"
#include "base/logarithm.h"
#include "base/memory.h"
#include "dist/collective.h"
#include "matrix/row.h"
#include "matrix/symmetry.h"

#include <math.h>
#include <string.h>
#include <stdlib.h>

enum { PIECE = 256 }; /* entries taken at a time */

void pw_weight_destroy(pw_weight *weight)
{
    if (!weight)
        return;
    free(weight->row);
    free(weight->column);
    free(weight);
}

PW_CLONES static void take_logarithms(int64_t count, double *v)
{
    for (int64_t i = 0; i < count; i++)
        v[i] = pw_logarithm_plus_1(v[i]);
}

void pw_weight_apply(const pw_weight *weight, int64_t row, const uint32_t *column, int64_t first,
                     int64_t count, double *v)
{
    const double of_row = weight->row ? weight->row[row] : 1;
    if (weight->logarithm)
        take_logarithms(count, v);
    if (weight->row)
        for (int64_t i = 0; i < count; i++)
            v[i] *= of_row;
    if (weight->column && column)
        for (int64_t i = 0; i < count; i++)
            v[i] *= weight->column[column[i]];
    else if (weight->column)
        for (int64_t i = 0; i < count; i++)
            v[i] *= weight->column[first + i];
}

/* ---- sums along rows or columns ---- */

/* What is summed up of an entry. */
static double measure_of(int64_t weight, double v)
{
    if (!(v > 0)) /* zero, or missing */
        return 0;
    return weight == PW_WEIGHT_TFIDF ? 1 : weight == PW_WEIGHT_COLUMN_L2 ? v * v : v;
}

static void add_row(const pw_tile *tile, int64_t row, int64_t weight, bool by_rows, double *sums)
{
    pw_piece p;
    for (pw_piece_begin(tile, row, &p); pw_piece_next(&p);)
        for (int64_t e = 0; e < p.count; e++)
            sums[by_rows ? tile->first + row : pw_piece_column(&p, e)] +=
                measure_of(weight, p.v[e]);
}

/* Collective. Of the rows of the swept matrix, or of its columns, which all ranks share. */
static void add_up(pw_team *team, const pw_matrix *V, int64_t weight, bool by_rows, double *sums)
{
    const pw_source source = pw_source_of(V, 1);
    pw_source_begin(&source, 1);
    for (int64_t b = 0; b < source.tiles; b++) {
        const pw_tile tile = pw_source_tile(&source, b);
        for (int64_t row = 0; row < tile.rows; row++)
            add_row(&tile, row, weight, by_rows, sums);
    }
    if (!by_rows)
        pw_reduce_sum(team, sums, V->cols);
}

static double scale_of(int64_t weight, double sum, int64_t m)
{
    if (weight == PW_WEIGHT_TFIDF)
        return log((1 + (double)m) / (1 + sum)) + 1;
    const double norm = weight == PW_WEIGHT_COLUMN_L2 ? sqrt(sum) : sum;
    return norm > 0 ? 1 / norm : 1;
}

static pw_code weigh_lines(pw_team *team, int64_t weight, pw_matrix *V)
{
    const bool by_rows = (weight == PW_WEIGHT_ROW_L1) != V->transposed; /* of the swept matrix */
    const int64_t m = V->transposed ? V->cols : V->rows, length = by_rows ? V->count : V->cols;
    pw_weight *w = NULL;
    pw_code code = PW_OK;
    code = PW_NEW(w, 1);
    if (code == PW_OK && weight == PW_WEIGHT_LOG1P)
        w->logarithm = true;
    else if (code == PW_OK)
        code = by_rows ? PW_NEW(w->row, length) : PW_NEW(w->column, length);
    PW_TRY(pw_agree(team, code));
    double *scale = by_rows ? w->row : w->column;
    if (scale) {
        add_up(team, V, weight, by_rows, scale);
        for (int64_t i = 0; i < length; i++)
            scale[i] = scale_of(weight, scale[i], m);
    }
    V->weight = w;
    w = NULL;
done:
    pw_weight_destroy(w);
    return code;
}

static void take_roots(int64_t count, double *sums)
{
    for (int64_t i = 0; i < count; i++)
        sums[i] = sums[i] > 0 ? 1 / sqrt(sums[i]) : 1;
}

pw_code pw_matrix_weigh_both(pw_team *team, bool symmetric, pw_matrix *V)
{
    pw_weight *w = NULL;
    pw_code code = PW_NEW(w, 1);
    if (code == PW_OK)
        code = PW_NEW(w->row, V->count);
    if (code == PW_OK)
        code = PW_NEW(w->column, V->cols);
    PW_TRY(pw_agree(team, code));
    add_up(team, V, PW_WEIGHT_COLUMN_L1, false, w->column);
    take_roots(V->cols, w->column);
    if (symmetric) /* to the last bit */
        memcpy(w->row, w->column + V->first, (size_t)V->count * sizeof *w->row);
    else
        add_up(team, V, PW_WEIGHT_ROW_L1, true, w->row);
    if (!symmetric)
        take_roots(V->count, w->row);
    V->weight = w;
    w = NULL;
done:
    pw_weight_destroy(w);
    return code;
}

static pw_code weigh_affinity(pw_team *team, pw_matrix *V)
{
    const pw_code code = pw_matrix_check_symmetric(team, V);
    return code == PW_OK ? pw_matrix_weigh_both(team, true, V) : code;
}

pw_code pw_matrix_weigh(pw_team *team, const pw_options *options, pw_matrix *V)
{
    if (V->weight)
        return PW_OK;
    if (options->affinity == PW_AFFINITY_NORMALISED)
        return weigh_affinity(team, V);
    return options->weight == PW_WEIGHT_NONE ? PW_OK : weigh_lines(team, options->weight, V);
}

pw_code pw_weight_summarise(pw_team *team, const pw_matrix *V, pw_summary *summary)
{
    const uint64_t fingerprint = summary->fingerprint;
    pw_code code = PW_OK;
    if (!V->weight)
        return PW_OK;
    PW_TRY(pw_matrix_summarise(team, V, summary));
    summary->fingerprint = fingerprint;
    code = pw_summary_check(V, summary);
done:
    return code;
}

void pw_matrix_unweigh(pw_matrix *V)
{
    pw_weight_destroy(V->weight);
    V->weight = NULL;
}
