/* The successive projection algorithm (Araújo et al. 2001; Gillis & Vavasis 2014): of the rows or columns of V, its items,
 * the one with the longest residual is chosen, all are projected onto the complement of that residual, and so on:
 *
 *     c = argmax_i ‖r_i‖,    u = r_c / ‖r_c‖,    r_i ← r_i − (r_i·u) u
 *
 * Where every item is a mixture of k of them, with shares that sum to 1, it finds these. Residuals are not stored: the
 * basis U of the u lies in one factor of the model, the coefficients X = items · u in the other, and
 * ‖r_i‖² ← ‖r_i‖² − (item_i·u)², which is measured anew where too much of it has cancelled. One pass over V a step.
 * Used within initialise/ only. */
#ifndef PW_INITIALISE_ANCHORS_H
#define PW_INITIALISE_ANCHORS_H

#include "decompose/operator.h"
#include "matrix/model.h"
#include "matrix/row.h"

typedef struct pw_anchor_search {
    pw_team *team;
    const pw_matrix *V;
    bool
        of_rows; /* the items are rows of the swept matrix, which are dealt to the ranks; else its columns */
    int k, found;
    double *X;     /* items × k */
    double *U;     /* length × k: this rank's part of each u */
    int64_t items; /* of this rank */
    int64_t first; /* index of the first of them */
    int64_t length;
    double *left;      /* items: ‖r_i‖² */
    double *measured;  /* items: what it was when it was measured last */
    double *scale;     /* items: by which ‖r_i‖ counts; NULL: all alike */
    double *u;         /* length */
    double *product;   /* items: item · u */
    double *row;       /* threads × V->cols: a row of V, zeros between uses */
    int64_t *doubtful; /* of columns: the items to be measured */
    double *sums;      /* of columns: V->cols */
    double greatest;   /* ‖r_i‖² times the square of its scale, of the first choice */
    pw_operator op;
} pw_anchor_search;

/* What differs between rows and columns of the swept matrix. */
typedef struct pw_anchor_kind {
    /* Collective over team. The squared lengths of all items to `left`, their sums to `product`. */
    void (*measure)(pw_anchor_search *search);
    /* Collective over team. The residual of an item, of length 1, to u. */
    void (*take)(pw_anchor_search *search, int64_t item);
    /* Collective over team. product = item · u of all items. */
    void (*multiply)(pw_anchor_search *search);
    /* Collective over team. Measures `left` of those items that are in doubt. */
    void (*measure_again)(pw_anchor_search *search);
} pw_anchor_kind;

extern const pw_anchor_kind PW_ANCHOR_ROWS, PW_ANCHOR_COLUMNS;

/* Local. Whether `left` of an item has lost so many digits that it is to be measured. */
bool pw_anchor_in_doubt(const pw_anchor_search *search, int64_t item);

/* Local. Takes what was measured; nothing where it is no more than rounding. */
void pw_anchor_set(const pw_anchor_search *search, int64_t item, double left);

/* Local. Row `row` of this rank, whole, to this thread's `row`, which pw_anchor_forget makes zeros again. */
double *pw_anchor_row(const pw_anchor_search *search, int thread, int64_t row);
void pw_anchor_forget(const pw_anchor_search *search, int thread, int64_t row);

/* Collective over team where `dealt`, else local. Makes u orthogonal to the directions found so far, and of length 1. */
void pw_anchor_orthogonalise(pw_anchor_search *search, bool dealt);

/* Collective over team. Finds model->k anchors, and puts the rows (columns) of the swept matrix that they are into the
 * replicated (distributed) factor; the other one is overwritten. `anchor`: k indices from 0. PW_ERROR_INPUT where all of V
 * is made of fewer. */
pw_code pw_anchors_find(pw_team *team, const pw_matrix *V, bool of_rows, bool scaled,
                        pw_model *model, int64_t *anchor);

#endif
