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
    PW_REASON_STOPPED     /* by a signal */
} pw_reason;

typedef struct pw_history_row {
    int64_t iteration;
    double seconds;            /* since the first iteration, over all resumed parts */
    double objective;          /* ½‖V − WH‖² after the iteration */
    double relative_error;     /* ‖V − WH‖ / ‖V‖ */
    double projected_gradient; /* as the factors stood when their update began */
} pw_history_row;

typedef struct pw_history {
    pw_history_row *row;
    int64_t count, capacity;
} pw_history;

/* Both factors are "rows × k, row-major": the distributed one holds this rank's rows of the swept matrix, the
 * replicated one all of its columns. Without `V->transposed` they are W and Hᵀ, with it Hᵀ and W. */
typedef struct pw_model {
    int k;
    double *distributed;  /* V->count × k */
    double *replicated;   /* V->cols × k, the same on every rank */
    double *scale;        /* k: V ≈ W diag(scale) H; NULL: V ≈ W H */
    int fixed_w, fixed_h; /* the first so many components of W, of H, are given and stay */
    int64_t iteration;    /* iterations done */
    double seconds;       /* spent iterating, over all resumed parts */
    double
        first_residual; /* projected gradient of the first iteration: the yardstick of the tolerance */
    pw_reason reason;
    double objective, relative_error, projected_gradient; /* of the factors as they stand */
    pw_history history;
    int64_t *revivals; /* k: how often a component that had died was brought back */
    bool revived;      /* some component, after the last iteration */
} pw_model;

/* Collective over team. Allocates zeroed factors for V; on any rank's failure all fail. */
pw_code pw_model_create(pw_team *team, const pw_matrix *V, int k, pw_model *model);

/* Local. NULL-safe. */
void pw_model_destroy(pw_model *model);

/* Local. Words for a stop reason: "converged", … */
const char *pw_reason_text(pw_reason reason);

#endif
