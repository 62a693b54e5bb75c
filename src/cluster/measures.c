#include "cluster/measures.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "linalg/assignment.h"
#include "matrix/matrix.h"

#include <float.h>
#include <math.h>

/* The table with its margins. */
typedef struct margins {
    int rows, columns;
    const int64_t *table;
    double *row, *column, total;
} margins;

static void add_up(margins *t)
{
    for (int i = 0; i < t->rows; i++)
        for (int j = 0; j < t->columns; j++) {
            const double n = (double)t->table[(int64_t)i * t->columns + j];
            t->row[i] += n;
            t->column[j] += n;
            t->total += n;
        }
}

static pw_code find_accuracy(const margins *t, int k, double *accuracy)
{
    double *gain = NULL;
    int64_t *column_of_row = NULL;
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(gain, (int64_t)k * t->columns));
    PW_TRY(PW_NEW(column_of_row, k));
    for (int64_t i = 0; i < (int64_t)k * t->columns; i++)
        gain[i] = (double)t->table[i];
    PW_TRY(pw_assignment(k, t->columns, gain, column_of_row));
    double sum = 0;
    for (int64_t i = 0; i < k; i++)
        if (column_of_row[i] >= 0)
            sum += gain[i * t->columns + column_of_row[i]];
    *accuracy = sum / t->total;
done:
    free(gain);
    free(column_of_row);
    return code;
}

static double entropy(int count, const double *size, double total)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        if (size[i] > 0)
            sum -= size[i] / total * log(size[i] / total);
    return sum;
}

static int count_groups(int count, const double *size)
{
    int groups = 0;
    for (int i = 0; i < count; i++)
        groups += size[i] > 0;
    return groups;
}

static double find_nmi(const margins *t)
{
    double shared = 0;
    if (count_groups(t->rows, t->row) == 1 && count_groups(t->columns, t->column) == 1)
        return 1;
    for (int i = 0; i < t->rows; i++)
        for (int j = 0; j < t->columns; j++) {
            const double n = (double)t->table[(int64_t)i * t->columns + j];
            if (n > 0)
                shared += n / t->total * log(n / t->row[i] * t->total / t->column[j]);
        }
    if (shared <= DBL_EPSILON)
        return 0;
    return 2 * shared /
           (entropy(t->rows, t->row, t->total) + entropy(t->columns, t->column, t->total));
}

/* By the numbers of pairs of items that both sides put together (11), apart (00), or one of them does. */
static double find_ari(const margins *t)
{
    double squares = 0, of_rows = 0, of_columns = 0;
    for (int64_t i = 0; i < (int64_t)t->rows * t->columns; i++)
        squares += (double)t->table[i] * (double)t->table[i];
    for (int i = 0; i < t->rows; i++)
        of_rows += t->row[i] * t->row[i];
    for (int j = 0; j < t->columns; j++)
        of_columns += t->column[j] * t->column[j];
    const double n11 = squares - t->total, n01 = of_columns - squares, n10 = of_rows - squares;
    const double n00 = t->total * t->total - n01 - n10 - squares;
    if (n01 == 0 && n10 == 0)
        return 1;
    return 2 * (n11 * n00 - n01 * n10) / ((n11 + n01) * (n01 + n00) + (n11 + n10) * (n10 + n00));
}

pw_code pw_measures_of_table(int k, int classes, const int64_t *table, pw_measures *measures)
{
    margins t = {.rows = k + 1, .columns = classes, .table = table};
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(t.row, t.rows));
    PW_TRY(PW_NEW(t.column, t.columns));
    add_up(&t);
    measures->nmi = find_nmi(&t);
    measures->ari = find_ari(&t);
    code = find_accuracy(&t, k, &measures->accuracy);
done:
    free(t.row);
    free(t.column);
    return code;
}

pw_code pw_measures_find(pw_team *team, int k, int classes, int64_t count, const int32_t *label,
                         const int32_t *class, pw_measures *measures)
{
    const int64_t cells = ((int64_t)k + 1) * classes;
    int64_t *table = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_memory_check(team, 16 * cells, NULL, "the table of clusters and classes"));
    PW_TRY(pw_agree(team, PW_NEW(table, cells)));
    for (int64_t i = 0; i < count; i++)
        table[(int64_t)(label[i] >= 0 ? label[i] : k) * classes + class[i]]++;
    pw_reduce_sum_int(team, table, cells);
    code = pw_agree(team, pw_measures_of_table(k, classes, table, measures));
done:
    free(table);
    return code;
}
