/* The known classes of --truth. */
#ifndef PW_COMMAND_CLUSTER_TRUTH_H
#define PW_COMMAND_CLUSTER_TRUTH_H

#include "command/cluster_run.h"

/* Classes of some rows of V, wherever these are held. */
typedef struct pw_row_class {
    int64_t row;
    int32_t class;
} pw_row_class;

typedef struct pw_row_classes {
    pw_row_class *own; /* of this rank's lines of the file; NULL: there is no truth */
    int64_t count;
    int classes;
} pw_row_classes;

/* Collective over team. Reads them and finds their rows in V: by name where both have names, else by order. Nothing without
 * --truth. Destroy them in any case. */
pw_code pw_row_classes_read(pw_cluster_run *run, pw_row_classes *truth);

/* Collective over team. Adds to the clustering of the run how well it agrees with them. */
pw_code pw_row_classes_compare(pw_cluster_run *run, pw_row_classes *truth);

/* Local. NULL-safe. */
void pw_row_classes_destroy(pw_row_classes *truth);

#endif
