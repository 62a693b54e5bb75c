/* Rows (dealt into blocks of equal height) → square blocks on a near-square grid → ScaLAPACK → back. */
#include "plinalg/eigen.h"

#include "base/memory.h"
#include "dist/collective.h"
#include "plinalg/blocks.h"
#include "plinalg/eigen_check.h"
#include "plinalg/grid.h"

#include <inttypes.h>
#include <math.h>

/* The last two arguments are the lengths of the texts, which gfortran passes out of sight. */
extern void pdsyevd_(const char *job, const char *triangle, const int *n, double *A, const int *ia,
                     const int *ja, const int *descriptor, double *values, double *Z, const int *iz,
                     const int *jz, const int *descriptor_of_Z, double *work, const int *work_size,
                     int *places, const int *places_size, int *info, size_t, size_t);
extern void pdsyev_(const char *job, const char *triangle, const int *n, double *A, const int *ia,
                    const int *ja, const int *descriptor, double *values, double *Z, const int *iz,
                    const int *jz, const int *descriptor_of_Z, double *work, const int *work_size,
                    int *info, size_t, size_t);
extern void pdtran_(const int *m, const int *n, const double *alpha, const double *A, const int *ia,
                    const int *ja, const int *descriptor, const double *beta, double *C,
                    const int *ic, const int *jc, const int *descriptor_of_C);

enum {
    BLOCK = 64,
    WORKSPACE = 4 /* shares of A: pdsyevd wants two, and what is linear in n */
};
static const int ONE = 1;

typedef struct square {
    int n;
    pw_grid grid;
    int descriptor[PW_DESCRIPTOR];
    int64_t rows, columns;
    double *A, *Z; /* rows × columns: this rank's part; Z only where vectors are wanted */
} square;

/* The columns of A by its symmetry: the rows of all ranks, next to each other. */
typedef struct strip {
    pw_grid grid;
    int descriptor[PW_DESCRIPTOR];
    pw_blocks blocks;
    double *rows;
} strip;

static void strip_destroy(strip *s)
{
    free(s->rows);
    pw_blocks_destroy(&s->blocks);
    pw_grid_destroy(&s->grid);
}

static pw_code strip_create(pw_team *team, const pw_layout *layout, strip *s)
{
    int64_t rows, columns;
    const int64_t n = layout->total;
    *s = (strip){.rows = NULL};
    pw_code code = pw_blocks_create(team, pw_layout_count(layout, team->rank), n, &s->blocks);
    if (code != PW_OK)
        return code;
    pw_grid_create(team, 1, team->size, &s->grid);
    return pw_grid_describe(&s->grid, n, n, n, s->blocks.height, 1, s->descriptor, &rows, &columns);
}

static void square_destroy(square *s)
{
    free(s->A);
    free(s->Z);
    pw_grid_destroy(&s->grid);
}

/* No rank of the grid goes without a block: ScaLAPACK is least tried there. */
static pw_code square_create(pw_team *team, int64_t n, bool with_vectors, square *s)
{
    const int blocks = pw_int((n + BLOCK - 1) / BLOCK);
    const int most = team->size < blocks ? team->size : blocks;
    int down = (int)sqrt(team->size);
    down = down < most ? down : most;
    const int across = team->size / down < most ? team->size / down : most;
    *s = (square){.n = pw_int(n)};
    pw_grid_create(team, down, across, &s->grid);
    pw_code code = PW_OK;
    PW_TRY(pw_grid_describe(&s->grid, n, n, BLOCK, BLOCK, WORKSPACE, s->descriptor, &s->rows,
                            &s->columns));
    PW_TRY(PW_NEW(s->A, s->rows * s->columns));
    if (with_vectors)
        PW_TRY(PW_NEW(s->Z, s->rows * s->columns));
done:
    return pw_agree(team, code);
}

