/* A batch: models of one V that go through its sweeps together, each as if it were alone. A model joins before a sweep
 * and leaves after one; those that stay close ranks. */
#ifndef PW_ITERATE_BATCH_H
#define PW_ITERATE_BATCH_H

#include "dist/shards.h"
#include "iterate/iterate.h"
#include "matrix/products.h"

typedef struct pw_state pw_state;

/* What ranks tell each other in the reduction: sums of 0 or 1. */
enum { PW_WISH_STOP, PW_WISH_TIME_UP, PW_WISH_CHECKPOINT, PW_WISHES };

/* What models are fitted to: V itself, or the resample of their seed. */
typedef struct pw_data {
    pw_matrix V; /* borrows the arrays of the batch's */
    pw_summary summary;
    double reference; /* what counts as relative error 1; NaN: not known yet */
    struct pw_data *next;
} pw_data;

/* What a thread needs for its rows of a tile, one model after the other. */
typedef struct pw_scratch {
    double *work; /* of an update */
    double *R;    /* of its rows, part behind part */
    int64_t rows; /* the most that it has of a tile */
    int64_t work_room, R_room;
} pw_scratch;

/* Where products are with V itself several models have them in common: their factors stand side by side, K = Σ k wide. */
typedef struct pw_joint {
    bool is_used;         /* by all members */
    pw_products products; /* narrowed to the members */
    int K;
    double *H; /* V->cols × K */
    double *
        W; /* of two tiles, × K: threads may begin with one while others still sum the one before */
    double *P; /* V->cols × K */
} pw_joint;

typedef struct pw_batch {
    pw_team *team;
    const pw_matrix *V;
    const pw_options *options;
    const pw_iterate_hooks *hooks;
    pw_model *model; /* all that there are to run, models of them */
    int64_t models, next;
    int64_t width, most; /* Σ k of the members; where it may not go beyond */

    pw_perturb perturb;
    double delta;
    pw_data *data; /* a list of what was asked for so far */
    double
        *drawn; /* of two tiles: threads may begin with one while others still sum the one before */
    int64_t drawn_room; /* of each */

    pw_source source;
    int64_t row_cost; /* by which threads share a tile (share.h) */
    pw_workspace workspace;
    pw_scratch *scratch; /* threads */
    pw_joint joint;

    bool sharded; /* each rank updates its shard of the replicated factors, and all gather them */
    pw_shards shards; /* of V->cols, where it is so */
    int64_t from, to; /* what this rank updates: its shard, or all */

    pw_state **member;
    int members;
    int64_t member_room;

    /* The one large message of an iteration: P of each member, one behind the other, then what else each sums up, and the
     * wishes. */
    double *message;
    int64_t message_length, message_room;
    int64_t P_length;         /* of all members */
    double wishes[PW_WISHES]; /* of the last sweep, summed up */

    double *figures; /* of all members, as rank 0 computed them */
    int64_t figures_length, figures_room;

    bool checked;                           /* V is one that the loss and --symmetric can take */
    bool closed;                            /* the last checkpoint is written */
    bool told;                              /* what it is that runs */
    double started, checkpointed, reported; /* clocks */
    double seconds_before;                  /* spent in earlier, resumed parts */
    pw_progress progress;                   /* where there is no meeting, which has that of all */
} pw_batch;

/* Collective over team. An empty batch. Destroy it, also after a failure. */
pw_code pw_batch_create(pw_team *team, const pw_matrix *V, const pw_options *options,
                        const pw_iterate_hooks *hooks, pw_model *model, int64_t models,
                        pw_batch *batch);
void pw_batch_destroy(pw_batch *batch);

/* Collective over team. What a model of this seed is fitted to, for as long as the batch lives; `summary` is that of V
 * itself. Models of the same seed share it. */
pw_code pw_data_find(pw_batch *batch, const pw_summary *summary, uint64_t seed, pw_data **data);

/* Local. NULL-safe; all of the list. */
void pw_data_destroy(pw_data *data);

/* Collective over team. Takes in a state, which is the batch's from then on, also after a failure. */
pw_code pw_batch_join(pw_batch *batch, pw_state *state);

/* Local. Destroys a member; the others keep what their sweeps have summed up. */
void pw_batch_leave(pw_batch *batch, int member);

/* Local. Room for updates in `work` doubles and for products `width` wide of a thread's rows of a tile. */
pw_code pw_batch_fit(pw_batch *batch, int64_t work, int64_t width);

/* Local. Bytes of such room for products, on all threads. */
int64_t pw_batch_bytes(const pw_batch *batch, int64_t width);

/* Local. What this rank wishes. */
void pw_wishes_set(const pw_batch *batch, double wishes[PW_WISHES]);

/* Collective over team. One pass over V for all members: the distributed factor of each is updated if it `updates`, else
 * only its projected gradient is taken; P and S are summed for the factor as it then stands. Adds the gradient,
 * balanced, to state->gradient. */
void pw_sweep(pw_batch *batch);

/* Local. The joint products of a sweep; `offset` of a member is where its components begin. `b` is the number of the
 * tile. */
pw_code pw_joint_create(pw_batch *batch, const pw_products_request *request);
void pw_joint_destroy(pw_joint *joint);
void pw_joint_begin(pw_batch *batch);
void pw_joint_take_w(pw_batch *batch, int64_t b, const pw_tile *tile, int64_t from, int64_t to);
void pw_joint_times_w(pw_batch *batch, int64_t b, const pw_tile *tile, int thread);
void pw_joint_end(pw_batch *batch, int thread);

/* Collective over team. Objective, relative error and projected gradient of each member that has been through a whole
 * iteration or evaluation, and which components are dead, agreed. They are those of the factors as they stand,
 * but the first two those before the iteration where the objective lags. PW_ERROR_INTERNAL where they are no
 * longer finite. */
pw_code pw_objectives(pw_batch *batch);

/* Collective over team. Finds the dead components of all members, and makes rank 0's figures everybody's. */
void pw_agree_on_figures(pw_batch *batch);

/* Local. Where it is one of several groups, what keeps these informed; else NULL. */
static inline pw_meeting *pw_batch_meeting(const pw_batch *batch)
{
    return batch->hooks ? batch->hooks->meeting : NULL;
}

/* Local. Tells how far the batch is, or all groups are. */
void pw_report_models(pw_batch *batch);

#endif
