/* What the iteration keeps between its steps. Everything is allocated before the first one. */
#ifndef PW_ITERATE_STATE_H
#define PW_ITERATE_STATE_H

#include "iterate/batch.h"
#include "update/update.h"

enum { PW_FIGURES = 4 }; /* objective, relative error, projected gradient, held-out error */

/* Sums of a sweep: the loss; Σ d(0 | WH) over stored entries, where sparse V has absent zeros; the loss of what is
 * held out. */
enum { PW_SWEPT_LOSS, PW_SWEPT_ZEROS, PW_SWEPT_HELD_OUT, PW_SWEPT };

/* What a thread sums up in a sweep. */
typedef struct pw_sweep_share {
    double *S;        /* k × k sum over its rows */
    double *sums;     /* k */
    double *spread;   /* k × k */
    double *residual; /* k */
    double coupled;   /* symmetric: <R, X> over its rows */
} pw_sweep_share;

/* One factor as a whole, and how its updates are asked for. */
typedef struct pw_side {
    int64_t rows;  /* over all ranks */
    double *gram;  /* k × k */
    double *sums;  /* k: of its columns */
    double l1, l2; /* penalties on its entries */
    bool orthogonal;
    bool bounded; /* its columns count as if they had length 1 (penalty.c) */
    int inner;    /* most repeats of its update */
    int fixed;    /* the first so many components are given and stay */

    /* k each, renewed by pw_side_prepare: weights of the penalties by component, root mean squares of its columns */
    double *weight_l1, *weight_l2, *typical;
    double *G; /* k × k: Gram matrix of the other factor, with the weights of l2 on its diagonal */

    /* Newton steps with many components, k × k (correlate.c): weighted sums of its rows' products, and correlations
     * that its updates go by */
    double *spread, *C;
} pw_side;

/* How an iteration goes over V: `before`, the sweep, `after`. With state->updates both factors are updated between them,
 * without it only their figures are taken. All but `destroy`, `loss` and `penalty` are collective over the team. */
typedef struct pw_plan {
    pw_code (*create)(
        pw_state *state); /* allocates, once it is clear that V and the options will do */
    void (*destroy)(pw_state *state); /* also after a failure, or before create */
    void (*begin)(pw_state *state);   /* once, before the first iteration */
    void (*before)(pw_state *state);
    void (*after)(pw_state *state);           /* adds to state->gradient */
    double (*loss)(const pw_state *state);    /* that was found, without penalties */
    double (*penalty)(const pw_state *state); /* on the factors as they stand */
    bool alone; /* goes over V by itself, not in the sweep of a batch */
} pw_plan;

extern const pw_plan PW_PLAN_FACTORS;   /* W given H, H given W */
extern const pw_plan PW_PLAN_SYMMETRIC; /* W = Hᵀ */
extern const pw_plan PW_PLAN_RANK_ONE;  /* component by component, over the observed entries */

struct pw_state {
    const pw_plan *plan;
    pw_batch *batch;
    pw_team *team;
    pw_data *data;
    const pw_matrix *V; /* those of the data */
    const pw_summary *summary;
    const pw_options *options;
    pw_model *model;
    const pw_method *method;
    pw_sums sums; /* that the method needs here */
    pw_loss loss;
    int k;

    pw_products
        products;   /* its own, or where there are joint ones a description of its part in them */
    int64_t offset; /* of its components in the joint ones */
    pw_sweep_share *share;
    pw_side distributed, replicated; /* distributed.gram and .sums lie in the message */

    /* Its parts of the batch's message: P, and the tail [S | sums | spread | residual of the distributed factor | swept]. */
    double *
        P; /* n × k, or wider, part behind part; where H is sharded only this rank's columns count once it is reduced */
    double *tail;
    int64_t P_length, tail_length;
    double *S;        /* k × k Gram matrix of the distributed factor */
    double *residual; /* k squared sums of the distributed factor's projected gradient */
    double *swept;    /* PW_SWEPT sums over the entries of the sweep */

    /* What is summed up over the replicated factor: [gram | sums | spread | residual | product], where the first three are
     * those of the side. */
    double *shard_sums;
    int64_t shard_sums_length;
    double *shard_residual; /* k squared sums of its projected gradient */
    double *product;        /* <P, H>, where the loss comes of it */

