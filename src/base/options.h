/* Every option of every command, declared once (options_table.c): name, type, default, range,
 * help and section. The table yields the command line, the environment, .ini files, --help, the
 * man page and the record that stands in every result. Later beats earlier: default, file,
 * environment, command line. */
#ifndef PW_BASE_OPTIONS_H
#define PW_BASE_OPTIONS_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef enum pw_command {
    PW_COMMAND_FIT = 1,
    PW_COMMAND_CONVERT = 2,
    PW_COMMAND_GENERATE = 4,
    PW_COMMAND_INFO = 8,
    PW_COMMAND_MATCH = 16,
    PW_COMMAND_TRANSFORM = 32,
    PW_COMMAND_PREDICT = 64,
    PW_COMMAND_SCAN = 128,
    PW_COMMAND_SVD = 256,
    PW_COMMAND_CLUSTER = 512,
    PW_COMMAND_BENCH = 1024,
    PW_COMMAND_PLAN = 2048
} pw_command;

typedef enum pw_distribute {
    PW_DISTRIBUTE_AUTO,
    PW_DISTRIBUTE_ROWS,
    PW_DISTRIBUTE_COLUMNS,
    PW_DISTRIBUTE_LONGER /* the side that is longer; no choice of users */
} pw_distribute;
typedef enum pw_h_update { PW_H_AUTO, PW_H_REPLICATED, PW_H_SHARDED } pw_h_update;
typedef enum pw_precision {
    PW_PRECISION_AUTO,
    PW_PRECISION_SINGLE,
    PW_PRECISION_DOUBLE
} pw_precision;
typedef enum pw_loss_name { PW_LOSS_FROBENIUS, PW_LOSS_KL, PW_LOSS_IS, PW_LOSS_BETA } pw_loss_name;
typedef enum pw_orthogonal { PW_ORTHOGONAL_NOT, PW_ORTHOGONAL_H, PW_ORTHOGONAL_W } pw_orthogonal;
typedef enum pw_affinity { PW_AFFINITY_PLAIN, PW_AFFINITY_NORMALISED } pw_affinity;
typedef enum pw_missing { PW_MISSING_NONE, PW_MISSING_ZERO, PW_MISSING_NAN } pw_missing;
typedef enum pw_weighting {
    PW_WEIGHT_NONE,
    PW_WEIGHT_TFIDF,
    PW_WEIGHT_LOG1P,
    PW_WEIGHT_ROW_L1,
    PW_WEIGHT_COLUMN_L1,
    PW_WEIGHT_COLUMN_L2
} pw_weighting;
typedef enum pw_norm { PW_NORM_NONE, PW_NORM_L1, PW_NORM_L2, PW_NORM_MAX } pw_norm;
typedef enum pw_factor { PW_FACTOR_W, PW_FACTOR_H } pw_factor;
typedef enum pw_present { PW_PRESENT_AUTO, PW_PRESENT_YES, PW_PRESENT_NO } pw_present;
typedef enum pw_of { PW_OF_AUTO, PW_OF_W, PW_OF_H } pw_of;
typedef enum pw_profiles { PW_PROFILES_AUTO, PW_PROFILES_ROWS, PW_PROFILES_COLUMNS } pw_profiles;
typedef enum pw_predict_of { PW_OF_ROWS, PW_OF_COLUMNS } pw_predict_of;
typedef enum pw_items { PW_ITEMS_COLUMNS, PW_ITEMS_ROWS, PW_ITEMS_NONE } pw_items;
typedef enum pw_init {
    PW_INIT_RANDOM,
    PW_INIT_SPA,
    PW_INIT_NNDSVD,
    PW_INIT_NNDSVDA,
    PW_INIT_NNDSVDAR
} pw_init;
typedef enum pw_anchors { PW_ANCHORS_ROWS, PW_ANCHORS_COLUMNS } pw_anchors;
typedef enum pw_perturb { PW_PERTURB_NOT, PW_PERTURB_POISSON, PW_PERTURB_UNIFORM } pw_perturb;
typedef enum pw_cluster_by {
    PW_CLUSTER_KMEANS,
    PW_CLUSTER_NMF,
    PW_CLUSTER_SYMNMF,
    PW_CLUSTER_KERNEL_KMEANS,
    PW_CLUSTER_SPECTRAL,
    PW_CLUSTER_BICLUSTER
} pw_cluster_by;
typedef enum pw_graph { PW_GRAPH_GIVEN, PW_GRAPH_NEIGHBOURS, PW_GRAPH_GAUSSIAN } pw_graph;
typedef enum pw_solver { PW_SOLVER_AUTO, PW_SOLVER_KRYLOV, PW_SOLVER_DENSE } pw_solver;
typedef enum pw_kind {
    PW_KIND_SWIMMER,
    PW_KIND_LOWRANK,
    PW_KIND_SPARSE,
    PW_KIND_MIXTURE,
    PW_KIND_BICLUSTERS,
    PW_KIND_SBM,
    PW_KIND_HYPERSPECTRAL
} pw_kind;

