/* The loops over entries of sparse V that its products are made of: a few rows at a time, whose sums stay in registers. */
#ifndef PW_MATRIX_SPARSE_ROWS_H
#define PW_MATRIX_SPARSE_ROWS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    PW_MOST_ENTRIES = 256, /* of one call: a multiple of … */
    PW_GROUP = 8,          /* dot products that are summed up together */
    PW_ROWS_AHEAD =
        3 /* of W, which are fetched: a row comes after some entries, which hides from the processor that rows follow each other */
};

/* Some rows of sparse V, their entries one row behind the other: those of row r are start[r] … start[r + 1] - 1. */
typedef struct pw_sparse_rows {
    int rows;
    const int *start;       /* rows + 1; from 0 where x are found */
    const int *row;         /* which row of W each is; rows + PW_ROWS_AHEAD */
    const uint32_t *column; /* of each entry */
    const int *entry_row;   /* where rows have few entries: likewise, which row of W */
} pw_sparse_rows;

/* What is added up: rows of a factor, or their squares. */
typedef enum pw_power { PW_POWER_ONE = 1, PW_POWER_TWO } pw_power;

/* Values, H and P are float where `single`, else double. */

/* Local. R (rows × K) += scale · Σ value · H[column]^power; H has K columns. The sums of a row begin anew
 * with each call, and are in the type of H until then. */
void pw_sparse_rows_gather(const pw_sparse_rows *entries, bool single, const void *value,
                           const void *H, int K, pw_power power, double scale, double *R);

/* Local. P[column] += value · W[row]^power, of scale · W where squares are added; W has K columns like P, and their type. */
void pw_sparse_rows_scatter(const pw_sparse_rows *entries, bool single, const void *value,
                            const void *W, int K, pw_power power, double scale, void *P);

/* Local. x = scale · (W · H[column]) at each entry; the products are in the type of H, and W is divided by `unit`
 * before. x has room for a multiple of PW_GROUP. */
void pw_sparse_rows_dot(const pw_sparse_rows *entries, bool single, const double *W, const void *H,
                        int K, double unit, double scale, double *x);

#endif
