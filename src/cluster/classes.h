/* Classes by their names. */
#ifndef PW_CLUSTER_CLASSES_H
#define PW_CLUSTER_CLASSES_H

#include "matrix/names.h"

/* Collective over team. Numbers texts: equal ones of all ranks get the same number in 0 … *classes - 1, in the order of their
 * bytes. `class`: text->count numbers. Rank 0 gathers the different texts of each rank, and all get the list: there are meant
 * to be few. Errors, on all ranks: PW_ERROR_MEMORY. */
pw_code pw_classes_number(pw_team *team, const pw_names *text, int32_t *class, int *classes);

#endif
