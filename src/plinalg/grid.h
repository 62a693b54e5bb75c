/* Private to plinalg/: a grid of processes (BLACS) and the descriptors of the matrices that lie on it. */
#ifndef PW_PLINALG_GRID_H
#define PW_PLINALG_GRID_H

#include "dist/team.h"

#include <stdint.h>

enum { PW_DESCRIPTOR = 9 }; /* length of what ScaLAPACK knows about a matrix */

typedef struct pw_grid {
    int context;       /* -1 on ranks outside */
    int rows, columns; /* of processes */
    int row, column;   /* place of this rank, -1 outside */
} pw_grid;

/* Collective over team. The first rows * columns ranks, row by row; the others stay outside. Destroy it. */
void pw_grid_create(pw_team *team, int rows, int columns, pw_grid *grid);

/* Collective over team. */
void pw_grid_destroy(pw_grid *grid);

/* Local. Describes a matrix of m × n in blocks of mb × nb, dealt in turn from the first process on, by columns on each
 * process, without gaps; fills in the rows and columns that this rank holds, 0 outside. Errors: PW_ERROR_MEMORY where
 * ScaLAPACK, which counts in int, could not address workspaces of `times` as many numbers as a rank has of the
 * matrix, the same on all ranks. */
pw_code pw_grid_describe(const pw_grid *grid, int64_t m, int64_t n, int64_t mb, int64_t nb,
                         int times, int descriptor[static PW_DESCRIPTOR], int64_t *rows,
                         int64_t *columns);

/* Collective over the ranks of both grids. Copies all of A to B, of the same shape, which lies elsewhere. `all` is a grid that
 * holds every rank of both. */
void pw_grid_copy(const pw_grid *all, const double *A, const int *descriptor_of_A, double *B,
                  const int *descriptor_of_B);

#endif
