#include "support/plain.h"

#include "dist/collective.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

pw_matrix plain_make(pw_team *team, const plain *p, bool sparse, bool transposed, pw_type type)
{
    pw_matrix V = {.rows = transposed ? p->n : p->m,
                   .cols = transposed ? p->m : p->n,
                   .transposed = transposed,
                   .sparse = sparse,
                   .type = type};
    assert_int_equal(pw_layout_even(V.rows, team->size, &V.layout), PW_OK);
    V.first = pw_layout_first(&V.layout, team->rank);
    V.count = pw_layout_count(&V.layout, team->rank);
    V.values = calloc((size_t)(V.count * V.cols) + 1, 8);
    V.column = calloc((size_t)(V.count * V.cols) + 1, sizeof *V.column);
    V.row_pointer = calloc((size_t)V.count + 1, sizeof *V.row_pointer);
    int64_t at = 0;
    for (int64_t r = 0; r < V.count; r++) {
        for (int64_t c = 0; c < V.cols; c++) {
            const int64_t row = V.first + r;
            const double value = transposed ? p->entry(c, row) : p->entry(row, c);
            if (sparse && value == 0)
                continue;
            pw_narrow(type, &value, 1, V.values, at);
            V.column[at++] = (uint32_t)c;
        }
        V.row_pointer[r + 1] = at;
    }
    V.entries = at;
    pw_reduce_sum_int(team, &V.entries, 1);
    return V;
}
