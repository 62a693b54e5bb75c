/* The way to the right reader: FILE[:/path/inside] is split, and the format recognised by its
 * content. */
#include "read/read.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "read/format.h"
#include "read/streaming.h"
#include "store/reader.h"

#include <string.h>
#include <sys/stat.h>

static bool is_there(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

int64_t pw_input_file_length(char *input)
{
    const int64_t length = (int64_t)strlen(input);
    if (is_there(input))
        return length;
    for (int64_t i = length - 1; i > 0; i--)
        if (input[i] == ':') {
            input[i] = '\0';
            const bool found = is_there(input);
            input[i] = ':';
            if (found)
                return i;
        }
    const char *inside = strstr(input, ":/");
    return inside ? inside - input : length;
}

/* What rank 0 finds out for all. */
typedef struct finding {
    int64_t file_length;
    pw_format format;
} finding;

static pw_code look(char *input, bool *has_inside, finding *found)
{
    pw_code code;
    found->file_length = pw_input_file_length(input);
    const char colon = input[found->file_length];
    *has_inside = colon == ':';
    input[found->file_length] = '\0';
    code = pw_format_of(input, &found->format);
    if (code == PW_OK && *has_inside && found->format != PW_FORMAT_HDF5)
        code = pw_fail(PW_ERROR_INPUT,
                       "%s: is no HDF5 file, so there is no '%s' in it. Leave that out.", input,
                       input + found->file_length + 1);
    input[found->file_length] = colon;
    return code;
}

/* Local. Options that only a table can heed. */
static pw_code check_options(const pw_options *options, pw_format format)
{
    const bool asked = options->header != PW_PRESENT_AUTO || options->row_names != PW_PRESENT_AUTO;
    if (asked && format != PW_FORMAT_TABLE)
        return pw_fail(PW_ERROR_USAGE,
                       "%s: is no CSV or TSV table; --header and --row-names mean nothing there.",
                       options->input);
    return PW_OK;
}

static pw_code read_as(pw_team *team, pw_format format, const pw_read_request *request,
                       pw_matrix *V)
{
    switch (format) {
    case PW_FORMAT_HDF5:
        return pw_read_hdf5(team, request, V);
    case PW_FORMAT_MATRIX_MARKET:
        return pw_read_matrix_market(team, request, V);
    case PW_FORMAT_DOCWORD:
        return pw_read_docword(team, request, V);
    default:
        return pw_read_table(team, request, V);
    }
}

/* Why V as it was read could not be streamed, and the cure. */
static const char *obstacle(const pw_options *options, pw_format format, bool transposed)
{
    if (format != PW_FORMAT_HDF5)
        return "text cannot be; write it as HDF5: partwise convert";
    if (transposed)
        return "its entries have to change places where it is swept by columns; take --distribute "
               "rows";
    if (options->symmetric)
        return "its entries have to change places; write it by rows: partwise convert";
    return "its entries have to change places where it is swept by rows; take --distribute "
           "columns, or write it by rows: partwise convert";
}

pw_code pw_matrix_read(pw_team *team, const pw_options *options, pw_matrix *V)
{
    pw_read_request request = {.options = options};
    finding found = {.file_length = 0};
    char *path = NULL;
    bool has_inside;
    pw_code code = PW_OK;
    *V = (pw_matrix){.rows = 0};
    const int64_t length = (int64_t)strlen(options->input);
    code = PW_NEW(path, length + 1);
    if (code == PW_OK)
        code = PW_NEW(V->path, length + 1);
    if (code == PW_OK) {
        memcpy(path, options->input, (size_t)length);
        if (team->rank == 0)
            code = look(path, &has_inside, &found);
    }
    PW_TRY(pw_agree(team, code));
    pw_broadcast(team, &found, sizeof found, 0);
    PW_TRY(check_options(options, found.format));
    if (found.file_length + 1 < length) /* "FILE:" names no place inside */
        request.inside = options->input + found.file_length + 1;
    path[found.file_length] = '\0';
    memcpy(V->path, path, (size_t)found.file_length);
    request.path = path;
    PW_TRY(read_as(team, found.format, &request, V));
    if (!V->feed)
        PW_TRY(
            pw_streaming_refuse(team, options, V, obstacle(options, found.format, V->transposed)));
    if (options->vocabulary)
        PW_TRY(pw_vocabulary_read(team, options->vocabulary, V->transposed ? V->rows : V->cols,
                                  &V->column_names));
done:
    free(path);
    if (code != PW_OK)
        pw_matrix_destroy(V);
    return code;
}
