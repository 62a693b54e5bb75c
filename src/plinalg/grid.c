#include "plinalg/grid.h"

#include "dist/collective.h"

#include <inttypes.h>
#include <limits.h>

extern int Csys2blacs_handle(MPI_Comm comm);
extern void Cfree_blacs_system_handle(int handle);
extern void Cblacs_gridinit(int *context, const char *order, int rows, int columns);
extern void Cblacs_gridinfo(int context, int *rows, int *columns, int *row, int *column);
extern void Cblacs_gridexit(int context);
extern int numroc_(const int *n, const int *block, const int *process, const int *first,
                   const int *processes);
extern void pdgemr2d_(const int *m, const int *n, const double *A, const int *ia, const int *ja,
                      const int *descriptor_of_A, double *B, const int *ib, const int *jb,
                      const int *descriptor_of_B, const int *context);

/* Places of ScaLAPACK's descriptor of a dense matrix. */
enum { TYPE, CONTEXT, M, N, MB, NB, FIRST_ROW, FIRST_COLUMN, LEADING };

void pw_grid_create(pw_team *team, int rows, int columns, pw_grid *grid)
{
    *grid = (pw_grid){.rows = rows, .columns = columns, .row = -1, .column = -1};
    const int system = Csys2blacs_handle(team->comm); /* one for all grids of the communicator */
    grid->context = system;
    Cblacs_gridinit(&grid->context, "Row", rows, columns);
    Cfree_blacs_system_handle(system);
    if (team->rank >= rows * columns)
        grid->context = -1;
    else
        Cblacs_gridinfo(grid->context, &rows, &columns, &grid->row, &grid->column);
}

void pw_grid_destroy(pw_grid *grid)
{
    if (grid->rows > 0 && grid->context >= 0)
        Cblacs_gridexit(grid->context);
    *grid = (pw_grid){.rows = 0};
}

/* Of `total` rows or columns in blocks, those of a process; the first one has the most. */
static int64_t share(int64_t total, int64_t block, int process, int processes)
{
    const int n = pw_int(total), size = pw_int(block), first = 0;
    return process < 0 ? 0 : numroc_(&n, &size, &process, &first, &processes);
}

pw_code pw_grid_describe(const pw_grid *grid, int64_t m, int64_t n, int64_t mb, int64_t nb,
                         int times, int descriptor[static PW_DESCRIPTOR], int64_t *rows,
                         int64_t *columns)
{
    if (m > INT_MAX - mb || n > INT_MAX - nb ||
        share(m, mb, 0, grid->rows) > INT_MAX / times / share(n, nb, 0, grid->columns) - nb)
        return pw_fail(PW_ERROR_MEMORY,
                       "a dense matrix of %" PRId64 " x %" PRId64
                       " is too large for ScaLAPACK on %d ranks, whose counts end at 2^31. Take "
                       "more ranks.",
                       m, n, grid->rows * grid->columns);
    *rows = share(m, mb, grid->row, grid->rows);
    *columns = share(n, nb, grid->column, grid->columns);
    descriptor[TYPE] = 1;
    descriptor[CONTEXT] = grid->context;
    descriptor[M] = (int)m;
    descriptor[N] = (int)n;
    descriptor[MB] = (int)mb;
    descriptor[NB] = (int)nb;
    descriptor[FIRST_ROW] = descriptor[FIRST_COLUMN] = 0;
    descriptor[LEADING] = *rows > 0 ? (int)*rows : 1;
    return PW_OK;
}

void pw_grid_copy(const pw_grid *all, const double *A, const int *descriptor_of_A, double *B,
                  const int *descriptor_of_B)
{
    const int one = 1;
    pdgemr2d_(&descriptor_of_A[M], &descriptor_of_A[N], A, &one, &one, descriptor_of_A, B, &one,
              &one, descriptor_of_B, &all->context);
}
