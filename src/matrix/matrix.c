#include "matrix/matrix.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "matrix/feed.h"
#include "matrix/place.h"
#include "matrix/weight.h"

#include <inttypes.h>
#include <stdlib.h>

void pw_matrix_destroy(pw_matrix *V)
{
    if (!V)
        return;
    pw_layout_destroy(&V->layout);
    pw_matrix_drop_entries(V);
    pw_names_destroy(&V->row_names);
    pw_names_destroy(&V->column_names);
    pw_weight_destroy(V->weight);
    free(V->path);
    *V = (pw_matrix){.rows = 0};
}

void pw_matrix_drop_entries(pw_matrix *V)
{
    pw_feed_destroy(V->feed);
    free(V->values);
    free(V->observed);
    free(V->row_pointer);
    free(V->column);
    V->feed = NULL;
    V->values = NULL;
    V->observed = NULL;
    V->row_pointer = NULL;
    V->column = NULL;
}

int64_t pw_matrix_local_entries(const pw_matrix *V)
{
    return V->sparse ? V->row_pointer[V->count] : V->count * V->cols;
}

int64_t pw_matrix_bytes(const pw_matrix *V)
{
    const int64_t entries = pw_matrix_local_entries(V);
    const int64_t values = entries * (int64_t)pw_type_size(V->type);
    const int64_t mask = V->observed ? (entries + 7) / 8 : 0;
    return V->sparse ? values + 4 * entries + 8 * (V->count + 1) : values + mask;
}

pw_code pw_matrix_set_missing(const pw_options *options, pw_matrix *V)
{
    V->missing = (pw_missing)options->missing;
    V->only_stored = V->sparse && (V->missing == PW_MISSING_ZERO || V->masked);
    V->holdout = (struct pw_holdout){options->holdout, (uint64_t)options->seed};
    if (V->holdout.share > 0 && pw_matrix_has_absent_zeros(V))
        return pw_fail(
            PW_ERROR_INPUT,
            "%s: is sparse, and --holdout would have to draw from all its entries, the "
            "zeros that are not stored too. Let only nonzeros count (--missing zero), give "
            "a --mask of those that are observed, or store it dense.",
            V->path ? V->path : "V");
    return PW_OK;
}

bool pw_matrix_misses(const pw_matrix *V)
{
    return V->missing != PW_MISSING_NONE || V->masked || V->holdout.share > 0;
}

bool pw_matrix_has_absent_zeros(const pw_matrix *V)
{
    return V->sparse && !V->only_stored;
}

bool pw_matrix_by_columns(int distribute, int64_t m, int64_t n)
{
    if (distribute == PW_DISTRIBUTE_AUTO)
        return (n - 1) / 4 >= m;
    if (distribute == PW_DISTRIBUTE_LONGER)
        return n > m;
    return distribute == PW_DISTRIBUTE_COLUMNS;
}

pw_code pw_matrix_shape_dense(pw_team *team, int64_t rows, int64_t cols, bool transposed,
                              pw_type type, pw_matrix *V)
{
    V->rows = rows;
    V->cols = cols;
    V->transposed = transposed;
    V->sparse = false;
    V->type = type;
    if (__builtin_mul_overflow(rows, cols, &V->entries) || V->entries > INT64_MAX / 8)
        return pw_fail(PW_ERROR_MEMORY,
                       "%s: %" PRId64 " × %" PRId64 " is too large a dense matrix.",
                       V->path ? V->path : "V", rows, cols);
    pw_code code = pw_agree(team, pw_layout_even(rows, team->size, &V->layout));
    if (code != PW_OK)
        return code;
    V->first = pw_layout_first(&V->layout, team->rank);
    V->count = pw_layout_count(&V->layout, team->rank);
    return PW_OK;
}

pw_code pw_matrix_allocate_dense(pw_team *team, pw_matrix *V)
{
    const pw_code code = pw_memory_check(team, pw_matrix_bytes(V), V->path, "V");
    if (code != PW_OK)
        return code;
    V->values = pw_new(V->count * V->cols, pw_type_size(V->type));
    pw_place_rows(team, V, (size_t)V->cols * pw_type_size(V->type), V->values);
    return pw_agree(team, V->values ? PW_OK : PW_ERROR_MEMORY);
}

pw_code pw_matrix_allocate_entries(const pw_team *team, int64_t entries, pw_matrix *V)
{
    const size_t size = pw_type_size(V->type);
    pw_code code = PW_OK;
    PW_TRY(PW_NEW(V->column, entries));
    pw_place_entries(team, V, sizeof *V->column, V->column);
    if (V->type == PW_ONE)
        return PW_OK;
    V->values = pw_new(entries, size);
    pw_place_entries(team, V, size, V->values);
    code = V->values ? PW_OK : PW_ERROR_MEMORY;
done:
    return code;
}

pw_code pw_matrix_new_dense(pw_team *team, int64_t rows, int64_t cols, bool transposed,
                            pw_type type, pw_matrix *V)
{
    const pw_code code = pw_matrix_shape_dense(team, rows, cols, transposed, type, V);
    return code == PW_OK ? pw_matrix_allocate_dense(team, V) : code;
}

/* Over the ranks that share this rank's node; other teams there have as much. */
static int64_t sum_over_node(const pw_team *team, int64_t number)
{
    MPI_Comm node;
    MPI_Comm_split_type(team->comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
    MPI_Allreduce(MPI_IN_PLACE, &number, 1, MPI_INT64_T, MPI_SUM, node);
    MPI_Comm_free(&node);
    return team->crowd > 1 ? (int64_t)((double)number * team->crowd) : number;
}

pw_code pw_memory_check(pw_team *team, int64_t bytes, const char *path, const char *what)
{
    const int64_t needed = sum_over_node(team, bytes), available = pw_memory_available();
    char needed_text[24], available_text[24];
    pw_code code = PW_OK;
    if (needed > available)
        code =
            pw_fail(PW_ERROR_MEMORY,
                    "%s: no room for %s: a node would have to hold %s, and %s are free there. Use "
                    "more nodes, or ask for more memory.",
                    path ? path : "the job", what, pw_memory_text(needed, needed_text),
                    pw_memory_text(available, available_text));
    return pw_agree(team, code);
}

int64_t pw_memory_per_rank(pw_team *team, int64_t bytes)
{
    const int64_t ranks = sum_over_node(team, 1);
    int64_t least = -(bytes > 0 ? bytes : pw_memory_available()) / ranks;
    pw_reduce_max_int(team, &least, 1);
    return -least;
}
