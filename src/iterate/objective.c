/* The objective without another pass over V:
 *
 *     ½‖V − WH‖² = ½‖V‖² − <P, H> + ½ <S, HHᵀ>
 *
 * exact to about ε·½‖V‖² (ε of the products): below that it is clamped at zero. */
#include "iterate/state.h"

#include <math.h>

static double inner_product(int64_t rows, int k, const double *A, const double *B)
{
    double sum = 0;
    for (int64_t i = 0; i < rows; i++) {
        double row = 0;
        for (int c = 0; c < k; c++)
            row += A[i * k + c] * B[i * k + c];
        sum += row;
    }
    return sum;
}

void pw_objective(pw_state *s)
{
    const double start = pw_seconds(), square = s->summary->sum_squares;
    const double objective = 0.5 * square -
                             inner_product(s->V->cols, s->k, s->P, s->model->replicated) +
                             0.5 * inner_product(s->k, s->k, s->S, s->G);
    s->model->objective = objective > 0 ? objective : 0;
    s->model->relative_error = square > 0 ? sqrt(2 * s->model->objective / square) : 0;
    s->model->projected_gradient = sqrt(s->gradient);
    pw_timer_add(&s->team->timer, PW_PHASE_OBJECTIVE, start, 2.0 * s->k * (double)s->V->cols,
                 16.0 * s->k * (double)s->V->cols);
}
