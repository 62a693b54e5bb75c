/* The survey of ranks: one row for each number of components k, with all that speaks for and against it. */
#ifndef PW_SELECT_SURVEY_H
#define PW_SELECT_SURVEY_H

#include "store/writer.h"

#include <stdio.h>

/* All columns, in order: the structure, the CSV, the HDF5 file and the table on the terminal follow from here.
 * X(type, name, heading on the terminal, format there, what it is) */
/* clang-format off */
#define PW_SURVEY_COLUMNS(X) \
    X(int, k, "k", "%.0f", "components") \
    X(int, restarts, "restarts", "%.0f", "models that were fitted") \
    X(double, best_objective, "objective", "%.8g", "the least objective of the restarts") \
    X(double, mean_objective, "mean", "%.8g", "their mean objective") \
    X(double, relative_error, "error", "%.6f", "relative error of the best restart") \
    X(double, svd_bound, "svd bound", "%.6f", "the least relative error that any matrix of rank k has") \
    X(double, error_ratio, "error/bound", "%.5f", "relative error / svd bound") \
    X(double, residual_sum_of_squares, "rss", "%.8g", "of the best restart: sum of (V - WH)^2 over observed entries") \
    X(double, explained_variance, "explained", "%.4f", "1 - residual sum of squares / sum of V^2") \
    X(double, sparseness_w, "sparse W", "%.4f", "of the best restart (Hoyer 2004)") \
    X(double, sparseness_h, "sparse H", "%.4f", "of the best restart (Hoyer 2004)") \
    X(double, cophenetic, "cophenetic", "%.4f", "cophenetic correlation of the consensus (Brunet et al. 2004)") \
    X(double, dispersion, "dispersion", "%.4f", "of the consensus (Kim & Park 2007)") \
    X(double, consensus_silhouette, "silhouette", "%.4f", "mean silhouette of items by the consensus") \
    X(double, stability_mean, "stability", "%.4f", "mean silhouette of the components' clusters over restarts") \
    X(double, stability_min, "least", "%.4f", "the least silhouette of these clusters") \
    X(double, aic, "aic", "%.9g", "Akaike's information criterion") \
    X(double, bic, "bic", "%.9g", "Schwarz's (Bayesian) information criterion") \
    X(double, holdout_error, "held out", "%.6g", "error of held-out entries") \
    X(double, mean_iterations, "iterations", "%.1f", "mean over the restarts")
/* clang-format on */

#define PW_SURVEY_FIELD(type, name, ...) type name;
#define PW_SURVEY_COUNT(...) +1
enum { PW_SURVEY_WIDTH = 0 PW_SURVEY_COLUMNS(PW_SURVEY_COUNT) };

/* NaN: not defined, or not asked for. */
typedef struct pw_survey_row {
    PW_SURVEY_COLUMNS(PW_SURVEY_FIELD)
    double holdout_spread; /* no column: standard error of holdout_error; NaN: unknown */
} pw_survey_row;

/* Rows by ascending k. Borrows them. */
typedef struct pw_survey {
    const pw_survey_row *row;
    int count;
} pw_survey;

typedef struct pw_survey_column {
    const char *name, *heading, *format, *what;
    bool whole; /* int, else double */
    size_t offset;
} pw_survey_column;

/* Local. The PW_SURVEY_WIDTH columns. */
extern const pw_survey_column pw_survey_columns[PW_SURVEY_WIDTH];

/* Local. What a row has in a column. */
double pw_survey_value(const pw_survey_column *column, const pw_survey_row *row);

/* Local. A row of which only k and the restarts are known. */
pw_survey_row pw_survey_row_of(int k, int restarts);

/* Local. Prints the table for people: aligned, "-" where there is no figure, without columns that have none, and below
 * each other, each with k, what is wider than a terminal. */
void pw_survey_print(const pw_survey *survey, FILE *stream);

/* Collective over team. Writes the survey of rank 0 as CSV: names of the columns, then a line for each k, empty where there
 * is no figure; doubles so that reading them gives the same. Errors: PW_ERROR_OUTPUT. */
pw_code pw_survey_write_csv(pw_team *team, const pw_survey *survey, const char *path);

/* Collective over team. Writes it into /survey of an HDF5 file, a data set for each column, i64 or f64. `count` is the same
 * on every rank, the rows are those of rank 0. Errors: those of the writer. */
pw_code pw_survey_write(pw_team *team, pw_writer *writer, const pw_survey *survey);

#endif
