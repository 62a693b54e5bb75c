#include "base/memory.h"
#include "select/survey.h"
#include "store/output.h"

#include <math.h>

/* ---- CSV ---- */

static void write_line(const pw_survey_row *row, FILE *file)
{
    for (int c = 0; c < PW_SURVEY_WIDTH; c++) {
        const double value = pw_survey_value(&pw_survey_columns[c], row);
        if (c > 0)
            putc(',', file);
        if (isfinite(value))
            fprintf(file, "%.17g", value);
    }
    putc('\n', file);
}

static void print_table(const void *context, FILE *file)
{
    const pw_survey *survey = context;
    for (int c = 0; c < PW_SURVEY_WIDTH; c++)
        fprintf(file, "%s%s", c > 0 ? "," : "", pw_survey_columns[c].name);
    putc('\n', file);
    for (int i = 0; i < survey->count; i++)
        write_line(&survey->row[i], file);
}

pw_code pw_survey_write_csv(pw_team *team, const pw_survey *survey, const char *path)
{
    const int64_t bytes = (survey->count + 1) * PW_SURVEY_WIDTH * INT64_C(25);
    return pw_output_print(team, path, bytes, print_table, survey);
}

/* ---- HDF5 ---- */

static pw_code write_column(pw_writer *writer, const pw_survey_column *column, pw_part part,
                            const double *value)
{
    char name[64];
    snprintf(name, sizeof name, "/survey/%s", column->name);
    return pw_writer_list(writer, name, part, column->whole ? PW_I64 : PW_F64, PW_F64, value);
}

pw_code pw_survey_write(pw_team *team, pw_writer *writer, const pw_survey *survey)
{
    const pw_part part = {.total = survey->count, .count = team->rank == 0 ? survey->count : 0};
    double *value = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_agree(team, PW_NEW(value, survey->count)));
    PW_TRY(pw_writer_group(writer, "/survey"));
    for (int c = 0; c < PW_SURVEY_WIDTH; c++) {
        for (int64_t i = 0; i < part.count; i++)
            value[i] = pw_survey_value(&pw_survey_columns[c], &survey->row[i]);
        PW_TRY(write_column(writer, &pw_survey_columns[c], part, value));
    }
done:
    free(value);
    return code;
}
