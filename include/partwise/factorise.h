/* Factorising a matrix that is in memory, from a program of one's own. */
#ifndef PARTWISE_FACTORISE_H
#define PARTWISE_FACTORISE_H

#include "partwise/status.h"
#include "partwise/type.h"

#include <mpi.h>
#include <stdint.h>

/* This rank's rows of V (m × n). Ranks hold consecutive blocks of rows, in the order of ranks; a block may be
 * empty. Everything is borrowed, and V is not copied. */
typedef struct pw_input {
    int64_t rows, columns; /* m and n, the same on all ranks */
    int64_t count;         /* this rank's rows */
    pw_type type;
    const void *values; /* dense: count × n, row-major; sparse: the entries, NULL for PW_ONE */
    const int64_t *row_pointer; /* sparse (CSR): count + 1 offsets, from 0; NULL where V is dense */
    const uint32_t *column;     /* sparse: of each entry, ascending within a row, none twice */
} pw_input;

/* What came out. */
typedef struct pw_factors {
    int64_t k;
    double *W;     /* count × k, row-major: this rank's rows */
    double *H;     /* k × n, row-major: the same on every rank */
    double *scale; /* k: V ≈ W diag(scale) H, with the option normalise; else NULL */
    int64_t iterations;
    double objective;          /* ½‖V − WH‖² */
    double relative_error;     /* ‖V − WH‖ / ‖V‖ */
    double projected_gradient; /* how far from a stationary point (docs/method.md) */
    double holdout_error; /* of the entries held out, where "holdout=…" asks for them; else 0 */
    const char *
        stopped; /* why: "converged", "stalled", "iteration limit", "time limit", "held-out error rises" */
} pw_factors;

/* Collective over comm. Factorises V ≈ W·H. `options` is a list of "name=value" that ends in NULL, with the names of
 * `partwise help fit`, the same on all ranks: {"k=10", "method=mu", NULL}. Those about files other than
 * init-file, fix-w and fix-h are refused, and restarts. PARTWISE_… variables of the environment count too, as for the program, but for those about files. BLAS
 * should run on one thread, and is left as the caller has set it. Nothing but warnings is printed unless
 * "verbose=yes". The caller destroys the factors, also after a failure. Errors, the same on all ranks: PW_ERROR_USAGE, PW_ERROR_INPUT (V's shape, or an entry
 * that is negative or not finite; NaN may stand for missing ones with "missing=nan"), PW_ERROR_MEMORY; pw_failure() has the words. */
pw_code pw_factorise(MPI_Comm comm, const pw_input *V, const char *const options[],
                     pw_factors *factors);

/* Local. Frees W, H and scale. NULL-safe. */
void pw_factors_destroy(pw_factors *factors);

#endif
