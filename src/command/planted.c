#include "command/planted.h"

#include "write/write.h"

#include <stdio.h>
#include <string.h>

enum { NAME_LENGTH = 64 };

typedef struct planted_context {
    const pw_options *options;
    const pw_planted *planted;
} planted_context;

static pw_code write_array(pw_writer *writer, const pw_planted_array *array)
{
    const pw_part rows = {.total = array->rows, .first = array->first, .count = array->count};
    char name[NAME_LENGTH];
    snprintf(name, sizeof name, "/truth/%s", array->name);
    if (array->columns == 0)
        return pw_writer_list(writer, name, rows, array->type, array->type, array->values);
    return pw_writer_rows(writer, name, rows, array->columns, array->type, array->values);
}

/* Those that make no difference to the data. */
static bool is_about_the_run(const char *name)
{
    static const char *const names[] = {"output", "config", "quiet", "verbose", "threads"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static pw_code write_option(void *context, const char *name, const char *value, bool identity)
{
    (void)identity;
    if (is_about_the_run(name))
        return PW_OK;
    return pw_writer_attribute_text(context, "/truth", name, value);
}

static pw_code write_truth(void *context, pw_writer *writer)
{
    const planted_context *c = context;
    pw_code code = PW_OK;
    PW_TRY(pw_writer_group(writer, "/truth"));
    PW_TRY(pw_options_visit(c->options, write_option, writer));
    if (c->planted->symmetric)
        PW_TRY(pw_writer_attribute_int(writer, "/X", "symmetric", 1));
    for (int a = 0; a < c->planted->count; a++)
        PW_TRY(write_array(writer, &c->planted->array[a]));
done:
    return code;
}

static int64_t truth_bytes(const pw_planted *planted)
{
    int64_t bytes = 1 << 14; /* attributes */
    for (int a = 0; a < planted->count; a++) {
        const pw_planted_array *array = &planted->array[a];
        const int64_t columns = array->columns > 0 ? array->columns : 1;
        bytes += array->rows * columns * (int64_t)pw_type_size(array->type);
    }
    return bytes;
}

pw_code pw_planted_write(pw_team *team, const pw_options *options, const pw_matrix *V,
                         const pw_planted *planted)
{
    planted_context context = {.options = options, .planted = planted};
    const pw_extra truth = {
        .bytes = truth_bytes(planted), .write = write_truth, .context = &context};
    return pw_write_matrix_with(team, options->output, V, &truth);
}
