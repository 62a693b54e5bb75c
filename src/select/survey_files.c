#include "base/fault.h"
#include "base/memory.h"
#include "select/survey.h"
#include "store/output.h"

#include <errno.h>
#include <math.h>
#include <string.h>

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

/* Rank 0. */
static pw_code write_table(const pw_survey *survey, const pw_output *output)
{
    FILE *file = pw_fault(PW_FAULT_WRITE) ? NULL : fopen(output->temporary, "w");
    if (!file)
        return pw_fail(PW_ERROR_OUTPUT, "%s: cannot be written.", output->path);
    for (int c = 0; c < PW_SURVEY_WIDTH; c++)
        fprintf(file, "%s%s", c > 0 ? "," : "", pw_survey_columns[c].name);
    putc('\n', file);
    for (int i = 0; i < survey->count; i++)
        write_line(&survey->row[i], file);
    const bool failed = ferror(file) != 0;
    if (fclose(file) != 0 || failed)
        return pw_fail(PW_ERROR_OUTPUT, "%s: cannot be written: %s. Make room, or write elsewhere.",
                       output->path, strerror(errno));
    return PW_OK;
}

pw_code pw_survey_write_csv(pw_team *team, const pw_survey *survey, const char *path)
{
    pw_output output = {.path = NULL};
    pw_code code = PW_OK;
    PW_TRY(
        pw_output_open(team, path, (survey->count + 1) * PW_SURVEY_WIDTH * INT64_C(25), &output));
    if (team->rank == 0)
        code = write_table(survey, &output);
    PW_TRY(pw_agree(team, code));
    code = pw_output_publish(team, &output, false);
done:
    pw_output_discard(team, &output);
    return code;
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
