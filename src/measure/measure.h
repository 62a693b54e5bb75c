/* How fast this machine is, and how fast the products of a sweep are on it. Rates are of all threads of all ranks of the team
 * together. */
#ifndef PW_MEASURE_MEASURE_H
#define PW_MEASURE_MEASURE_H

#include "matrix/products.h"

/* ---- what the machine can do: peak.c, bandwidth.c, gather.c ---- */

/* What bandwidth is measured with: more than caches hold. */
typedef struct pw_gauge {
    int threads;
    double *values; /* count, first touched by the threads that read them */
    int64_t count;
} pw_gauge;

/* Collective over team. PW_ERROR_MEMORY. Destroy it. */
pw_code pw_gauge_create(pw_team *team, int threads, pw_gauge *gauge);
void pw_gauge_destroy(pw_gauge *gauge);

/* Collective over team. Floating-point operations per second of chains of fused multiply-adds in registers, in the vectors that
 * are the fastest here. */
double pw_peak_measure(pw_team *team, int threads, bool single);

/* Collective over team. Bytes read from memory per second. */
double pw_bandwidth_measure(pw_team *team, pw_gauge *gauge);

/* Rows of H gathered and rows of P scattered to, at the places that sparse V has. */
typedef struct pw_gather {
    pw_team *team;
    const pw_matrix *V;
    int k;
    bool single;
    void *H, *P;     /* n × k; a P for each thread */
    int64_t entries; /* of this rank, in one measurement */
    double gathered; /* the sum of all that was, in the last one */
} pw_gather;

/* Collective over team. Of V (borrowed), sparse. PW_ERROR_MEMORY. Destroy it. */
pw_code pw_gather_create(pw_team *team, const pw_matrix *V, int k, bool single, pw_gather *gather);
void pw_gather_destroy(pw_gather *gather);

/* Collective over team. Bytes per second of reading a row of H, and reading and writing one of P, for each of many stored entries
 * of V; NaN where there are too few to tell. */
double pw_gather_measure(pw_gather *gather);

/* ---- the products of a sweep ---- */

/* Both products over all tiles, as the iteration has them; dense also by calls of BLAS for the whole of this rank's rows. */
typedef struct pw_sweep_meter {
    pw_team *team;
    const pw_matrix *V;
    int k;
    bool single;
    pw_source source;
    pw_workspace workspace;
    pw_products products;
    double *W, *H, *P;
    double **R;                                       /* of each thread, for a tile */
    void *V_wide, *W_wide, *H_wide, *R_wide, *P_wide; /* for BLAS, in the type of the products */
} pw_sweep_meter;

/* Collective over team. With V (borrowed) and random factors. `with_blas`: room for pw_sweep_meter_blas too. PW_ERROR_MEMORY.
 * Destroy it. */
pw_code pw_sweep_meter_create(pw_team *team, const pw_matrix *V, int k, bool single, bool with_blas,
                              pw_sweep_meter *meter);
void pw_sweep_meter_destroy(pw_sweep_meter *meter);

/* Collective over team. Seconds of one sweep, of the slowest rank. */
double pw_sweep_meter_run(pw_sweep_meter *meter);

/* Collective over team. The same products by BLAS, in two passes over V. */
double pw_sweep_meter_blas(pw_sweep_meter *meter);

/* Local. Useful operations of one sweep of all of V; bytes that it must move at the least: V once, W once, H and P. */
double pw_sweep_flops(const pw_matrix *V, int k);
double pw_sweep_bytes(const pw_matrix *V, int k, bool single);

/* ---- what they share ---- */

/* Collective over team. Seconds from when all ranks may begin `work` to when the last has done it, also where they share a core
 * and run in turns. */
double pw_measure_seconds(pw_team *team, void (*work)(void *context), void *context);

/* Collective over team. Ranks that have nothing to do sleep here until the others come. */
void pw_measure_meet(pw_team *team);

/* Local. The median of the values, which are sorted. */
double pw_measure_median(double *values, int64_t count);

#endif
