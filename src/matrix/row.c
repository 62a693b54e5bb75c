#include "matrix/row.h"

int64_t pw_row_place(const pw_tile *tile, int64_t row, int64_t column)
{
    if (!tile->sparse)
        return column;
    int64_t low = tile->row_pointer[row], high = tile->row_pointer[row + 1];
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if ((int64_t)tile->column[middle] < column)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

double pw_row_entry(const pw_tile *tile, int64_t row, int64_t column)
{
    const int64_t at = pw_row_place(tile, row, column);
    double v = 0;
    if (!tile->sparse || (at < tile->row_pointer[row + 1] && tile->column[at] == column))
        pw_tile_read(tile, row, at, 1, &v);
    return v;
}

void pw_row_add(const pw_tile *tile, int64_t row, double *sum)
{
    pw_piece p;
    for (pw_piece_begin(tile, row, &p); pw_piece_next(&p);)
        for (int64_t e = 0; e < p.count; e++)
            sum[pw_piece_column(&p, e)] += p.v[e];
}

/* Of entries that are not stored, a² Σ b² has all. */
double pw_row_distance(const pw_tile *tile, int64_t row, double scale, double a, const double *b,
                       double b_square)
{
    double sum = tile->sparse ? a * a * b_square : 0;
    pw_piece p;
    for (pw_piece_begin(tile, row, &p); pw_piece_next(&p);)
        for (int64_t e = 0; e < p.count; e++) {
            const double x = scale * p.v[e], y = a * b[pw_piece_column(&p, e)];
            sum += tile->sparse ? x * (x - 2 * y) : (x - y) * (x - y);
        }
    return sum > 0 ? sum : 0;
}
