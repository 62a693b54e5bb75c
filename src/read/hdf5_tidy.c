/* Order within sparse rows as files may not have it: columns ascending, no duplicates. */
#include "read/hdf5_sparse.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "matrix/range.h"

#include <inttypes.h>
#include <string.h>

/* ---- sorting ---- */

/* Room to sort one row. */
typedef struct scratch {
    uint64_t *key; /* column in the upper half, place in the row in the lower */
    char *values;
    int64_t key_capacity, value_capacity;
} scratch;

static int compare_keys(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static pw_code sort_row(pw_matrix *V, int64_t begin, int64_t end, scratch *room)
{
    const int64_t length = end - begin, size = (int64_t)pw_type_size(V->type);
    char *values = (char *)V->values + begin * size;
    pw_code code = PW_OK;
    if (length > UINT32_MAX)
        PW_TRY(pw_fail(PW_ERROR_INPUT, "%s: a row has %" PRId64 " entries.", V->path, length));
    PW_TRY(PW_GROW(room->key, &room->key_capacity, length));
    PW_TRY(PW_GROW(room->values, &room->value_capacity, length * size));
    for (int64_t i = 0; i < length; i++)
        room->key[i] = (uint64_t)V->column[begin + i] << 32 | (uint64_t)i;
    qsort(room->key, (size_t)length, sizeof *room->key, compare_keys);
    memcpy(room->values, values, (size_t)(length * size));
    for (int64_t i = 0; i < length; i++) {
        V->column[begin + i] = (uint32_t)(room->key[i] >> 32);
        memcpy(values + i * size, room->values + (int64_t)(uint32_t)room->key[i] * size,
               (size_t)size);
    }
done:
    return code;
}

pw_code pw_hdf5_sort_rows(pw_matrix *V)
{
    scratch room = {.key = NULL};
    pw_code code = PW_OK;
    for (int64_t row = 0; row < V->count; row++) {
        const int64_t begin = V->row_pointer[row], end = V->row_pointer[row + 1];
        int64_t i = begin + 1;
        while (i < end && V->column[i - 1] <= V->column[i])
            i++;
        if (i < end)
            PW_TRY(sort_row(V, begin, end, &room));
    }
done:
    free(room.key);
    free(room.values);
    return code;
}

/* ---- duplicates ---- */

static int64_t count_duplicates(const pw_matrix *V)
{
    int64_t duplicates = 0;
    for (int64_t row = 0; row < V->count; row++)
        for (int64_t i = V->row_pointer[row] + 1; i < V->row_pointer[row + 1]; i++)
            duplicates += V->column[i - 1] == V->column[i];
    return duplicates;
}

/* The sum of the entries from `from` on that stand in one place of V; the first behind them goes
 * to `*next`. */
static double sum_run(const pw_matrix *V, int64_t from, int64_t end, int64_t *next)
{
    double sum = 0, value;
    int64_t i = from;
    do {
        pw_widen_to_double(V->type, V->values, i, 1, &value);
        sum += value;
    } while (++i < end && V->column[i] == V->column[from]);
    *next = i;
    return sum;
}

/* What numbers the entries of V are once duplicates are added up. */
static pw_range range_of_sums(const pw_matrix *V)
{
    pw_range range = pw_range_empty();
    for (int64_t row = 0; row < V->count; row++) {
        const int64_t end = V->row_pointer[row + 1];
        for (int64_t i = V->row_pointer[row], next; i < end; i = next) {
            const double sum = sum_run(V, i, end, &next);
            pw_range_add(&range, &sum, 1);
        }
    }
    return range;
}

static void move_value(pw_matrix *V, int64_t from, int64_t to)
{
    const int64_t size = (int64_t)pw_type_size(V->type);
    memmove((char *)V->values + to * size, (char *)V->values + from * size, (size_t)size);
}

/* Packs the entries towards the front, duplicates into one. */
static void merge(pw_matrix *V)
{
    int64_t to = 0, begin = 0;
    for (int64_t row = 0; row < V->count; row++) {
        const int64_t end = V->row_pointer[row + 1];
        for (int64_t i = begin, next; i < end; i = next, to++) {
            const uint32_t column = V->column[i];
            next = i + 1;
            if (next < end && V->column[next] == column) {
                const double sum = sum_run(V, i, end, &next);
                pw_narrow(V->type, &sum, 1, V->values, to);
            } else
                move_value(V, i, to);
            V->column[to] = column;
        }
        begin = end;
        V->row_pointer[row + 1] = to;
    }
}

/* Gives back what merging left over; where that fails, nothing is lost. */
static void shrink(pw_matrix *V)
{
    const size_t entries = (size_t)pw_matrix_local_entries(V) + 1;
    void *less = realloc(V->values, entries * pw_type_size(V->type));
    if (less)
        V->values = less;
    less = realloc(V->column, entries * sizeof *V->column);
    if (less)
        V->column = less;
}

/* A type for sums that are too large for `type`, and for what they are the sums of. */
static pw_type wider(pw_type type, const pw_range *range)
{
    const bool is_unsigned = type == PW_U8 || type == PW_U16 || type == PW_U32;
    return is_unsigned ? pw_range_narrowest(range) : PW_F64;
}

static pw_code merge_duplicates(pw_team *team, pw_matrix *V)
{
    int64_t duplicates = count_duplicates(V);
    pw_code code = PW_OK;
    pw_reduce_sum_int(team, &duplicates, 1);
    if (duplicates == 0)
        return PW_OK;
    pw_range range = range_of_sums(V);
    pw_range_agree(team, &range);
    if (!pw_range_fits(&range, V->type))
        PW_TRY(pw_agree(team, pw_change_type(wider(V->type, &range), pw_matrix_local_entries(V),
                                             &V->type, &V->values)));
    merge(V);
    shrink(V);
    V->entries -= duplicates;
done:
    return code;
}

/* ---- ones ---- */

pw_code pw_hdf5_tidy(pw_team *team, pw_matrix *V)
{
    pw_code code = PW_OK;
    PW_TRY(pw_agree(team, pw_hdf5_sort_rows(V)));
    PW_TRY(merge_duplicates(team, V));
    int64_t others = !pw_are_ones(V->type, V->values, pw_matrix_local_entries(V));
    pw_reduce_max_int(team, &others, 1);
    if (!others && V->entries > 0) {
        free(V->values);
        V->values = NULL;
        V->type = PW_ONE;
    }
done:
    return code;
}
