#include "read/csr.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "read/generate.h"

#include <stdlib.h>

enum { SHORT_ROW = 32 }; /* sorted by insertion */

pw_code pw_csr_create(pw_team *team, int64_t rows, int64_t cols, pw_type type, pw_matrix *V)
{
    V->rows = rows;
    V->cols = cols;
    V->sparse = true;
    V->type = type;
    pw_code code = pw_layout_even(rows, team->size, &V->layout);
    if (code == PW_OK) {
        V->first = pw_layout_first(&V->layout, team->rank);
        V->count = pw_layout_count(&V->layout, team->rank);
        code = PW_NEW(V->row_pointer, V->count + 1);
    }
    return pw_agree(team, code);
}

pw_code pw_csr_allocate(pw_team *team, int64_t entries, pw_matrix *V)
{
    const int64_t size = (int64_t)pw_type_size(V->type);
    pw_code code =
        pw_memory_check(team, entries * (size + (int64_t)sizeof *V->column), V->path, "V");
    if (code != PW_OK)
        return code;
    if ((code = PW_NEW(V->column, entries)) == PW_OK && size > 0) {
        V->values = pw_new(entries, (size_t)size);
        code = V->values ? PW_OK : PW_ERROR_MEMORY;
    }
    return pw_agree(team, code);
}

int64_t pw_csr_store(pw_matrix *V, int64_t at, uint32_t column, double value)
{
    value = pw_generate_round(V->type, value);
    if (!(value > 0))
        return at;
    V->column[at] = column;
    pw_narrow(V->type, &value, 1, V->values, at);
    return at + 1;
}

static int compare(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

void pw_csr_sort(uint32_t *column, int64_t count)
{
    if (count > SHORT_ROW) {
        qsort(column, (size_t)count, sizeof *column, compare);
        return;
    }
    for (int64_t i = 1; i < count; i++) {
        const uint32_t moved = column[i];
        int64_t at = i;
        for (; at > 0 && column[at - 1] > moved; at--)
            column[at] = column[at - 1];
        column[at] = moved;
    }
}

static void *shrunk(void *array, int64_t count, size_t size)
{
    void *smaller = array ? realloc(array, (size_t)(count + 1) * size) : NULL;
    return smaller ? smaller : array;
}

void pw_csr_finish(pw_team *team, pw_matrix *V)
{
    V->entries = V->row_pointer[V->count];
    V->column = shrunk(V->column, V->entries, sizeof *V->column);
    V->values = shrunk(V->values, V->entries, pw_type_size(V->type));
    pw_reduce_sum_int(team, &V->entries, 1);
}
