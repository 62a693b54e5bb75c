/* Sparse V from a group that is compressed the other way than V is swept. Ranks read equal shares
 * of the entries:
 *
 *     count entries per bucket of rows     -> layout
 *     send rows to their owners, in rounds -> row_pointer
 *     send entries, in rounds              -> column, values, put into place
 *
 * Beside V there are only the buffers of one round; indices are read twice for that. */
#include "read/hdf5_sparse.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "read/hdf5_cursor.h"

#include <inttypes.h>
#include <string.h>

enum { MOST_BUCKETS = 1 << 20, MOST_AT_ONCE = 1 << 18, LEAST_AT_ONCE = 1 << 16 };
enum { ENTRIES_IN_FLIGHT = 1 << 24 }; /* of all ranks in a round: what one could have to take in */

typedef struct shuffle {
    pw_team *team;
    pw_reader *reader;
    const pw_hdf5_source *source;
    pw_matrix *V;
    int64_t first, count;     /* this rank's share of the entries */
    int64_t step, rounds;     /* entries in a round */
    uint32_t *row, *column;   /* of one round; `row` holds the whole share until rows are counted */
    char *values;             /* of one round, in V's type */
    char *records;            /* of one round, in the order of the ranks they go to */
    int *owner;               /* of the entries of one round */
    int64_t *out, *in, *next; /* per rank */
} shuffle;

static void shuffle_destroy(shuffle *s)
{
    free(s->row);
    free(s->column);
    free(s->values);
    free(s->records);
    free(s->owner);
    free(s->out);
    free(s->in);
    free(s->next);
}

static pw_code shuffle_create(pw_team *team, pw_reader *reader, const pw_hdf5_source *source,
                              pw_matrix *V, shuffle *s)
{
    const int64_t size = (int64_t)pw_type_size(V->type);
    int64_t step = ENTRIES_IN_FLIGHT / team->size;
    pw_code code = PW_OK;
    *s = (shuffle){.team = team, .reader = reader, .source = source, .V = V};
    s->first = pw_share(source->entries, team->size, team->rank);
    s->count = pw_share(source->entries, team->size, team->rank + 1) - s->first;
    step = step < LEAST_AT_ONCE ? LEAST_AT_ONCE : step > MOST_AT_ONCE ? MOST_AT_ONCE : step;
    s->step = step;
    s->rounds = (pw_share(source->entries, team->size, 1) + step - 1) / step; /* of the largest */
    PW_TRY(PW_NEW(s->row, s->count));
    PW_TRY(PW_NEW(s->column, step));
    PW_TRY(PW_NEW(s->values, step * size));
    PW_TRY(PW_NEW(s->records, step * (8 + size)));
    PW_TRY(PW_NEW(s->owner, step));
    PW_TRY(PW_NEW(s->out, team->size));
    PW_TRY(PW_NEW(s->in, team->size));
    PW_TRY(PW_NEW(s->next, team->size));
done:
    return code;
}

/* Entries of this rank in a round. */
static int64_t entries_of_round(const shuffle *s, int64_t round)
{
    const int64_t left = s->count - round * s->step;
    return left < 0 ? 0 : left < s->step ? left : s->step;
}

/* Collective over team. Sends `count` records to the owners of their rows: the row, then (where
 * `whole`) column and value. `*received` is the caller's to free. */
static pw_code send_records(shuffle *s, const uint32_t *row, int64_t count, bool whole,
                            char **received, int64_t *received_count)
{
    const size_t size = pw_type_size(s->V->type), record = whole ? 8 + size : 4;
    void *in = NULL;
    memset(s->out, 0, (size_t)s->team->size * sizeof *s->out);
    for (int64_t i = 0; i < count; i++)
        s->out[s->owner[i] = pw_layout_owner(&s->V->layout, row[i])]++;
    for (int64_t r = 0, at = 0; r < s->team->size; at += s->out[r++])
        s->next[r] = at;
    for (int64_t i = 0; i < count; i++) {
        char *to = s->records + s->next[s->owner[i]]++ * (int64_t)record;
        memcpy(to, &row[i], 4);
        if (whole) {
            memcpy(to + 4, &s->column[i], 4);
            memcpy(to + 8, s->values + i * (int64_t)size, size);
        }
    }
    const pw_code code = pw_exchange(s->team, s->records, s->out, record, &in, s->in);
    *received = in;
    *received_count = 0;
    for (int r = 0; code == PW_OK && r < s->team->size; r++)
        *received_count += s->in[r];
    return code;
}

/* Collective over team. Blocks of rows with about equal numbers of entries. */
static pw_code choose_layout(shuffle *s)
{
    pw_matrix *V = s->V;
    const int64_t buckets = V->rows < MOST_BUCKETS ? V->rows : MOST_BUCKETS;
    int64_t *before = NULL;
    pw_code code = PW_NEW(before, buckets + 1);
    if (code == PW_OK)
        code = pw_hdf5_indices(s->reader, s->source, s->first, s->count, V->rows, s->row);
    PW_TRY(pw_agree(s->team, code));
    for (int64_t i = 0; i < s->count; i++)
        before[pw_share_of(V->rows, buckets, s->row[i]) + 1]++;
    pw_reduce_sum_int(s->team, before, buckets + 1);
    for (int64_t b = 0; b < buckets; b++)
        before[b + 1] += before[b];
    code = before[buckets] > 0
               ? pw_layout_weighted(V->rows, s->team->size, buckets, before, &V->layout)
               : pw_layout_even(V->rows, s->team->size, &V->layout);
    PW_TRY(pw_agree(s->team, code));
    V->first = pw_layout_first(&V->layout, s->team->rank);
    V->count = pw_layout_count(&V->layout, s->team->rank);
done:
    free(before);
    return code;
}