enum { PW_MOST_COMPONENTS = 32768 }; /* so that k² is an int */
enum { PW_MOST_THREADS = 4096 };     /* of a rank */

typedef struct pw_options {
    pw_command command;
    char *command_line; /* as typed, for the record; owned */
    /* files; NULL where not given; owned */
    char *input;     /* FILE[:/path/in/file]; `generate` and `match` have none */
    char *model;     /* a result of `fit`; `transform`: its other factor is fixed */
    char *reference; /* FILE[:/path/in/file], or another model */
    char *output;
    char *vocabulary;    /* names of the columns, one a line (docword) */
    char *init_file;     /* HDF5 file with /W and /H to start from; `cluster`: with /centroids */
    char *fix_w, *fix_h; /* HDF5 files with the components of W, of H, that are given */
    char *config;
    int64_t header;    /* pw_present: first line of a CSV file holds column names */
    int64_t row_names; /* pw_present: first column of a CSV file holds row names */
    int64_t distribute;
    /* model */
    int64_t k;
    int64_t weight;     /* pw_weighting */
    int64_t loss;       /* pw_loss_name */
    double beta, floor; /* of the loss */
    int64_t missing;    /* pw_missing */
    char *mask;         /* a matrix: 0 where V is missing */
    double holdout;     /* share of the observed entries that is held out */
    int64_t method;     /* PW_METHOD_… (base/methods.h); never auto once the options are read */
    double l1_w, l1_h, l2_w, l2_h; /* penalties */
    bool no_bound;
    bool bias; /* offset and biases of rows and columns */
    double l2_bias_w, l2_bias_h;
    double shrink, l2_by_count; /* of the L2 penalties of method ccd; shrink 0: as given */
    int64_t orthogonal;         /* pw_orthogonal */
    bool symmetric;
    int64_t affinity;       /* pw_affinity */
    int64_t extrapolate;    /* pw_present; never auto once the options are read */
    int64_t normalise;      /* pw_norm */
    int64_t normalise_side; /* pw_factor */
    int64_t side;           /* `transform`: pw_factor that is found */
    int64_t init;           /* pw_init */
    int64_t anchors;        /* pw_anchors: of method spa and that start */
    bool anchors_scaled;
    int64_t seed;
    int64_t precision;
    int64_t inner_iterations; /* 0: from the flop ratio */
    /* stopping */
    int64_t max_iterations;
    double tolerance, stall, max_seconds; /* 0: off */
    int64_t patience;                     /* iterations; 0: off */
    /* checkpoint */
    char *checkpoint;
    double checkpoint_every; /* seconds */
    /* running */
    int64_t h_update;    /* pw_h_update */
    int64_t threads;     /* 0: OMP_NUM_THREADS, else 1 */
    double report_every; /* seconds between lines of a log file */
    bool quiet, verbose;
    /* many models */
    int64_t restarts, keep;
    char *ks;          /* of `scan`: as pw_options_ks reads it */
    char *perturb;     /* of `scan`: as pw_options_perturb reads it */
    int64_t consensus; /* pw_items that it is of */
    bool raw_argmax;
    int64_t groups; /* of ranks; 0: as many as seem best */
    bool dry_run;
    int64_t memory; /* bytes on each node; 0: what is free */
    char *stage;    /* a directory that V is copied to where it is streamed; NULL: none */
    bool center;    /* of `svd`: columns have mean 0 */
    bool svd_bound; /* of `fit`, `scan`: compare errors with the best of that rank */
    /* match */
    int64_t of;       /* pw_of: whose components; `predict`: pw_predict_of */
    int64_t profiles; /* pw_profiles: of the reference */
    /* predict */
    char *entries, *known; /* files */
    int64_t top;           /* 0: not asked for */
    /* cluster */
    int64_t cluster_by; /* pw_cluster_by */
    int64_t graph;      /* pw_graph: what spectral clustering cuts */
    int64_t neighbours; /* of a row in that graph */
    int64_t solver;     /* pw_solver: of its eigenvectors */
    double shift;       /* of the diagonal */
    char *truth;        /* FILE[:/path/in/file]: the classes of the rows */
    /* generate */
    int64_t kind, rows, columns, value_type; /* value_type: a pw_type, or PW_ONE: by kind */
    double density, mixing, noise;
    double snr; /* decibels; 0: no noise */
    /* bench: what is measured; NULL: by `full` */
    bool full;
    char *dense, *sparse;  /* MxN, MxNxNONZEROS, "none" */
    char *types, *methods; /* lists with commas */
    double skew;           /* of the columns of sparse entries; 1: all alike */
    int64_t repeats;
    /* plan */
    double nonzeros;               /* 0: V is dense */
    int64_t ranks, ranks_per_node; /* the most; of a node */
    double latency, bandwidth;     /* seconds; bytes per second of a node */
} pw_options;

