/* What the rank-one plan keeps between its steps. Used within iterate/ only. */
#ifndef PW_ITERATE_RANK_ONE_H
#define PW_ITERATE_RANK_ONE_H

#include "iterate/state.h"
#include "matrix/observed.h"

enum { PW_RANK_ONE_BLOCK = 64 }; /* rows whose entries stay in cache */

/* The message at the end of a sweep: sum and squares of R, the penalty on the distributed factor, then squares and norms of
 * the distributed side, the sums of state->swept and the wishes. */
enum { PW_TAIL_SUM, PW_TAIL_SQUARES, PW_TAIL_PENALTY, PW_TAIL_FIGURES };

/* One factor, and the bias on its side. */
typedef struct pw_rank_one_side {
    double *weight; /* of L2 by row: (observed entries / their mean)^p */
    double l2_bias;
    double *squares; /* k + 1: of the projected gradient, by component, that of the bias last */
    double *norms;   /* k + 1: squared lengths of the components */
    double rows_observed; /* rows with observed entries, over all ranks */
} pw_rank_one_side;

/* What a thread needs for its rows and columns. */
typedef struct pw_rank_one_share {
    double *work;        /* of a block of rows */
    double *sums;        /* 2 a column: this thread's part of the sums for columns */
    double residual;     /* squared projected gradient of its rows, of its columns */
    double sum, squares; /* of R over its rows */
    double held_out;     /* squared error over its held-out entries */
} pw_rank_one_share;

typedef struct pw_rank_one {
    pw_observed entries;
    pw_observed held_out; /* R is V there */
    double observed;      /* entries, over all ranks */
    pw_rank_one_side distributed, replicated;
    pw_rank_one_share *share; /* threads */

    double *y, *before; /* V->cols: one component of the replicated factor, and as it was */
    double *ones;       /* V->cols */
    double *sums;       /* 2 a column */

    /* What of the last update of columns R does not yet know: x dyᵀ. */
    bool pending;
    pw_component pending_x;
    double *dy; /* V->cols */

    double *tail;   /* the message */
    double penalty; /* on the replicated factor */
} pw_rank_one;

/* Collective over team. The start: biases alone, which give the penalties, then W = 0 and H small at random. R is that
 * of the model as it then stands. A resumed run has all but R. */
void pw_rank_one_begin(pw_state *state);

/* Collective over team. One sweep: the offset, the biases, and `components` components of the factors, with or without
 * update. */
void pw_rank_one_sweep(pw_state *state, int components, bool update);

/* Collective over team. R, its sum and its squares, for a model with so many components. */
void pw_rank_one_renew(pw_state *state, int components);

#endif
