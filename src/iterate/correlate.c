/* Newton steps with many components. The second derivatives of a row x given the rows y of the other factor,
 *
 *     M = Σ v/z² y yᵀ,    z = x·y,
 *
 * are k(k+1)/2 sums. With many components only their diagonals q are summed up, and correlations that all rows share
 * take the place of their own: M_ab ≈ √(q_a q_b) C_ab, with C those of
 *
 *     Σ y yᵀ / (y · X̄),    X̄ the column sums of X,
 *
 * as v/z² is about 1/z, and the harmonic sum of z over the rows x about that of their total. Then the objective may rise.
 * After each rise steps are careful (update/newton.c) for a while that doubles, so in the end it falls for certain. */
#include "iterate/state.h"
#include "linalg/gram.h"

#include <math.h>
#include <string.h>

enum { MOST_DOUBLINGS = 40 };

void pw_correlate_add(int64_t rows, int k, const double *X, const double *other_sums, double *work,
                      double *spread)
{
    for (int64_t first = 0; first < rows; first += k) {
        const int64_t count = rows - first < k ? rows - first : k;
        for (int64_t i = 0; i < count; i++) {
            const double *x = X + (first + i) * k;
            double total = 0;
            for (int c = 0; c < k; c++)
                total += x[c] * other_sums[c];
            const double weight = total > 0 ? 1 / sqrt(total) : 0;
            for (int c = 0; c < k; c++)
                work[i * k + c] = weight * x[c];
        }
        pw_gram_add(count, k, work, k, spread);
    }
}

void pw_correlate_prepare(const pw_state *s, pw_side *side, const pw_side *other)
{
    const int k = s->k;
    const double *spread = other->spread;
    for (int a = 0; a < k; a++)
        for (int b = 0; b < k; b++) {
            const double square = spread[a * k + a] * spread[b * k + b];
            side->C[a * k + b] = a == b ? 1 : square > 0 ? spread[a * k + b] / sqrt(square) : 0;
        }
}

/* A resumed run knows the objective of its last iteration one iteration early: it is not looked at before others would. */
void pw_correlate_judge(pw_state *s)
{
    const pw_history *history = &s->model->history;
    while (s->approximates && s->looked_at + s->lags < history->count) {
        const int64_t now = s->looked_at++;
        if (now == 0 ||
            history->row[now].objective <= history->row[now - 1].objective + s->resolution)
            continue;
        const int64_t doublings = s->rises < MOST_DOUBLINGS ? s->rises : MOST_DOUBLINGS;
        s->rises++;
        s->careful_until = now + s->lags + ((int64_t)2 << doublings);
    }
    s->careful = s->model->iteration <= s->careful_until;
}
