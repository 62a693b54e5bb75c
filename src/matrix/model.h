/* A model: the factors of V, how they came about, and how good they are. */
#ifndef PW_MATRIX_MODEL_H
#define PW_MATRIX_MODEL_H

#include "base/options.h"
#include "matrix/matrix.h"
#include "matrix/summary.h"

typedef enum pw_reason {
    PW_REASON_NONE,       /* still running */
    PW_REASON_CONVERGED,  /* projected gradient below the tolerance */
    PW_REASON_STALLED,    /* the objective no longer falls */
    PW_REASON_ITERATIONS, /* iteration limit */
    PW_REASON_TIME,       /* time limit */
    PW_REASON_STOPPED,    /* by a signal */
    PW_REASON_HOLDOUT     /* the held-out error no longer falls */
} pw_reason;

typedef struct pw_history_row {
    int64_t iteration;
    double seconds;            /* since the first iteration, over all resumed parts */
    double objective;          /* ½‖V − WH‖² after the iteration */
    double relative_error;     /* ‖V − WH‖ / ‖V‖ */
    double projected_gradient; /* as the factors stood when their update began */
    double holdout_error;      /* 0 where nothing is held out */
} pw_history_row;

typedef struct pw_history {
    pw_history_row *row;
    int64_t count, capacity;
} pw_history;

/* Where extrapolated factors come from: what their last updates gave, and how far they go on. The arrays are NULL in a
 * run without. */
typedef struct pw_momentum {
    double *distributed, *replicated; /* as the factors of the model */
    double beta, last,
        most; /* this iteration's share, the one before, and the bound; beta 0: not begun */
} pw_momentum;

/* What entries have beside WH: offset + one number a row + one a column, of free sign. The arrays are NULL where there
 * are none. */
typedef struct pw_bias {
    double *distributed,
        *replicated; /* V->count of the swept rows; V->cols, the same on every rank */
    double offset;
} pw_bias;

/* Both factors are "rows × k, row-major": the distributed one holds this rank's rows of the swept matrix, the
 * replicated one all of its columns. Without `V->transposed` they are W and Hᵀ, with it Hᵀ and W. */
typedef struct pw_model {
    int k;
    uint64_t seed;        /* of its start, and of what it draws later */
    double *distributed;  /* V->count × k */
    double *replicated;   /* V->cols × k, the same on every rank */
    double *scale;        /* k: V ≈ W diag(scale) H; NULL: V ≈ W H */
    int fixed_w, fixed_h; /* the first so many components of W, of H, are given and stay */
    int64_t *
        anchors; /* k: the rows or columns of V (from 0) that one factor is made of; NULL: of none */
    int64_t iteration; /* iterations done */
    double seconds;    /* spent iterating, over all resumed parts */
    double
        first_residual; /* projected gradient of the first iteration: the yardstick of the tolerance */
    pw_reason reason;
    double objective, relative_error, projected_gradient; /* of the factors as they stand */
    double
        holdout_error; /* of held-out entries: root mean square, or mean of 2 d(v | x); 0: none */
    pw_history history;
    int64_t *revivals; /* k: how often a component that had died was brought back */
    bool revived;      /* some component, after the last iteration */
    bool finished;     /* nothing is left to do for it: `reason` is final */
    pw_momentum momentum;
    bool adapted; /* the momentum, to the last iteration */
    double
        alpha; /* weight of what symmetric and orthogonal runs raise by themselves; 0: not begun, or none */
    pw_bias bias;
    double l2_w, l2_h; /* penalties that the run has chosen (--shrink) */
} pw_model;

/* Collective over team. Allocates zeroed factors for V; on any rank's failure all fail. */
pw_code pw_model_create(pw_team *team, const pw_matrix *V, int k, pw_model *model);

/* Collective over team. Makes room for the momentum of a run that extrapolates, where there is room; says so in the log
 * where there is none. */
pw_code pw_model_add_momentum(pw_team *team, const pw_matrix *V, pw_model *model);

/* Local. Gives that room back. */
void pw_model_drop_momentum(pw_model *model);

/* Collective over team. Makes room for biases, which are 0. */
pw_code pw_model_add_bias(pw_team *team, const pw_matrix *V, pw_model *model);

/* Collective over team. All of the above that a fit with these options needs. */
pw_code pw_model_allocate(pw_team *team, const pw_matrix *V, const pw_options *options, int k,
                          uint64_t seed, pw_model *model);

/* Components that go through V at the same time where there are several models: products are no faster with more, and R, P
 * and H leave the caches. */
enum { PW_MOST_SIDE_BY_SIDE = 256 };

/* Local. Numbers that a sweep sums up for each entry of H of models with k components, each a part of P: what the update
 * divides by, and second derivatives, come on top of the products. */
double pw_sums_per_entry(const pw_options *options, double k);

/* Local. The largest of them for several k. */
double pw_most_sums_per_entry(const pw_options *options, const int *k, int count);

/* Local. Bytes that models take on a rank with so many rows, `all` components together: W and H; of those `at_once` that go
 * through V side by side also what they are extrapolated from, `sums` numbers of P for each entry of H, and H and P once more. */
double pw_models_bytes(const pw_options *options, double rows, double columns, double all,
                       double at_once, double sums);

/* Local. What the model has for V at one of this rank's rows and any column of the swept matrix. */
double pw_model_entry(const pw_model *model, int64_t row, int64_t column);

/* Local. NULL-safe. */
void pw_model_destroy(pw_model *model);

/* Local. Words for a stop reason: "converged", … */
const char *pw_reason_text(pw_reason reason);

/* Local. The reason by which the model has come to its end; a time limit and a signal only interrupt it. */
pw_reason pw_reason_kept(const pw_model *model);

#endif
