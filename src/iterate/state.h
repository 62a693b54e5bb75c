/* What the iteration keeps between its steps. Everything is allocated before the first one. */
#ifndef PW_ITERATE_STATE_H
#define PW_ITERATE_STATE_H

#include "iterate/iterate.h"
#include "matrix/products.h"
#include "update/update.h"

/* What ranks tell each other in the reduction: sums of 0 or 1. */
enum { PW_WISH_STOP, PW_WISH_TIME_UP, PW_WISH_CHECKPOINT, PW_WISHES };

enum { PW_FIGURES = 3 }; /* objective, relative error, projected gradient */

/* What a thread needs for its share of a sweep. */
typedef struct pw_sweep_share {
    double *work;     /* of the update */
    double *S;        /* k × k sum over its rows */
    double *residual; /* k */
} pw_sweep_share;

typedef struct pw_state {
    pw_team *team;
    const pw_matrix *V;
    const pw_summary *summary;
    const pw_options *options;
    const pw_iterate_hooks *hooks;
    pw_model *model;
    const pw_method *method;
    int k;

    pw_source source;
    pw_products products;
    double *R; /* tile rows × k */
    pw_sweep_share *share;

    /* The one large message of an iteration: [P | S | residual of the distributed factor | wishes]. */
    double *message;
    int64_t message_length;
    double *P;        /* n × k */
    double *S;        /* k × k Gram matrix of the distributed factor */
    double *residual; /* k squared sums of the distributed factor's projected gradient */
    double *wishes;

    double *G;     /* k × k Gram matrix of the replicated factor */
    double *norms; /* k: squared norms of the distributed factor's components before the sweep */
    int inner_distributed, inner_replicated;
    double gradient;   /* squared projected gradient of this iteration so far */
    double resolution; /* of the objective: what rounding of the products hides */
    bool single;       /* products run in float */
    double typical;    /* size of an entry of the factors, from the mean of V */
    bool warned;       /* of a rise of the objective */

    /* [objective | relative error | projected gradient | dead], as rank 0 computed them: all ranks decide by
     * the same bits, even where their CPUs round differently. */
    double *agreed;
    double *dead; /* k: 1 where a component is all zeros in W or in H */

    double started, checkpointed; /* clocks: this run's first iteration, the last checkpoint */
    double reported;
    double seconds_before; /* spent in earlier, resumed parts */
} pw_state;

/* Collective over team. Allocates the state. Destroy it, also after a failure. */
pw_code pw_state_create(pw_team *team, const pw_matrix *V, const pw_summary *summary,
                        const pw_options *options, const pw_iterate_hooks *hooks, pw_model *model,
                        pw_state *state);
void pw_state_destroy(pw_state *state);

/* Collective over team. One pass over V: with `update` the distributed factor is updated, without it only its
 * projected gradient is taken; P and S are summed for the factor as it then stands. Adds the gradient,
 * balanced, to state->gradient. */
void pw_sweep(pw_state *state, bool update);

/* Local. G from the replicated factor. */
void pw_update_gram(pw_state *state);

/* Local (the same on every rank). Updates the replicated factor from P and S and renews G; without `update` only
 * its projected gradient is taken. Adds that, balanced, to state->gradient. */
void pw_replicated_update(pw_state *state, bool update);

/* Collective over team. Objective, relative error and projected gradient of the factors as they stand, and which
 * components are dead, from P, S and G, agreed. PW_ERROR_INTERNAL where they are no longer finite. */
pw_code pw_objective(pw_state *state);

/* Collective over team. Finds the dead components, from S and G, and makes rank 0's figures everybody's. */
void pw_agree_on_figures(pw_state *state);

/* Collective over team. Brings back components that have become zero. */
void pw_revive(pw_state *state);

/* Local. Tells how many components have stayed at zero. */
void pw_report_dead(pw_state *state);

/* Collective over team. Appends the iteration to the history. */
pw_code pw_record(pw_state *state);

/* Local (the same on every rank). Whether this iteration was the last, and why. */
pw_reason pw_stop_reason(const pw_state *state);

/* Local. Tells how far the run is. */
void pw_report_start(pw_state *state);
void pw_report_iteration(pw_state *state, bool last);

#endif
