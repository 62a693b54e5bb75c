/* What the files of `partwise bench` share: the grid of what is measured, and the figures. */
#ifndef PW_COMMAND_BENCH_H
#define PW_COMMAND_BENCH_H

#include "measure/measure.h"

#include <stdio.h>

typedef struct pw_bench_shape {
    bool sparse;
    int64_t rows, columns, entries;
    double skew;
} pw_bench_shape;

enum { PW_BENCH_SHAPES = 2, PW_BENCH_METHODS = 16, PW_BENCH_WORD = 24 };

/* The loss and the method of a fit, as its options have them. */
typedef struct pw_bench_method {
    char loss[PW_BENCH_WORD], method[PW_BENCH_WORD];
} pw_bench_method;

typedef struct pw_bench_grid {
    pw_bench_shape shape[PW_BENCH_SHAPES];
    int shapes;
    pw_type type[PW_ONE];
    int types;
    int *k; /* owned */
    int ks;
    pw_bench_method method[PW_BENCH_METHODS];
    int methods;
    bool both; /* precisions, or: */
    int64_t precision;
    int64_t repeats;
} pw_bench_grid;

/* One place of the grid. */
typedef struct pw_bench_case {
    pw_bench_shape shape; /* entries as they came out */
    pw_type type;
    int k;
    bool single; /* products in float */
} pw_bench_case;

/* Medians; rates are of all ranks together. NaN where there is no such figure. */
typedef struct pw_bench_sweep {
    pw_bench_case of;
    double flops, bytes;            /* of one sweep */
    double seconds;                 /* of both products */
    double peak, bandwidth, gather; /* measured beside them */
    double of_peak, of_roof;
    double blas, blas_ratio;   /* seconds by BLAS; how many times as many */
    double alone, alone_ratio; /* seconds of the first rank alone; how many times as many */
} pw_bench_sweep;

typedef struct pw_bench_iteration {
    pw_bench_case of;
    const pw_bench_method *method;
    double seconds;               /* of an iteration, median */
    double phase[PW_PHASE_COUNT]; /* seconds of an iteration, mean over iterations and ranks */
} pw_bench_iteration;

/* What the machine can do. */
typedef struct pw_bench_machine {
    int cores;
    double peak[2], bandwidth; /* peak by `single` */
} pw_bench_machine;

typedef struct pw_bench {
    pw_team *team;
    pw_team
        alone; /* of the first rank, where there are others (on those their own, idle); else empty */
    const pw_options *options;
    pw_bench_grid grid;
    pw_gauge gauge;
    pw_bench_machine one, all;
    pw_bench_sweep *sweep;
    int64_t sweeps, sweep_room;
    pw_bench_iteration *iteration;
    int64_t iterations, iteration_room;
} pw_bench;

/* Local. PW_ERROR_USAGE tells which option makes no sense. */
pw_code pw_bench_grid_read(const pw_options *options, pw_bench_grid *grid);

/* Collective over team. A random matrix, the same on any number of ranks. Destroy it. */
pw_code pw_bench_make(pw_team *team, const pw_bench_shape *shape, pw_type type, pw_matrix *V);

/* Collective over the team of `bench`. PW_ERROR_USAGE where a method of the grid is none, or none that a fit of its V iterates. */
pw_code pw_bench_check_methods(const pw_bench *bench);

/* Collective over the team of `bench`. What one core and all can do. */
void pw_bench_measure_machine(pw_bench *bench);

/* Collective over the team of `bench`. The products for all k and precisions; V, and on the first rank `whole`, which the first
 * rank has alone where there are others. */
pw_code pw_bench_measure_sweeps(pw_bench *bench, const pw_bench_shape *shape, const pw_matrix *V,
                                const pw_matrix *whole);

/* Collective over the team of `bench`. Whole iterations of all methods, for all k and precisions. */
pw_code pw_bench_measure_iterations(pw_bench *bench, const pw_bench_shape *shape,
                                    const pw_matrix *V);

/* Local. The precisions that a type is measured in: up to two, first `single` then not; returns how many. */
int pw_bench_precisions(const pw_bench_grid *grid, pw_type type, bool single[static 2]);

/* Local. The tables: the products line by line as figures come, iterations at the end. */
void pw_bench_say_machine(pw_bench *bench);
void pw_bench_say_sweep_head(pw_bench *bench);
void pw_bench_say_sweep(pw_bench *bench, const pw_bench_sweep *sweep);
void pw_bench_say_iterations(pw_bench *bench);

/* Collective over the team of `bench`. All figures as JSON, to --output. */
pw_code pw_bench_write(pw_bench *bench);

#endif
