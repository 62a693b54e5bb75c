/* partwise predict MODEL --entries FILE | --top N: read what is asked for → read the model → predict → write. */
#include "command/command.h"
#include "base/memory.h"
#include "initialise/initialise.h"
#include "predict/predict.h"
#include "read/read.h"
#include "store/reader.h"
#include "write/write.h"

#include <string.h>

/* What a model says about its origin. */
typedef struct origin {
    char *input, *missing; /* options of that fit */
} origin;

/* Local. */
static pw_code read_origin(const char *model, origin *from)
{
    pw_reader *reader = NULL;
    const pw_code code = pw_reader_open(model, &reader);
    if (code == PW_OK) {
        from->input = pw_reader_attribute_text(reader, "/options", "input");
        from->missing = pw_reader_attribute_text(reader, "/options", "missing");
    }
    pw_reader_close(&reader);
    return code;
}

static pw_code choose_input(const pw_options *options, const origin *from, pw_options *read)
{
    read->input = options->entries ? options->entries
                  : options->known ? options->known
                                   : from->input;
    read->distribute = options->of == PW_OF_COLUMNS ? PW_DISTRIBUTE_COLUMNS : PW_DISTRIBUTE_ROWS;
    read->missing =
        from->missing && strcmp(from->missing, "nan") == 0 ? PW_MISSING_NAN : PW_MISSING_NONE;
    if (read->input && read->input[0])
        return PW_OK;
    return pw_fail(PW_ERROR_INPUT,
                   "%s: does not tell what its input was. Name the known entries by --known.",
                   options->model);
}

static pw_code predict(pw_team *team, const pw_options *options, const pw_matrix *V,
                       pw_predictions *predictions)
{
    pw_model model = {.k = 0};
    pw_code code = PW_OK;
    PW_TRY(pw_initialise_model(team, V, options->model, &model));
    if (options->entries)
        code = pw_predict_entries(team, V, &model, predictions);
    else
        code = pw_predict_top(team, V, &model, options->top, predictions);
done:
    pw_model_destroy(&model);
    return code;
}

static void report(pw_team *team, const pw_options *options, const pw_matrix *V,
                   const pw_predictions *predictions)
{
    if (predictions->actual) {
        const pw_errors errors = pw_predictions_compare(team, V, predictions);
        pw_log_say(&team->log, "entries = %.0f  rmse = %.10g  mae = %.10g", errors.count,
                   errors.rmse, errors.mae);
    }
    pw_log_say(&team->log, "predictions = %s", options->output);
}

pw_code pw_command_predict(pw_team *team, const pw_options *options)
{
    pw_options read = *options; /* borrows its texts */
    origin from = {.input = NULL};
    pw_matrix V = {.rows = 0};
    pw_predictions predictions = {.x = NULL};
    pw_code code = PW_OK;
    PW_TRY(pw_write_check(team, options->output));
    code = read_origin(options->model, &from);
    if (code == PW_OK)
        code = choose_input(options, &from, &read);
    PW_TRY(pw_agree(team, code));
    PW_TRY(pw_matrix_read(team, &read, &V));
    pw_matrix_set_missing(&read, &V);
    PW_TRY(predict(team, options, &V, &predictions));
    PW_TRY(pw_predictions_write(team, &V, options->model, &predictions, options->output));
    report(team, options, &V, &predictions);
done:
    pw_predictions_destroy(&predictions);
    pw_matrix_destroy(&V);
    free(from.input);
    free(from.missing);
    return code;
}
