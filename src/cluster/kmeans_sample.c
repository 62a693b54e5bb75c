/* The first centroids of large V, by k-means‖ (Bahmani et al. 2012): a sample of rows, drawn a few thousand at a time instead of
 * one by one, each with the number of rows that it stands for, and k-means++ among these.
 *
 *     S = one row
 *     five times:  S += each row x with probability min(1, 2 k d(x, S)² / Σ d²)
 */
#include "cluster/kmeans_state.h"

#include "base/memory.h"
#include "cluster/rows.h"
#include "dist/collective.h"

#include <math.h>
#include <string.h>

enum {
    LEAST_K = 16,     /* fewer: k sweeps are no more than those of the sample */
    ROWS_PER_K = 64,  /* fewer rows: nor is the sample much smaller than V */
    ROUNDS = 5,       /* of drawing */
    MOST_ROUNDS = 40, /* where they bring too few */
    OVERSAMPLING = 2, /* rows drawn in a round, over k */
    MOST_BATCH = 128  /* of them that rows have distances to in one sweep */
};

/* The rows drawn so far. */
typedef struct sample {
    int64_t *row; /* their numbers, the same on every rank */
    int64_t count, capacity;
    int64_t *own; /* of this round and rank */
    int64_t own_capacity;
    int64_t *closest; /* V->count: place in `row` of the nearest */
    int batch;
    pw_points points; /* batch */
    double *X;        /* batch × n */
    pw_layout layout; /* of this round's rows over ranks */
} sample;

bool pw_kmeans_samples(const pw_kmeans_state *s)
{
    return s->k >= LEAST_K && s->V->rows / ROWS_PER_K >= s->k;
}

static pw_code create(pw_kmeans_state *s, sample *d)
{
    pw_code code = PW_OK;
    d->batch = s->k < MOST_BATCH ? s->k : MOST_BATCH; /* room for distances is for k */
    PW_TRY(PW_NEW(d->closest, s->V->count));
    PW_TRY(PW_NEW(d->X, d->batch * s->V->cols));
    PW_TRY(pw_points_create(s, d->batch, &d->points));
    PW_TRY(pw_layout_even(0, s->team->size, &d->layout));
done:
    return code;
}

static void destroy(sample *d)
{
    free(d->row);
    free(d->own);
    free(d->closest);
    free(d->X);
    pw_points_destroy(&d->points);
    pw_layout_destroy(&d->layout);
}

/* ---- distances to the sample ---- */

/* Some of the sample: those that the points are. */
typedef struct batch {
    sample *d;
    int64_t first;
    int count;
} batch;

static void approach_row(pw_kmeans_state *s, void *context, int64_t row, const double *D)
{
    const batch *b = context;
    const double slack = pw_points_own_slack(s, &b->d->points, row);
    for (int c = 0; c < b->count; c++) {
        const double square = D[c] > slack ? D[c] : 0;
        if (square < s->nearest[row] - slack) { /* of equally near ones the first */
            s->nearest[row] = square;
            b->d->closest[row] = b->first + c;
        }
    }
}

/* Collective over team. Rows of the sample from place `first` on count from now on. */
static void approach(pw_kmeans_state *s, sample *d, int64_t first)
{
    for (; first < d->count; first += d->batch) {
        const int64_t left = d->count - first;
        const int count = left < d->batch ? (int)left : d->batch;
        memset(d->X, 0, (size_t)(d->batch * s->V->cols) * sizeof *d->X);
        pw_rows_fetch(s->team, s->V, count, d->row + first, d->X);
        pw_points_set(s, &d->points, d->X);
        pw_points_visit(s, &d->points, approach_row, &(batch){d, first, count});
    }
}

/* ---- drawing ---- */

/* Collective over team. This round's rows of all ranks behind the others. */
static pw_code collect(pw_kmeans_state *s, sample *d, int64_t own)
{
    pw_team *team = s->team;
    pw_layout *layout = &d->layout;
    memset(layout->offset, 0, (size_t)(team->size + 1) * sizeof *layout->offset);
    layout->offset[team->rank + 1] = own;
    pw_reduce_sum_int(team, layout->offset, team->size + 1);
    for (int r = 0; r < team->size; r++)
        layout->offset[r + 1] += layout->offset[r];
    layout->total = layout->offset[team->size];
    const pw_code code =
        pw_agree(team, PW_GROW(d->row, &d->capacity, d->count + layout->total + 1));
    if (code != PW_OK)
        return code;
    pw_gather_rows(team, layout, sizeof *d->row, d->own, d->row + d->count);
    d->count += layout->total;
    return PW_OK;
}

