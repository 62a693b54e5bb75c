#include "select/survey.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { SCREEN = 100, CELL = 32 }; /* characters of a line, of a figure */

enum { WHOLE_int = true, WHOLE_double = false };

#define COLUMN(type, name, heading, format, what)                                                  \
    {#name, heading, format, what, WHOLE_##type, offsetof(pw_survey_row, name)},
const pw_survey_column pw_survey_columns[PW_SURVEY_WIDTH] = {PW_SURVEY_COLUMNS(COLUMN)};

double pw_survey_value(const pw_survey_column *column, const pw_survey_row *row)
{
    const char *place = (const char *)row + column->offset;
    int whole;
    double real;
    if (column->whole) {
        memcpy(&whole, place, sizeof whole);
        return whole;
    }
    memcpy(&real, place, sizeof real);
    return real;
}

pw_survey_row pw_survey_row_of(int k, int restarts)
{
    pw_survey_row row = {.holdout_spread = NAN};
    for (int c = 0; c < PW_SURVEY_WIDTH; c++)
        if (!pw_survey_columns[c].whole)
            memcpy((char *)&row + pw_survey_columns[c].offset, &(double){NAN}, sizeof(double));
    row.k = k;
    row.restarts = restarts;
    return row;
}

/* ---- the table for people ---- */

static const char *cell(const pw_survey_column *column, const pw_survey_row *row, char text[CELL])
{
    const double value = pw_survey_value(column, row);
    if (!isfinite(value))
        return "-";
    snprintf(text, CELL, column->format, value); /* a number is what each format takes */
    return text;
}

/* Characters of a column with the blanks before it; 0: it has no figure. */
static int width_of(const pw_survey *survey, const pw_survey_column *column)
{
    char text[CELL];
    size_t width = strlen(column->heading);
    bool any = false;
    for (int i = 0; i < survey->count; i++) {
        const size_t length = strlen(cell(column, &survey->row[i], text));
        any = any || isfinite(pw_survey_value(column, &survey->row[i]));
        width = length > width ? length : width;
    }
    return any ? (int)width + 2 : 0;
}

/* Prints k and the columns first … end - 1. */
static void print_block(const pw_survey *survey, const int *width, int first, int end, FILE *stream)
{
    char text[CELL];
    for (int i = -1; i < survey->count; i++) {
        for (int c = 0; c < end; c++) {
            const pw_survey_column *column = &pw_survey_columns[c];
            if (width[c] > 0 && (c == 0 || c >= first))
                fprintf(stream, "%*s", c == 0 ? width[c] - 2 : width[c],
                        i < 0 ? column->heading : cell(column, &survey->row[i], text));
        }
        putc('\n', stream);
    }
}

void pw_survey_print(const pw_survey *survey, FILE *stream)
{
    int width[PW_SURVEY_WIDTH];
    for (int c = 0; c < PW_SURVEY_WIDTH; c++)
        width[c] = width_of(survey, &pw_survey_columns[c]);
    for (int first = 1, end; first < PW_SURVEY_WIDTH; first = end) {
        int length = width[0];
        for (end = first; end < PW_SURVEY_WIDTH && length + width[end] <= SCREEN; end++)
            length += width[end];
        if (length == width[0])
            continue; /* no figures in what is left */
        if (first > 1)
            putc('\n', stream);
        print_block(survey, width, first, end, stream);
    }
}
