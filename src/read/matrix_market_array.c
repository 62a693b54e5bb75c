/* The values of an array file stand column after column, of a symmetric one from the diagonal
 * down. Columns are dealt evenly; as rounds and ranks follow the order of the file, an owner only
 * appends what it receives. */
#include "read/matrix_market.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "read/number.h"
#include "read/text.h"

#include <inttypes.h>
#include <string.h>

enum { PIECE_VALUES = 1 << 20 };

typedef struct array {
    pw_team *team;
    const char *path;
    const pw_coordinates *about;
    pw_layout columns;
    double *own; /* the values of this rank's columns, as in the file */
    int64_t own_count;
    double *read; /* of this round */
    int64_t read_count, read_capacity;
    int64_t before; /* values of the rounds so far */
    int64_t *out, *in;
} array;

/* Where column j begins among the values of the file. */
static int64_t start_of(const pw_coordinates *about, int64_t j)
{
    return about->symmetric ? j * about->m - j * (j - 1) / 2 : j * about->m;
}

static pw_code read_block(array *a, pw_text_block *block)
{
    pw_line line;
    a->read_count = 0;
    while (pw_text_line(block, &line)) {
        const char *at = pw_number_skip_blanks(line.begin, line.end);
        if (line.number <= a->about->header || at == line.end || *at == '%')
            continue;
        pw_code code = PW_OK;
        for (; at < line.end; at = pw_number_skip_blanks(at, line.end)) {
            double value;
            const char *next = pw_number(at, line.end, &value);
            if (!next || (next < line.end && *next != ' ' && *next != '\t')) {
                char text[PW_EXCERPT_LENGTH];
                return pw_fail(PW_ERROR_INPUT,
                               "%s: line %" PRId64 ": %s is not a number. Repair the line.",
                               a->path, line.number, pw_text_excerpt(at, line.end, text));
            }
            code = PW_GROW(a->read, &a->read_capacity, a->read_count + 1);
            if (code != PW_OK)
                return code;
            a->read[a->read_count++] = value;
            at = next;
        }
    }
    return PW_OK;
}

static pw_code check_count(const array *a, int64_t found, const char *how)
{
    return pw_fail(PW_ERROR_INPUT,
                   "%s: has %s%" PRId64 " values, but line %" PRId64 " asks for %" PRId64
                   ". Is the file complete?",
                   a->path, how, found, a->about->header, a->about->count);
}

/* Collective over team. The values of this round go to the owners of their columns. */
static pw_code deal_round(array *a)
{
    int64_t total = a->read_count;
    const int64_t first = a->before + pw_scan_before(a->team, a->read_count);
    pw_reduce_sum_int(a->team, &total, 1);
    a->before += total;
    if (a->before > a->about->count)
        return check_count(a, a->before, "at least ");
    for (int r = 0; r < a->team->size; r++) {
        int64_t begin = start_of(a->about, a->columns.offset[r]);
        int64_t end = start_of(a->about, a->columns.offset[r + 1]);
        begin = begin > first ? begin : first;
        end = end < first + a->read_count ? end : first + a->read_count;
        a->out[r] = end > begin ? end - begin : 0;
    }
    void *received = NULL;
    const pw_code code = pw_exchange(a->team, a->read, a->out, sizeof *a->read, &received, a->in);
    if (code != PW_OK)
        return code;
    int64_t count = 0;
    for (int r = 0; r < a->team->size; r++)
        count += a->in[r];
    memcpy(a->own + a->own_count, received, (size_t)count * sizeof *a->own);
    a->own_count += count;
    free(received);
    return PW_OK;
}

/* Collective over team. */
static pw_code open_array(array *a)
{
    pw_team *team = a->team;
    pw_code code = pw_layout_even(a->about->n, team->size, &a->columns);
    PW_TRY(pw_agree(team, code));
    const int64_t *end = &a->columns.offset[team->rank];
    const int64_t values = start_of(a->about, end[1]) - start_of(a->about, end[0]);
    PW_TRY(pw_memory_check(team, values * (int64_t)sizeof *a->own, a->path, "reading V"));
    code = PW_NEW(a->own, values);
    if (code == PW_OK)
        code = PW_NEW(a->out, team->size);
    if (code == PW_OK)
        code = PW_NEW(a->in, team->size);
    PW_TRY(pw_agree(team, code));
done:
    return code;
}

/* Collective over team. */
static pw_code read_values(array *a, int64_t block_size)
{
    pw_code code = PW_OK;
    pw_text *text = NULL;
    PW_TRY(pw_text_open(a->team, a->path, block_size, &text));
    for (;;) {
        pw_text_block block;
        bool more;
        PW_TRY(pw_text_next(text, &block, &more));
        if (!more)
            break;
        PW_TRY(pw_agree(a->team, read_block(a, &block)));
        PW_TRY(deal_round(a));
    }
    if (a->before < a->about->count)
        code = check_count(a, a->before, "");
done:
    pw_text_close(&text);
    free(a->read);
    a->read = NULL;
    return code;
}

