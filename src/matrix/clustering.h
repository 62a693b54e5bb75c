/* What a clustering comes to: labels of the rows of V and perhaps of its columns, and what goes with them. */
#ifndef PW_MATRIX_CLUSTERING_H
#define PW_MATRIX_CLUSTERING_H

#include "dist/team.h"
#include "matrix/model.h"

/* Labels of items, of which each rank has a contiguous run. */
typedef struct pw_labelling {
    int64_t total, first, count;
    int32_t *label;     /* count: 0 … k - 1, -1 for an item of no cluster; NULL: there are none */
    int64_t *size;      /* k: items of each cluster, over all ranks */
    int64_t unlabelled; /* items of no cluster, over all ranks */
} pw_labelling;

/* A number that a method or a comparison has to tell, in the order of the report. */
typedef struct pw_figure {
    const char *name; /* as in the file; not owned */
    double value;
} pw_figure;

enum { PW_MOST_FIGURES = 16 };

typedef struct pw_clustering {
    int k;
    pw_labelling rows, columns; /* of V as the user sees it */
    int64_t n;                  /* columns of V */
    double *centroid;           /* k × n, the same on every rank; NULL: none */
    double *membership;         /* rows.count × k; NULL: none */
    double *eigenvalue;         /* k: the least of a normalised Laplacian, ascending; NULL: none */
    double objective;           /* of the labels as they stand; the less the better */
    int64_t iterations;
    uint64_t seed; /* of its start */
    pw_reason reason;
    pw_figure figure[PW_MOST_FIGURES];
    int figures;
} pw_clustering;

/* Local. Labels 0 for items first … first + count - 1 of `total`. Errors: PW_ERROR_MEMORY. */
pw_code pw_labelling_create(int64_t total, int64_t first, int64_t count, int k,
                            pw_labelling *labelling);

/* Collective over team. Counts the items of each cluster. */
void pw_labelling_count(pw_team *team, int k, pw_labelling *labelling);

/* Local. Adds a figure; more than PW_MOST_FIGURES is a bug. `name` is borrowed. */
void pw_clustering_tell(pw_clustering *clustering, const char *name, double value);

/* Local. NULL-safe. */
void pw_clustering_destroy(pw_clustering *clustering);

#endif
