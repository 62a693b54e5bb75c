/* V as the ranks hold it: a contiguous block of rows each, dense or sparse, in V's own type.
 *
 * With `transposed` the rows in memory are the columns of V as the user sees it ("--distribute columns"):
 * rows, cols, layout, first, count and the storage all speak of the swept matrix; names and the messages
 * to the user speak of V. */
#ifndef PW_MATRIX_MATRIX_H
#define PW_MATRIX_MATRIX_H

#include "base/options.h"
#include "base/type.h"
#include "dist/layout.h"
#include "dist/team.h"
#include "matrix/names.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct pw_weight pw_weight;
typedef struct pw_feed pw_feed;

typedef struct pw_matrix {
    int64_t rows, cols; /* of the swept matrix */
    bool transposed;
    bool sparse;
    pw_type type;
    pw_layout layout;     /* of rows over the ranks */
    int64_t first, count; /* this rank's rows */
    int64_t entries;      /* stored entries over all ranks: rows * cols where dense */
    bool any_sign;        /* entries may be negative */

    void *values; /* dense: count × cols, row-major; sparse: local nonzeros, NULL for PW_ONE */
    int64_t *row_pointer; /* sparse: count + 1, from 0 */
    uint32_t *column;     /* sparse: local nonzeros, ascending within a row, no duplicates */
    pw_feed *
        feed; /* where entries come from that are not in memory (feed.h): values and column are NULL. NULL: they are.
                      Owned */

    pw_missing missing; /* which entries are missing (source.h reads them as NaN) */
    bool masked;        /* a mask was given: */
    uint8_t
        *observed; /* dense: a bit for each local entry, 1 where it is observed; NULL: all are */
    struct pw_holdout {
        double share; /* of the observed entries, which the fit does not see; 0: none */
        uint64_t seed;
    } holdout;
    bool only_stored; /* sparse: what is not stored is missing, else it is an observed 0 */

    struct pw_resampling {
        pw_perturb kind;
        double delta; /* uniform: most relative change */
        uint64_t seed;
    } perturb; /* of entries where the iteration reads them (perturb.h) */

    pw_weight *weight; /* of entries where the iteration reads them (weight.h); NULL: none. Owned */
    pw_names row_names, column_names; /* of V as the user sees it */
    char *path;                       /* where V came from, for messages */
} pw_matrix;

/* Local. Frees what a matrix owns. NULL-safe, and safe on a half-built one that began as zeros. */
void pw_matrix_destroy(pw_matrix *V);

/* Local. Frees its entries and leaves its shape, layout and names, which are all that may be asked for from then on. */
void pw_matrix_drop_entries(pw_matrix *V);

/* Local. Stored entries of this rank's rows. */
int64_t pw_matrix_local_entries(const pw_matrix *V);

/* Local. Bytes that this rank's part of V takes. */
int64_t pw_matrix_bytes(const pw_matrix *V);

/* Local. Takes from the options which entries are missing or held out. PW_ERROR_INPUT where sparse V would have to
 * draw from its absent zeros. */
pw_code pw_matrix_set_missing(const pw_options *options, pw_matrix *V);

/* Local. Whether entries of V may be missing or held out. */
bool pw_matrix_misses(const pw_matrix *V);

/* Local. Whether a local entry, by its place in `values`, is not hidden by a mask. */
static inline bool pw_matrix_shows(const pw_matrix *V, int64_t entry)
{
    return !V->observed || (V->observed[entry >> 3] >> (entry & 7) & 1);
}

/* Local. Whether entries that sparse V does not store are observed zeros. */
bool pw_matrix_has_absent_zeros(const pw_matrix *V);

/* Local. Whether V, m × n as the user sees it, is swept by columns. */
bool pw_matrix_by_columns(int distribute, int64_t m, int64_t n);

/* Collective over team. The shape of dense V, and its layout; no entries yet. */
pw_code pw_matrix_shape_dense(pw_team *team, int64_t rows, int64_t cols, bool transposed,
                              pw_type type, pw_matrix *V);

/* Collective over team. Allocates storage for this rank's rows of dense V. */
pw_code pw_matrix_allocate_dense(pw_team *team, pw_matrix *V);

/* Local. Allocates storage for so many entries of sparse V, whose row_pointer stands; the caller has checked that there is
 * room. */
pw_code pw_matrix_allocate_entries(const pw_team *team, int64_t entries, pw_matrix *V);

/* Collective over team. Shape and storage of dense V. */
pw_code pw_matrix_new_dense(pw_team *team, int64_t rows, int64_t cols, bool transposed,
                            pw_type type, pw_matrix *V);

/* Collective over team. Fails on all ranks, saying how much is needed and how much there is, when the
 * `bytes` that each rank is about to take do not fit into the memory of its node. `what` says what for. */
pw_code pw_memory_check(pw_team *team, int64_t bytes, const char *path, const char *what);

/* Collective over team. The share of a rank of `bytes` on the node with the most ranks, or with 0 of what is free on each
 * node, the least of them. */
int64_t pw_memory_per_rank(pw_team *team, int64_t bytes);

#endif