/* Local. The command of that name; PW_ERROR_USAGE names the nearest one. */
pw_code pw_command_named(const char *name, pw_command *command);

/* Local. Options of a command with their defaults. Destroy them. */
pw_code pw_options_default(pw_command command, pw_options *options);

/* Local. NULL-safe. */
void pw_options_destroy(pw_options *options);

/* Local. Takes the defaults, and reads over them argv[1] … (argv[0] is the command's name), the
 * environment (PARTWISE_NAME) and the file named by --config; checks ranges. PW_ERROR_USAGE names
 * what is wrong and the nearest known option, PW_ERROR_INPUT a file of options that cannot be
 * read. `*help` is set, and nothing else done, where --help was asked for. Destroy the options in
 * any case. */
pw_code pw_options_parse(pw_command command, int argc, char **argv, pw_options *options,
                         bool *help);

/* Local. Writes the help text of a command / the man page of the program. */
pw_code pw_options_print_help(pw_command command, FILE *stream);
pw_code pw_options_print_man(FILE *stream);

/* Local. Calls `visit` for each option of the command as text, in the order of the table (the
 * record in results). `identity` tells that a resumed run must have the same value. */
typedef pw_code (*pw_option_visitor)(void *context, const char *name, const char *value,
                                     bool identity);
pw_code pw_options_visit(const pw_options *options, pw_option_visitor visit, void *context);

/* Local. Makes `to` options of `command`, with the values that `from` has for those that both commands use in the same
 * sense and the same command line; the others have their defaults. Destroy them in any case. */
pw_code pw_options_adopt(const pw_options *from, pw_command command, pw_options *to);

/* Local. Gives those options that new data take from a model the values that stand in it: `look_up` returns the text
 * of an option (freed here), or NULL where the model does not have it. PW_ERROR_INPUT, beginning with `path`, where a
 * value makes no sense. */
typedef char *(*pw_option_look_up)(void *context, const char *name);
pw_code pw_options_inherit(pw_options *options, const char *path, pw_option_look_up look_up,
                           void *context);

/* Local. The numbers of components that --k of `scan` asks for, ascending and each once, for the caller to free: "2:10",
 * "2:10:2", "2,3,5" or several of these with commas between them. PW_ERROR_USAGE tells what is wrong. */
pw_code pw_options_ks(const char *text, int **k, int *count);

/* Local. How --perturb of `scan` resamples V: "none" (also NULL), "poisson" or "uniform:DELTA". PW_ERROR_USAGE tells
 * what is wrong. */
pw_code pw_options_perturb(const char *text, pw_perturb *kind, double *delta);

/* Local. Whether each restart has a resample of V for itself. */
bool pw_options_resamples(const pw_options *options);

/* Local. A number that differs where any option differs. Ranks compare theirs at the start, because
 * environment and files may differ from node to node. */
uint64_t pw_options_fingerprint(const pw_options *options);

#endif
