/* What resuming is made of: whether a checkpoint is of this run, and its models. Used within initialise/ only. */
#ifndef PW_INITIALISE_RESUME_H
#define PW_INITIALISE_RESUME_H

#include "matrix/model.h"
#include "store/reader.h"

enum { PW_CHECKSUM_TEXT = 24 };

/* What a checkpoint is held against. */
typedef struct pw_wanted {
    pw_team *team;
    const pw_matrix *V;
    const pw_options *options;
    char fingerprint[PW_CHECKSUM_TEXT]; /* of V */
    pw_model *model;                    /* models of them, to be filled */
    int64_t models;
    double *seconds; /* that the run has taken, to be filled in */
} pw_wanted;

/* Local. PW_ERROR_INPUT: no checkpoint, or its options are damaged; PW_ERROR_CHECKPOINT: of another run. */
pw_code pw_resume_check_identity(pw_reader *reader, const pw_wanted *wanted);

/* Collective over team. Fills in a model, which is allocated, from a group of the file that each rank's reader has open.
 * PW_ERROR_INPUT: damaged. */
pw_code pw_resume_model(const pw_wanted *wanted, pw_reader *reader, const char *group,
                        pw_model *model);

/* Local. Whether an attribute of the group holds this sum. */
bool pw_resume_checksum_is(pw_reader *reader, const char *group, const char *attribute,
                           uint64_t sum);

/* Local. PW_ERROR_INPUT: the file is damaged, and by what one sees it. */
pw_code pw_resume_damaged(pw_reader *reader, const char *what);

#endif
