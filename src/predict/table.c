/* Predictions as text. Rank after rank makes lines of its own, piece by piece, and rank 0 writes them. */
#include "predict/predict.h"

#include "base/fault.h"
#include "base/memory.h"
#include "dist/collective.h"
#include "store/output.h"
#include "store/reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PIECE = 1 << 20, MOST_NUMBERS = 128, TAG = 1 };

/* Names of consecutive rows or columns; none where the model has none. */
typedef struct labels {
    int64_t first;
    pw_names names;
} labels;

typedef struct table {
    const pw_team *team;
    const pw_matrix *V;
    const pw_predictions *predictions;
    labels rows, columns; /* of this rank's rows of the swept matrix, of all its columns */
    char *text;           /* lines that are not yet on their way */
    int64_t length, capacity;
    char *piece; /* on rank 0: what comes from another rank */
    FILE *file;  /* on rank 0 */
    int error;
} table;

/* ---- names ---- */

static pw_code add_name(void *context, const char *text, int64_t length)
{
    return pw_names_add(context, text, length);
}

static pw_code read_labels(pw_reader *reader, const char *list, int64_t first, int64_t count,
                           labels *l)
{
    l->first = first;
    if (pw_reader_kind(reader, list) != PW_OBJECT_DATASET)
        return PW_OK;
    return pw_reader_text(reader, list, first, count, add_name, &l->names);
}

/* Local. */
static pw_code read_names(const char *model, table *t)
{
    const pw_matrix *V = t->V;
    const char *of_rows = V->transposed ? "/col_names" : "/row_names";
    const char *of_columns = V->transposed ? "/row_names" : "/col_names";
    pw_reader *reader = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_reader_open(model, &reader));
    PW_TRY(read_labels(reader, of_rows, V->first, V->count, &t->rows));
    PW_TRY(read_labels(reader, of_columns, 0, V->cols, &t->columns));
done:
    pw_reader_close(&reader);
    return code;
}

/* ---- lines ---- */

static pw_code make_room(table *t, int64_t bytes)
{
    return PW_GROW(t->text, &t->capacity, t->length + bytes);
}

static void add_quoted(table *t, const char *text, int64_t length)
{
    t->text[t->length++] = '"';
    for (int64_t i = 0; i < length; i++) {
        if (text[i] == '"')
            t->text[t->length++] = '"';
        t->text[t->length++] = text[i];
    }
    t->text[t->length++] = '"';
}

static bool needs_quotes(const char *text, int64_t length)
{
    for (int64_t i = 0; i < length; i++)
        if (strchr(",\"\r\n", text[i]))
            return true;
    return false;
}

/* The name of a place, or its number; `index` from 0 within the labels. */
static pw_code add_label(table *t, const labels *l, int64_t index)
{
    if (l->names.count == 0) {
        const pw_code code = make_room(t, MOST_NUMBERS);
        if (code == PW_OK)
            t->length += snprintf(t->text + t->length, MOST_NUMBERS, "%" PRId64, l->first + index);
        return code;
    }
    const char *text = l->names.text + l->names.offset[index];
    const int64_t length = l->names.offset[index + 1] - l->names.offset[index];
    const pw_code code = make_room(t, 2 * length + 2);
    if (code != PW_OK)
        return code;
    if (needs_quotes(text, length)) {
        add_quoted(t, text, length);
    } else {
        memcpy(t->text + t->length, text, (size_t)length);
        t->length += length;
    }
    return PW_OK;
}

static pw_code add_line(table *t, int64_t row, int64_t place)
{
    const pw_predictions *p = t->predictions;
    const bool turned = t->V->transposed;
    const int64_t column = p->column[place];
    pw_code code = PW_OK;
    PW_TRY(turned ? add_label(t, &t->columns, column) : add_label(t, &t->rows, row));
    PW_TRY(make_room(t, MOST_NUMBERS));
    t->text[t->length++] = ',';
    PW_TRY(turned ? add_label(t, &t->rows, row) : add_label(t, &t->columns, column));
    PW_TRY(make_room(t, MOST_NUMBERS));
    t->length += snprintf(t->text + t->length, MOST_NUMBERS, ",%.15g", p->x[place]);
    if (p->actual)
        t->length += snprintf(t->text + t->length, MOST_NUMBERS / 2, ",%.15g", p->actual[place]);
    t->text[t->length++] = '\n';
done:
    return code;
}