/* Collective over team. Allocates row_pointer such that row_pointer[r + 1] is where row r begins,
 * and the rest of V. */
static pw_code count_rows(shuffle *s)
{
    pw_matrix *V = s->V;
    char *received = NULL;
    int64_t count = 0;
    uint32_t row;
    pw_code code = PW_OK;
    PW_TRY(pw_memory_check(s->team, 8 * V->count, V->path, "the index of V"));
    PW_TRY(pw_agree(s->team, PW_NEW(V->row_pointer, V->count + 2)));
    int64_t *after = V->row_pointer + 2;
    for (int64_t round = 0; round < s->rounds; round++) {
        const uint32_t *rows = s->row + round * s->step;
        PW_TRY(send_records(s, rows, entries_of_round(s, round), false, &received, &count));
        for (int64_t i = 0; i < count; i++) {
            memcpy(&row, received + 4 * i, 4);
            after[row - V->first]++;
        }
        free(received);
        received = NULL;
    }
    for (int64_t r = 0; r < V->count; r++)
        after[r] += after[r - 1];
done:
    free(received);
    return code;
}

/* Collective over team. Room for the entries of V, `s->row` shrunk to one round. */
static pw_code make_room(shuffle *s)
{
    pw_matrix *V = s->V;
    const int64_t entries = V->row_pointer[V->count + 1];
    const int64_t size = (int64_t)pw_type_size(V->type);
    free(s->row);
    s->row = NULL;
    pw_code code = pw_memory_check(s->team, (4 + size) * entries, V->path, "V");
    if (code != PW_OK)
        return code;
    code = PW_NEW(s->row, s->step);
    if (code == PW_OK)
        code = pw_matrix_allocate_entries(s->team, entries, V);
    return pw_agree(s->team, code);
}

static void put_into_place(pw_matrix *V, const char *records, int64_t count)
{
    const size_t size = pw_type_size(V->type);
    int64_t *next = V->row_pointer + 1;
    uint32_t row;
    for (int64_t i = 0; i < count; i++) {
        const char *from = records + i * (int64_t)(8 + size);
        memcpy(&row, from, 4);
        const int64_t at = next[row - V->first]++;
        memcpy(&V->column[at], from + 4, 4);
        memcpy((char *)V->values + at * (int64_t)size, from + 8, size);
    }
}

/* Collective over team. */
static pw_code move_entries(shuffle *s, int64_t major)
{
    pw_major_cursor *cursor = NULL;
    char *received = NULL;
    int64_t received_count = 0;
    pw_code code = pw_major_cursor_create(s->reader, s->source, major, &cursor);
    PW_TRY(pw_agree(s->team, code));
    for (int64_t round = 0; round < s->rounds; round++) {
        const int64_t first = s->first + round * s->step, count = entries_of_round(s, round);
        code = pw_hdf5_indices(s->reader, s->source, first, count, s->V->rows, s->row);
        if (code == PW_OK)
            code = pw_hdf5_part(s->reader, s->source, "data", first, count, s->V->type, s->values);
        if (code == PW_OK)
            code = pw_major_cursor_next(cursor, first, count, s->column);
        PW_TRY(pw_agree(s->team, code));
        PW_TRY(send_records(s, s->row, count, true, &received, &received_count));
        put_into_place(s->V, received, received_count);
        free(received);
        received = NULL;
    }
done:
    free(received);
    pw_major_cursor_destroy(&cursor);
    return code;
}

pw_code pw_hdf5_redistribute(pw_team *team, pw_reader *reader, const pw_hdf5_source *source,
                             pw_matrix *V)
{
    pw_major_split split = {.major = NULL};
    shuffle s = {.team = team};
    pw_code code = PW_OK;
    if (V->rows > UINT32_MAX)
        PW_TRY(pw_fail(PW_ERROR_INPUT,
                       "%s: %" PRId64 " %s are more than partwise can turn a sparse matrix to "
                       "(2^32 - 1). Try --distribute %s.",
                       V->path, V->rows, V->transposed ? "columns" : "rows",
                       V->transposed ? "rows" : "columns"));
    PW_TRY(pw_hdf5_split(team, reader, source, &split));
    PW_TRY(pw_agree(team, shuffle_create(team, reader, source, V, &s)));
    PW_TRY(choose_layout(&s));
    PW_TRY(count_rows(&s));
    PW_TRY(make_room(&s));
    const int64_t major = split.major[team->rank];
    PW_TRY(move_entries(&s, major > 0 ? major - 1 : 0));
    PW_TRY(pw_hdf5_tidy(team, V));
done:
    shuffle_destroy(&s);
    pw_hdf5_split_destroy(&split);
    return code;
}
