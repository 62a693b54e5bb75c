/* A run of `partwise cluster`, as its methods see it. */
#ifndef PW_COMMAND_CLUSTER_RUN_H
#define PW_COMMAND_CLUSTER_RUN_H

#include "command/job.h"
#include "matrix/clustering.h"

typedef struct pw_cluster_run {
    pw_team *team;
    const pw_options *options;
    pw_options fit; /* the same options, and defaults of the others, as a fit would have them */
    pw_job job;     /* of these: V, read, checked and weighted */
    pw_clustering clustering; /* what the method fills in, all but the figures of comparisons */
} pw_cluster_run;

/* Collective over team. The methods. Those of pw_cluster_by have one row each in cluster.c. */
pw_code pw_cluster_kmeans(pw_cluster_run *run);
pw_code pw_cluster_nmf(pw_cluster_run *run);
pw_code pw_cluster_symnmf(pw_cluster_run *run);
pw_code pw_cluster_kernel_kmeans(pw_cluster_run *run);
pw_code pw_cluster_spectral(pw_cluster_run *run);
pw_code pw_cluster_bicluster(pw_cluster_run *run);

/* Collective over team. The model file of the options in the place of V: its rows and their names, and the factors. */
pw_code pw_cluster_read_model(pw_cluster_run *run);

#endif