    double *norms;         /* k: squared norms of a factor's components before its update */
    double zeros_before;   /* pw_loss_of_zeros before the sweep */
    double gradient;       /* squared projected gradient of this iteration so far */
    double resolution;     /* of the objective: what rounding of the products hides */
    double reference;      /* of the relative error: the loss that counts as 1 */
    double coupling;       /* symmetric: α of this iteration */
    double coupled_loss;   /* symmetric: that of the iterate the sweep began with */
    double penalty_before; /* of the iterate whose loss the next sweep finds */
    double typical;        /* size of an entry of the factors, from the mean of V */
    bool single;           /* products run in float */
    bool lags;             /* the objective of an iterate comes out of the next sweep */
    bool symmetric;
    bool rule;         /* orthogonality by the rule of the method, not by a penalty */
    bool extrapolates; /* the factors, after each update */
    bool approximates; /* second derivatives, by correlations */
    bool careful;      /* its steps of this iteration */
    int64_t looked_at, rises, careful_until; /* objectives that it has seen, rises among them */
    bool may_rise;                           /* the objective, in spite of the method */
    bool warned;                             /* of a rise of the objective */

    bool
        needs_sums; /* P and S are not of the distributed factor as it stands: a sweep without update comes first */
    bool leaves;  /* its last iteration is done: one evaluation, and it leaves the batch */
    bool updates; /* in this sweep */

    /* [objective | relative error | projected gradient | held-out error | dead | shift], in the batch's figures as rank 0 computed
     * them: all ranks decide by the same bits, even where their CPUs round differently. */
    double *agreed;
    double *dead;  /* k: 1 where a component is all zeros in W or in H */
    double *shift; /* k: power of two between its two sides (balance.c) */

    int64_t judged,
        least_held_out; /* rows of the history whose held-out error was looked at; the one with the least */

    double started;        /* clock: its first iteration in this run */
    double seconds_before; /* spent in earlier, resumed parts */

    struct pw_rank_one *rank_one; /* of that plan */
};

/* Collective over team. The state of `model`, which is fitted to `data`, in a batch. Destroy it, also after a failure. */
pw_code pw_state_create(pw_batch *batch, pw_data *data, pw_model *model, pw_state *state);
void pw_state_destroy(pw_state *state);

/* Local. Points into the batch's message, to its P and its tail, and into the batch's figures. */
void pw_state_bind(pw_state *state, double *P, double *tail, double *figures);

/* Collective over team. What the sweep needs: PW_ERROR_INPUT where the loss cannot take V. Local: frees it. */
pw_code pw_sweep_create(pw_state *state);
void pw_sweep_destroy(pw_state *state);

/* Collective over team where it is sharded, else local (the same on every rank). Gram matrix and sums of the
 * replicated factor, of which every rank has all. */
void pw_replicated_renew(pw_state *state);

/* Collective over team where it is sharded, else local (the same on every rank). If the state `updates`, updates the replicated
 * factor from P and S and renews what is known of it, else only takes its projected gradient. Adds that, balanced, to
 * state->gradient. Then takes <P, H>. */
void pw_replicated_update(pw_state *state);

/* Collective over team where it is sharded, else nothing. All ranks get what each has of the replicated factor. */
void pw_replicated_share(pw_state *state);

/* Collective over team where it is sharded, else local (the same on every rank). Only takes <P, H>. */
void pw_replicated_measure(pw_state *state);

/* Local. <A, B> of two matrices of `rows` × k. */
double pw_inner_product(int64_t rows, int k, const double *A, const double *B);

/* Collective over team. Gram matrix and sums of the distributed factor, where no sweep has summed them up. */
void pw_distributed_renew(pw_state *state);

/* Local. Takes the factors as they stand for the first that there are to extrapolate from, unless the run was resumed. */
void pw_extrapolate_start(pw_state *state);

/* Local. Extrapolates rows X of a factor that were just updated; `before` has those of the update before, and gets
 * these. */
void pw_extrapolate_rows(const pw_state *state, int64_t rows, double *X, double *before);

/* Collective over team. Chooses how far the next iteration goes; where the objective has risen the factors go back to what
 * their updates gave. Nothing in a run without extrapolation. */
void pw_extrapolate_adapt(pw_state *state);

/* Local, all threads together, after a barrier. Adds up what the first `threads` of them have summed in their shares (k × k), each
 * some elements; `spread` where it is approximated. */