/* Collective over team. A round of drawing; `*more` is false where all rows are in the sample. */
static pw_code draw(pw_kmeans_state *s, sample *d, uint64_t seed, int round, bool *more)
{
    const pw_random_key key = {
        .seed = seed, .stream = PW_RANDOM_CLUSTER, .model = 1 + (uint32_t)round};
    int64_t own = 0;
    double total = 0;
    pw_code code = PW_OK;
    for (int64_t i = 0; i < s->V->count; i++)
        total += s->nearest[i];
    pw_reduce_sum(s->team, &total, 1);
    *more = total > 0;
    for (int64_t i = 0; i < s->V->count && code == PW_OK && *more; i++) {
        const double chance = OVERSAMPLING * (double)s->k * s->nearest[i] / total;
        if (!(pw_random_uniform(key, s->V->first + i, 0) < chance))
            continue;
        code = PW_GROW(d->own, &d->own_capacity, own + 1);
        if (code == PW_OK)
            d->own[own++] = s->V->first + i;
    }
    code = pw_agree(s->team, code);
    return code == PW_OK ? collect(s, d, own) : code;
}

/* Collective over team. */
static pw_code fill(pw_kmeans_state *s, sample *d, uint64_t seed)
{
    const pw_random_key key = {.seed = seed, .stream = PW_RANDOM_CLUSTER};
    bool more = true;
    pw_code code = PW_OK;
    PW_TRY(pw_agree(s->team, PW_GROW(d->row, &d->capacity, 1)));
    for (int64_t i = 0; i < s->V->count; i++) {
        s->nearest[i] = INFINITY;
        s->chance[i] = 1;
    }
    pw_rows_draw(s->team, s->V, s->chance, s->of_rank, key, 0, 1, d->row);
    d->count = 1;
    approach(s, d, 0);
    for (int r = 0; more && (r < ROUNDS || (d->count < s->k && r < MOST_ROUNDS)); r++) {
        const int64_t had = d->count;
        PW_TRY(draw(s, d, seed, r, &more));
        approach(s, d, had);
    }
done:
    return code;
}

/* ---- k-means++ among the sample ---- */

/* Collective over team. Rows of the sample as a matrix, dealt evenly, and how many rows of V each is nearest to. */
static pw_code take_rows(pw_kmeans_state *s, sample *d, pw_matrix *S, double *weight)
{
    const int64_t n = s->V->cols;
    double *all = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_agree(s->team, PW_NEW(all, d->count)));
    for (int64_t i = 0; i < s->V->count; i++)
        all[d->closest[i]]++;
    pw_reduce_sum(s->team, all, d->count);
    memcpy(weight, all + S->first, (size_t)S->count * sizeof *weight);
    for (int64_t first = 0; first < d->count; first += d->batch) {
        const int64_t left = d->count - first;
        const int count = left < d->batch ? (int)left : d->batch;
        pw_rows_fetch(s->team, s->V, count, d->row + first, d->X);
        for (int c = 0; c < count; c++)
            if (first + c >= S->first && first + c < S->first + S->count)
                memcpy((double *)S->values + (first + c - S->first) * n, d->X + c * n,
                       (size_t)n * sizeof(double));
    }
done:
    free(all);
    return code;
}

/* Collective over team. */
static pw_code choose(pw_kmeans_state *s, sample *d, uint64_t seed)
{
    pw_matrix S = {.rows = 0};
    pw_kmeans_state own = {.team = s->team};
    double *weight = NULL;
    pw_code code = PW_OK;
    PW_TRY(pw_matrix_new_dense(s->team, d->count, s->V->cols, false, PW_F64, &S));
    PW_TRY(pw_agree(s->team, PW_NEW(weight, S.count)));
    PW_TRY(take_rows(s, d, &S, weight));
    PW_TRY(pw_kmeans_state_create(s->team, &S, s->request, &own));
    own.weight = weight;
    pw_kmeans_start(&own, seed);
    memcpy(s->C, own.C, (size_t)(s->k * s->V->cols) * sizeof *s->C);
done:
    pw_kmeans_state_destroy(&own);
    pw_matrix_destroy(&S);
    free(weight);
    return code;
}

pw_code pw_kmeans_start_from_sample(pw_kmeans_state *s, uint64_t seed)
{
    sample d = {.count = 0};
    pw_code code = PW_OK;
    PW_TRY(pw_agree(s->team, create(s, &d)));
    PW_TRY(fill(s, &d, seed));
    PW_TRY(choose(s, &d, seed));
done:
    destroy(&d);
    return code;
}
