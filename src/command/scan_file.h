/* What a scan finds, into its file and onto the terminal. */
#ifndef PW_COMMAND_SCAN_FILE_H
#define PW_COMMAND_SCAN_FILE_H

#include "command/ensemble.h"
#include "select/consensus.h"
#include "select/stability.h"
#include "select/suggest.h"

/* The models of one k, and how well their components agree. */
typedef struct pw_scan_models {
    const pw_job *job;
    const pw_model *model; /* count of them; borrowed */
    int count, best;
    bool of_h; /* the components are rows of H, else columns of W */
    pw_stability stability;
    double *mean, *sd; /* this rank's rows × k: components scaled to sum 1, over the restarts */
} pw_scan_models;

/* Collective over team. Fills in stability, mean and sd. Errors: PW_ERROR_MEMORY. */
pw_code pw_scan_stability(pw_team *team, pw_scan_models *models);

/* Local. Frees these. */
void pw_scan_models_destroy(pw_scan_models *models);

/* Collective over team. The group of one k; `consensus` may be NULL. */
pw_code pw_scan_write_k(pw_team *team, pw_writer *writer, const pw_scan_models *models,
                        const pw_consensus *consensus);

/* Collective over team. The survey with its suggestions, and what a model file says about its run. The consensus is of
 * `items` items, which stand in `item` where they are a sample. */
pw_code pw_scan_write_survey(pw_team *team, pw_writer *writer, const pw_job *job,
                             const pw_survey *survey, const pw_suggestions *suggestions,
                             int64_t items, const int64_t *item);

/* Local. Rank 0 prints both. */
void pw_scan_report(pw_team *team, const pw_survey *survey, const pw_suggestions *suggestions);

#endif
