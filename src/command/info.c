/* partwise info FILE: what the matrix is like, as `key = value` lines on standard output. Entries
 * that V may not have are reported, not refused. */
#include "command/command.h"
#include "base/memory.h"
#include "dist/collective.h"
#include "matrix/summary.h"
#include "read/read.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void line(const char *key, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void line(const char *key, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("%-14s = ", key);
    vprintf(format, arguments);
    putchar('\n');
    va_end(arguments);
}

static void print_names(const char *key, const pw_names *names)
{
    if (names->total > 0 && names->count > 0)
        line(key, "%" PRId64 ", the first is \"%.*s\"", names->total,
             (int)(names->offset[1] < 60 ? names->offset[1] : 60), names->text);
    else
        line(key, "%s", names->total > 0 ? "yes" : "none");
}

static void print_shape(const pw_matrix *V)
{
    line("rows", "%" PRId64, V->transposed ? V->cols : V->rows);
    line("columns", "%" PRId64, V->transposed ? V->rows : V->cols);
    line("type", "%s", V->type == PW_ONE ? "no values stored, all are 1" : pw_type_text(V->type));
    line("storage", "%s", V->sparse ? "sparse" : "dense");
    line("stored_entries", "%" PRId64, V->entries);
}

static void print_entries(const pw_matrix *V, const pw_summary *s)
{
    const int digits = V->type == PW_F32 ? 7 : 15; /* that entries have */
    const double places = (double)V->rows * (double)V->cols;
    line("nonzeros", "%" PRId64, s->nonzeros);
    line("density", "%.6g", places > 0 ? (double)s->nonzeros / places : 0);
    line("zero_rows", "%" PRId64, s->zero_rows);
    line("zero_columns", "%" PRId64, s->zero_columns);
    line("least", "%.*g", digits, s->least);
    line("largest", "%.*g", digits, s->largest);
    line("sum", "%.15g", s->sum);
    line("norm", "%.15g", sqrt(s->sum_squares));
    line("bad_entries", "%" PRId64, s->bad);
    if (s->bad > 0)
        line("first_bad", "row %" PRId64 ", column %" PRId64 " (counted from 0): %.*g", s->bad_row,
             s->bad_column, digits, s->bad_value);
}

static void print(const pw_options *options, const pw_matrix *V, const pw_summary *s, int64_t bytes)
{
    char memory[24];
    line("file", "%s", options->input);
    print_shape(V);
    print_entries(V, s);
    print_names("row_names", &V->row_names);
    print_names("column_names", &V->column_names);
    line("memory", "%s", pw_memory_text(bytes, memory));
    line("fingerprint", "%016" PRIx64, s->fingerprint);
}

/* Local. What was printed must have arrived. */
static pw_code flush(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return PW_OK;
    return pw_fail(PW_ERROR_OUTPUT, "standard output: %s.", strerror(errno));
}

pw_code pw_command_info(pw_team *team, const pw_options *options)
{
    pw_matrix V = {.rows = 0};
    pw_summary summary;
    pw_code code = PW_OK;
    PW_TRY(pw_matrix_read(team, options, &V));
    PW_TRY(pw_matrix_summarise(team, &V, &summary));
    int64_t bytes = pw_matrix_bytes(&V);
    pw_reduce_sum_int(team, &bytes, 1);
    if (team->rank == 0) {
        print(options, &V, &summary, bytes);
        code = flush();
    }
    PW_TRY(pw_agree(team, code));
done:
    pw_matrix_destroy(&V);
    return code;
}