/* One call asks for the sizes of the workspaces, and does the work where they are there. */
static int call(square *s, double *values, double *work, int size, int *places, int places_size)
{
    int info = 0;
    if (s->Z)
        pdsyevd_("V", "L", &s->n, s->A, &ONE, &ONE, s->descriptor, values, s->Z, &ONE, &ONE,
                 s->descriptor, work, &size, places, &places_size, &info, 1, 1);
    else
        pdsyev_("N", "L", &s->n, s->A, &ONE, &ONE, s->descriptor, values, s->A, &ONE, &ONE,
                s->descriptor, work, &size, &info, 1, 1);
    return info;
}

/* pdsyevd asks for less than the routines that it calls, pdormtr and pdlasrt, refuse to work with where n is small. */
static int64_t work_size(const square *s, double asked_for)
{
    const int64_t least = 4 * (int64_t)s->n + (s->rows + 2 * BLOCK) * (s->columns + 2 * BLOCK);
    return asked_for > (double)least ? (int64_t)asked_for : least;
}

/* Only ranks of the grid call ScaLAPACK. */
static pw_code solve(pw_team *team, square *s, double *values)
{
    const bool inside = s->grid.context >= 0;
    double *work = NULL, asked_for = 0;
    int64_t size = 0;
    int *places = NULL, place_count = 0, info = 0;
    pw_code code = PW_OK;
    if (inside) {
        info = call(s, values, &asked_for, -1, &place_count, -1);
        size = work_size(s, asked_for);
        code = PW_NEW(work, size);
        code = code == PW_OK ? PW_NEW(places, (int64_t)place_count + 1) : code;
    }
    PW_TRY(pw_agree(team, code));
    if (inside && info == 0)
        info = call(s, values, work, pw_int(size), places, place_count);
    if (info != 0)
        code = pw_fail(PW_ERROR_INTERNAL,
                       "ScaLAPACK's eigenvalues of a matrix of %d rows end with "
                       "info = %d",
                       s->n, info);
    PW_TRY(pw_agree(team, code));
    pw_broadcast(team, values, s->n * (int64_t)sizeof *values, 0);
done:
    free(work);
    free(places);
    return code;
}

/* Rows of the matrix of eigenvectors are columns of its transpose, which takes A's place. */
static pw_code return_vectors(pw_team *team, strip *rows, square *s, double *vectors)
{
    const double one = 1, none = 0;
    pw_code code = PW_NEW(rows->rows, pw_blocks_count(team, &rows->blocks) * s->n);
    if ((code = pw_agree(team, code)) != PW_OK)
        return code;
    if (s->grid.context >= 0)
        pdtran_(&s->n, &s->n, &one, s->Z, &ONE, &ONE, s->descriptor, &none, s->A, &ONE, &ONE,
                s->descriptor);
    pw_grid_copy(&rows->grid, s->A, s->descriptor, rows->rows, rows->descriptor);
    pw_blocks_return(team, &rows->blocks, rows->rows, vectors);
    return PW_OK;
}

pw_code pw_eigen_symmetric(pw_team *team, const pw_layout *layout, const double *A, double *values,
                           double *vectors)
{
    strip rows = {.rows = NULL};
    square s = {.n = 0};
    pw_eigen_sums sums;
    pw_code code = PW_OK;
    if (layout->total == 0)
        return PW_OK;
    PW_TRY(strip_create(team, layout, &rows));
    PW_TRY(square_create(team, layout->total, vectors, &s));
    PW_TRY(pw_eigen_sums_of(team, layout, A, &sums));
    PW_TRY(pw_blocks_deal(team, &rows.blocks, A, &rows.rows));
    pw_grid_copy(&rows.grid, rows.rows, rows.descriptor, s.A, s.descriptor);
    free(rows.rows);
    rows.rows = NULL;
    PW_TRY(solve(team, &s, values));
    PW_TRY(pw_eigen_check_values(&sums, layout->total, values));
    if (vectors) {
        PW_TRY(return_vectors(team, &rows, &s, vectors));
        PW_TRY(pw_eigen_check_vectors(team, layout, &sums, A, values, vectors));
    }
done:
    square_destroy(&s);
    strip_destroy(&rows);
    return code;
}