/* Local. The values of column j at and below row i (symmetric: i >= j). */
static const double *lower(const array *a, int64_t j, int64_t i)
{
    const int64_t origin = start_of(a->about, a->columns.offset[a->team->rank]);
    return a->own + (start_of(a->about, j) - origin) + (i - j);
}

/* Local. For every rank, in turn, what its columns need from the lower halves of this rank's ones:
 * rank r's rows of each column, without the diagonal. */
static pw_code pack_mirrored(array *a, double **packed)
{
    const int64_t *offset = a->columns.offset;
    const int me = a->team->rank;
    int64_t count = 0;
    const pw_code code = PW_NEW(*packed, a->own_count);
    if (code != PW_OK)
        return code;
    for (int r = 0; r < a->team->size; r++) {
        const int64_t before = count;
        for (int64_t j = offset[me]; j < offset[me + 1]; j++) {
            const int64_t i = offset[r] > j ? offset[r] : j + 1;
            if (i >= offset[r + 1])
                continue;
            const int64_t length = offset[r + 1] - i;
            memcpy(*packed + count, lower(a, j, i), (size_t)length * sizeof **packed);
            count += length;
        }
        a->out[r] = count - before;
    }
    return PW_OK;
}

/* Local. Whole columns from this rank's lower halves and what the others sent. */
static pw_code unpack_mirrored(array *a, const double *received)
{
    const int64_t *offset = a->columns.offset, m = a->about->m;
    const int me = a->team->rank;
    const int64_t first = offset[me], end = offset[me + 1];
    double *whole = NULL;
    const pw_code code = PW_NEW(whole, (end - first) * m);
    if (code != PW_OK)
        return code;
    for (int64_t j = first; j < end; j++)
        memcpy(whole + (j - first) * m + j, lower(a, j, j), (size_t)(m - j) * sizeof *whole);
    for (int r = 0; r < a->team->size; r++)
        for (int64_t j = offset[r]; j < offset[r + 1]; j++)
            for (int64_t i = first > j ? first : j + 1; i < end; i++)
                whole[(i - first) * m + j] = *received++;
    free(a->own);
    a->own = whole;
    return PW_OK;
}

/* Collective over team. */
static pw_code complete_symmetric(array *a)
{
    pw_code code = PW_OK;
    double *packed = NULL;
    void *received = NULL;
    const int64_t columns = pw_layout_count(&a->columns, a->team->rank);
    PW_TRY(pw_memory_check(a->team, columns * a->about->m * (int64_t)sizeof *a->own, a->path,
                           "completing V"));
    PW_TRY(pw_agree(a->team, pack_mirrored(a, &packed)));
    PW_TRY(pw_exchange(a->team, packed, a->out, sizeof *packed, &received, a->in));
    PW_TRY(pw_agree(a->team, unpack_mirrored(a, received)));
done:
    free(packed);
    free(received);
    return code;
}

/* Local. The columns in narrow pieces. Frees the values. */
static pw_code narrow(array *a, pw_row_pieces *pieces)
{
    pw_code code = PW_OK;
    const int64_t m = a->about->m, step = m < PIECE_VALUES ? PIECE_VALUES / m : 1;
    const int64_t first = pw_layout_first(&a->columns, a->team->rank);
    const int64_t count = pw_layout_count(&a->columns, a->team->rank);
    for (int64_t j = 0; code == PW_OK && j < count; j += step)
        code = pw_row_pieces_add(pieces, first + j, j + step < count ? step : count - j, m,
                                 a->own + j * m);
    free(a->own);
    a->own = NULL;
    return code;
}

pw_code pw_market_read_array(pw_team *team, const pw_read_request *request,
                             const pw_coordinates *about, pw_matrix *V)
{
    pw_code code = PW_OK;
    pw_row_pieces pieces = {.count = 0};
    array a = {.team = team, .path = request->path, .about = about};
    const bool transposed =
        pw_matrix_by_columns((int)request->options->distribute, about->m, about->n);
    PW_TRY(open_array(&a));
    PW_TRY(read_values(&a, request->block_size));
    if (about->symmetric)
        PW_TRY(complete_symmetric(&a));
    PW_TRY(pw_agree(team, narrow(&a, &pieces)));
    /* the columns of V are the rows of its transpose, which is swept the other way round */
    PW_TRY(pw_matrix_from_row_pieces(team, &pieces, about->n, about->m, !transposed, V));
    V->transposed = transposed;
done:
    pw_row_pieces_destroy(&pieces);
    pw_layout_destroy(&a.columns);
    free(a.own);
    free(a.read);
    free(a.out);
    free(a.in);
    return code;
}
