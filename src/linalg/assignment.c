/* Each row in turn gets a column along the shortest path of reduced costs, on which rows that have one may change theirs.
 * Costs are the gains with the other sign; the prices u and v keep all reduced costs cost - u - v at 0 or above. */
#include "linalg/assignment.h"

#include "base/memory.h"

#include <math.h>
#include <stdbool.h>

typedef struct problem {
    int64_t rows, columns; /* rows <= columns */
    const double *gain;
    int64_t row_step, column_step; /* of `gain`, which may lie the other way round */
    double *u, *v;                 /* prices of rows and columns */
    int64_t *row_of, *column_of;   /* the pairs so far; -1: none */
    double *length;                /* of the shortest path to each column */
    int64_t *before;               /* the row that it comes from */
    bool *done;                    /* that path is final */
} problem;

static double reduced_cost(const problem *p, int64_t i, int64_t j)
{
    return -p->gain[i * p->row_step + j * p->column_step] - p->u[i] - p->v[j];
}

/* Looks along row i, which is reached at `length`. The nearest column that is not done. */
static int64_t nearest_column(problem *p, int64_t i, double length)
{
    int64_t nearest = -1;
    for (int64_t j = 0; j < p->columns; j++) {
        if (p->done[j])
            continue;
        const double found = length + reduced_cost(p, i, j);
        if (found < p->length[j]) {
            p->length[j] = found;
            p->before[j] = i;
        }
        if (nearest < 0 || p->length[j] < p->length[nearest] ||
            (p->length[j] == p->length[nearest] && p->row_of[j] < 0 && p->row_of[nearest] >= 0))
            nearest = j;
    }
    return nearest;
}

/* The column without a row that is nearest to `row`. */
static int64_t find_path(problem *p, int64_t row)
{
    for (int64_t j = 0; j < p->columns; j++) {
        p->length[j] = HUGE_VAL;
        p->done[j] = false;
    }
    int64_t j = nearest_column(p, row, 0);
    for (;;) {
        p->done[j] = true;
        if (p->row_of[j] < 0)
            return j;
        j = nearest_column(p, p->row_of[j], p->length[j]);
    }
}

static void give_column(problem *p, int64_t row)
{
    const int64_t free_column = find_path(p, row);
    const double length = p->length[free_column];
    p->u[row] += length;
    for (int64_t j = 0; j < p->columns; j++)
        if (p->done[j] && j != free_column) {
            p->u[p->row_of[j]] += length - p->length[j];
            p->v[j] -= length - p->length[j];
        }
    int64_t i, j = free_column;
    do {
        i = p->before[j];
        const int64_t given_up = p->column_of[i];
        p->row_of[j] = i;
        p->column_of[i] = j;
        j = given_up;
    } while (i != row);
}

static pw_code create(int64_t rows, int64_t columns, const double *gain, problem *p)
{
    const bool turned = rows > columns;
    pw_code code = PW_OK;
    *p = (problem){.rows = turned ? columns : rows,
                   .columns = turned ? rows : columns,
                   .gain = gain,
                   .row_step = turned ? 1 : columns,
                   .column_step = turned ? columns : 1};
    PW_TRY(PW_NEW(p->u, p->rows));
    PW_TRY(PW_NEW(p->v, p->columns));
    PW_TRY(PW_NEW(p->row_of, p->columns));
    PW_TRY(PW_NEW(p->column_of, p->rows));
    PW_TRY(PW_NEW(p->length, p->columns));
    PW_TRY(PW_NEW(p->before, p->columns));
    PW_TRY(PW_NEW(p->done, p->columns));
    for (int64_t j = 0; j < p->columns; j++)
        p->row_of[j] = -1;
    for (int64_t i = 0; i < p->rows; i++)
        p->column_of[i] = -1;
done:
    return code;
}

static void destroy(problem *p)
{
    free(p->u);
    free(p->v);
    free(p->row_of);
    free(p->column_of);
    free(p->length);
    free(p->before);
    free(p->done);
}

pw_code pw_assignment(int64_t rows, int64_t columns, const double *gain, int64_t *column_of_row)
{
    problem p;
    pw_code code = create(rows, columns, gain, &p);
    if (code == PW_OK) {
        for (int64_t i = 0; i < p.rows; i++)
            give_column(&p, i);
        for (int64_t i = 0; i < rows; i++)
            column_of_row[i] = rows > columns ? p.row_of[i] : p.column_of[i];
    }
    destroy(&p);
    return code;
}
