/* What k-means works with. Within cluster/ only. */
#ifndef PW_CLUSTER_KMEANS_STATE_H
#define PW_CLUSTER_KMEANS_STATE_H

#include "cluster/kmeans.h"
#include "matrix/products.h"

/* Points to which rows of V have distances. */
typedef struct pw_points {
    int count;
    double *H;      /* n × count: point − mean, transposed */
    double *offset; /* count: ‖d‖² + 2 μ·d, d = point − mean */
    double reach;   /* the largest ‖d‖ */
    pw_products products;
} pw_points;

/* What one thread has to itself. */
typedef struct pw_kmeans_share {
    double *D;        /* squared distances of its rows of a tile to the points */
    double objective; /* its part of the sum */
    int64_t changed;  /* labels */
} pw_kmeans_share;

typedef struct pw_kmeans_state {
    pw_team *team;
    const pw_matrix *V;
    const pw_kmeans_request *request;
    int k, trials;
    pw_source source;
    pw_workspace workspace;
    pw_points centroids, candidates; /* k, trials */
    pw_kmeans_share *share;          /* threads */
    double *mean;                    /* n */
    double mean_length;
    double *spread;  /* V->count: ‖x − μ‖² */
    double variance; /* mean of the columns' variances */
    double *C;       /* k × n: the centroids */
    int32_t *label;  /* V->count */
    float *
        distance; /* V->count: squared, to the own centroid; in float, so that equal ones are equal on any number of ranks */
    const double *
        weight; /* V->count: how many rows each stands for; NULL: one. Of the start alone; borrowed */
    double *nearest, *chance, *trial; /* of the start: V->count each; V->count × trials */
    double *row;                      /* trials × n */
    double *of_rank;                  /* team size: sums of `nearest` */
    double *message;                  /* what an iteration sums up over ranks: */
    double *sums;                     /* k × n: of the rows of each cluster */
    double *counts;                   /* k: their number */
    double *objective, *changed;
    int64_t message_length;
} pw_kmeans_state;

/* Collective over team. Errors: PW_ERROR_MEMORY; destroy the state in any case. */
pw_code pw_kmeans_state_create(pw_team *team, const pw_matrix *V, const pw_kmeans_request *request,
                               pw_kmeans_state *s);
void pw_kmeans_state_destroy(pw_kmeans_state *s);

/* Local. Points without places yet. Errors: PW_ERROR_MEMORY; destroy them in any case. */
pw_code pw_points_create(pw_kmeans_state *s, int count, pw_points *points);
void pw_points_destroy(pw_points *points);

/* Local. Takes `X` (points->count × n) as the points, until the next call. */
void pw_points_set(pw_kmeans_state *s, pw_points *points, const double *X);

/* Local, all threads together. Squared distances of rows from … to - 1 of a tile to all points, a row each, into the thread's D.
 * They may be off by pw_points_slack. */
void pw_points_distances(pw_kmeans_state *s, pw_points *points, const pw_tile *tile, int thread,
                         int64_t from, int64_t to);

/* Local. Goes over this rank's rows, with all threads: calls `visit` for each with its squared distances to all points. */
typedef void (*pw_row_visitor)(pw_kmeans_state *s, void *context, int64_t row, const double *D);
void pw_points_visit(pw_kmeans_state *s, pw_points *points, pw_row_visitor visit, void *context);

/* Local. A bound for the rounding of the distances of one of this rank's rows, which for all points alike comes on top of that
 * of ‖x − μ‖² itself, `own`. */
double pw_points_slack(const pw_kmeans_state *s, const pw_points *points, int64_t row);
double pw_points_own_slack(const pw_kmeans_state *s, const pw_points *points, int64_t row);

/* Collective over team. First centroids into s->C by greedy k-means++ among all rows, each with its weight. */
void pw_kmeans_start(pw_kmeans_state *s, uint64_t seed);

/* Local. Whether V is so large that a sample of its rows does for that. */
bool pw_kmeans_samples(const pw_kmeans_state *s);

/* Collective over team. The same among a sample by k-means‖. Errors: PW_ERROR_MEMORY. */
pw_code pw_kmeans_start_from_sample(pw_kmeans_state *s, uint64_t seed);

/* Collective over team. Lloyd's iteration from s->C on: labels, centroids, and the objective that belongs to them. */
typedef struct pw_kmeans_outcome {
    double objective;
    int64_t iterations;
    pw_reason reason;
} pw_kmeans_outcome;
pw_kmeans_outcome pw_kmeans_lloyd(pw_kmeans_state *s);

#endif
