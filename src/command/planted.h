/* A generated matrix and the answer planted in it, in one file. */
#ifndef PW_COMMAND_PLANTED_H
#define PW_COMMAND_PLANTED_H

#include "read/generate.h"

/* Collective over team. Writes V, split by rows, and the planted arrays below /truth, with the options
 * that they came from as its attributes. Complete or not at all. Borrows all. */
pw_code pw_planted_write(pw_team *team, const pw_options *options, const pw_matrix *V,
                         const pw_planted *planted);

#endif