/* ---- the file ---- */

/* Rank 0. After a failure pieces are still taken, and dropped. */
static void put(table *t, const char *text, int64_t length)
{
    if (t->error == 0 &&
        (pw_fault(PW_FAULT_WRITE) || fwrite(text, 1, (size_t)length, t->file) != (size_t)length))
        t->error = errno ? errno : EIO;
}

static void hand_over(table *t, const char *text, int64_t length)
{
    MPI_Send(text, pw_int(length), MPI_CHAR, 0, TAG, t->team->comm);
}

static void flush(table *t)
{
    for (int64_t i = 0; i < t->length; i += PIECE) {
        const int64_t length = t->length - i < PIECE ? t->length - i : PIECE;
        if (t->team->rank == 0)
            put(t, t->text + i, length);
        else
            hand_over(t, t->text + i, length);
    }
    t->length = 0;
}

/* A failure on the way still ends the turn, which an empty piece tells. */
static pw_code write_own(table *t)
{
    pw_code code = PW_OK;
    for (int64_t i = 0; i < t->V->count && code == PW_OK; i++)
        for (int64_t q = t->predictions->row_pointer[i];
             q < t->predictions->row_pointer[i + 1] && code == PW_OK; q++) {
            code = add_line(t, i, q);
            if (t->length >= PIECE)
                flush(t);
        }
    flush(t);
    if (t->team->rank != 0)
        hand_over(t, NULL, 0);
    return code;
}

/* Rank 0. */
static void take(table *t, int rank)
{
    int length;
    do {
        MPI_Status status;
        MPI_Recv(t->piece, PIECE, MPI_CHAR, rank, TAG, t->team->comm, &status);
        MPI_Get_count(&status, MPI_CHAR, &length);
        put(t, t->piece, length);
    } while (length > 0);
}

static pw_code write_all(table *t, const char *temporary, const char *path)
{
    static const char HEAD[] = "row,column,prediction", VALUE[] = ",value";
    pw_code code = PW_OK;
    if (t->team->rank != 0)
        return write_own(t);
    t->file = fopen(temporary, "w");
    if (!t->file)
        t->error = errno;
    put(t, HEAD, sizeof HEAD - 1);
    if (t->predictions->actual)
        put(t, VALUE, sizeof VALUE - 1);
    put(t, "\n", 1);
    code = write_own(t);
    for (int r = 1; r < t->team->size; r++)
        take(t, r);
    if (t->file && fclose(t->file) != 0 && t->error == 0)
        t->error = errno;
    if (t->error != 0)
        code = pw_fail(PW_ERROR_OUTPUT, "%s: cannot be written: %s.", path, strerror(t->error));
    return code;
}

pw_code pw_predictions_write(pw_team *team, const pw_matrix *V, const char *model,
                             const pw_predictions *predictions, const char *path)
{
    table t = {.team = team, .V = V, .predictions = predictions};
    pw_output output = {.path = NULL};
    pw_code code = read_names(model, &t);
    if (code == PW_OK && team->rank == 0)
        code = PW_NEW(t.piece, PIECE);
    PW_TRY(pw_agree(team, code));
    PW_TRY(pw_output_open(team, path, 0, &output));
    PW_TRY(pw_agree(team, write_all(&t, output.temporary, path)));
    code = pw_output_publish(team, &output, false);
done:
    pw_output_discard(team, &output);
    pw_names_destroy(&t.rows.names);
    pw_names_destroy(&t.columns.names);
    free(t.text);
    free(t.piece);
    return code;
}
