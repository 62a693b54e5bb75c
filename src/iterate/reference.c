/* The loss that counts as relative error 1: of an approximation that knows nothing but sums of V.
 *
 *     Frobenius            ½‖V‖²: WH = 0
 *     Kullback–Leibler     D(V ‖ r cᵀ / Σv), r and c the row and column sums: the best for k = 1
 *     other β-divergences  the best constant, which is the mean of V; also for Kullback–Leibler where entries are missing
 */
#include "dist/collective.h"
#include "iterate/state.h"

#include <math.h>
#include <string.h>

/* What there is to sum up over the entries of V. */
typedef struct survey {
    const pw_state *state;
    double mean;         /* of V */
    double *column_sums; /* V->cols */
    double loss_of_mean, entropy, row_entropy;
} survey;

static double x_log_x(double x)
{
    return x > 0 ? x * log(x) : 0;
}

static double entropy_of(int64_t count, const double *x)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += x_log_x(x[i]);
    return sum;
}

static void survey_row(survey *y, const pw_tile *tile, int64_t row)
{
    int64_t i = tile->sparse ? tile->row_pointer[row] : 0;
    const int64_t end = tile->sparse ? tile->row_pointer[row + 1] : tile->cols;
    double v[PW_LOSS_ENTRIES], x[PW_LOSS_ENTRIES], row_sum = 0;
    for (int64_t e = 0; e < PW_LOSS_ENTRIES; e++)
        x[e] = y->mean;
    for (; i < end; i += PW_LOSS_ENTRIES) {
        const int64_t count = end - i < PW_LOSS_ENTRIES ? end - i : PW_LOSS_ENTRIES;
        pw_tile_read(tile, row, i, count, v);
        y->loss_of_mean += pw_loss_sum(&y->state->loss, count, v, x);
        y->entropy += entropy_of(count, v);
        for (int64_t e = 0; e < count; e++) {
            row_sum += v[e];
            y->column_sums[tile->sparse ? (int64_t)tile->column[i + e] : i + e] += v[e];
        }
    }
    y->row_entropy += x_log_x(row_sum);
}

/* P is not yet in use: it lends room for the column sums. */
static survey survey_all(pw_state *s)
{
    const pw_matrix *V = s->V;
    survey y = {.state = s, .mean = pw_summary_mean(s->summary), .column_sums = s->P};
    memset(s->P, 0, (size_t)V->cols * sizeof *s->P);
    pw_source_begin(&s->batch->source, 1);
    for (int64_t b = 0; b < s->batch->source.tiles; b++) {
        const pw_tile of_V = pw_source_tile(&s->batch->source, b);
        const pw_tile tile = pw_tile_resampled(&of_V, s->V);
        for (int64_t row = 0; row < tile.rows; row++)
            survey_row(&y, &tile, row);
    }
    double sums[] = {y.loss_of_mean, y.entropy, y.row_entropy};
    pw_reduce_sum(s->team, sums, sizeof sums / sizeof *sums);
    pw_reduce_sum(s->team, y.column_sums, V->cols);
    y.loss_of_mean = sums[0];
    y.entropy = sums[1];
    y.row_entropy = sums[2];
    return y;
}

static double loss_of_absent_zeros(const pw_state *s, double mean)
{
    const pw_matrix *V = s->V;
    const double absent = (double)V->rows * (double)V->cols - (double)V->entries;
    return pw_matrix_has_absent_zeros(V) ? absent * pw_loss_of_zero(&s->loss, mean) : 0;
}

static double find_reference(pw_state *s)
{
    if (s->loss.beta == 2)
        return 0.5 * s->summary->sum_squares;
    const survey y = survey_all(s);
    if (s->loss.beta != 1 || pw_matrix_misses(s->V))
        return y.loss_of_mean + loss_of_absent_zeros(s, y.mean);
    const double reference = y.entropy - y.row_entropy - entropy_of(s->V->cols, y.column_sums) +
                             x_log_x(s->summary->sum);
    return reference > 0 ? reference : 0;
}

double pw_reference(pw_state *s)
{
    if (isnan(s->data->reference))
        s->data->reference = find_reference(s);
    return s->data->reference;
}