void pw_squares_add(const pw_state *state, int threads, int thread, double *gram, double *spread);

/* Local. Adds rows of X to its spread. work: k² doubles. */
void pw_correlate_add(int64_t rows, int k, const double *X, const double *other_sums, double *work,
                      double *spread);

/* Local (the same on every rank). Makes side->C from what is known of the other factor. */
void pw_correlate_prepare(const pw_state *state, pw_side *side, const pw_side *other);

/* Local (the same on every rank). Decides whether steps of the next iteration are careful. */
void pw_correlate_judge(pw_state *state);

/* Local (the same on every rank). Raises the penalty on components of an orthogonal factor that meet. */
void pw_orthogonal_adapt(pw_state *state);

/* Local (the same on every rank). Whether that penalty has still to grow: too early to stop. */
bool pw_orthogonal_grows(const pw_state *state);

/* The same for side->G of an orthogonal factor. */
void pw_orthogonal_prepare(const pw_state *state, pw_side *side);

/* Local. Tells how orthogonal the components are. */
void pw_report_orthogonal(pw_state *state);

/* Local. Where the sums of row `row` of part q begin in R or P, which have `room` rows of each part. */
double *pw_part_sums(const pw_state *state, int q, int64_t row, double *sums, int64_t room);

/* Local. Adds to the sums of rows `from` … `to` - 1 of a factor, X, what the entries that sparse V does not store give, once
 * a sweep. */
void pw_complete(const pw_state *state, const pw_side *other, int64_t from, int64_t to,
                 const double *X, double *sums, int64_t room);

/* Local. Σ d(0 | WH) over all entries, of the factors as they stand; of losses that are sparse. */
double pw_loss_of_zeros(const pw_state *state);

/* Local. The problem of rows `from` … `to` - 1 of X, from their R or P: `sums` has room for `room` rows of each part. */
pw_problem pw_problem_of(const pw_state *state, const pw_side *side, const pw_side *other,
                         int64_t from, int64_t to, double *X, double *sums, int64_t room);

/* Local. Squares of the projected gradient of one component as if both factors had columns of the same length, from
 * the squares of the lengths. */
double pw_balanced(double square, double own, double other);

/* Collective over team where an orthogonal factor is sharded, else local (the same on every rank). What the updates of `side` need
 * to know of both factors as they stand. */
void pw_side_prepare(const pw_state *state, pw_side *side, const pw_side *other);

/* Local (the same on every rank). Σ of all penalties of the factors as they stand. */
double pw_penalty(const pw_state *state);

/* Local. Whether a component is given in W or in H, so that its scale is. */
bool pw_is_given(const pw_state *state, int c);

/* Local. Whether there is any penalty. */
bool pw_is_penalised(const pw_state *state);

/* Local. Gives the columns of a bounded factor length 1, and their lengths to the other factor. */
void pw_bound(pw_state *state);

/* Collective over team. What --normalise asks for: moves norms of one factor's columns to model->scale. */
void pw_normalise(pw_state *state);

/* Collective over team. The loss that counts as relative error 1. */
double pw_reference(pw_state *state);

/* Collective over team. Brings back components that have become zero. */
void pw_revive(pw_state *state);

/* Local (the same on every rank). Gives both sides of components that are far apart about the same length, as agreed. */
void pw_balance(pw_state *state);

/* Local. The power of two by which the distributed side of component c should grow, and the other shrink; 0: as it is. */
double pw_balance_shift(const pw_state *state, int c);

/* Local. Tells how many components have stayed at zero. */
void pw_report_dead(pw_state *state);

/* Collective over team. Appends the iteration to the history; its objective is NaN until it is known. */
pw_code pw_record(pw_state *state);

/* Local. Gives the objective that has become known to the last row of the history that lacks one. */
void pw_record_objective(pw_state *state);

/* Local. The row `back` rows before the last of the history whose objective is known; NULL if there is none. */
const pw_history_row *pw_known_row(const pw_state *state, int64_t back);

/* Local (the same on every rank). Whether this iteration was the last, and why. */
pw_reason pw_stop_reason(pw_state *state);

/* Local. Tells how far the run is. */
void pw_report_start(const pw_state *state);
void pw_report_iteration(pw_state *state, bool last);

#endif
