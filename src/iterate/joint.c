/* Joint products. Each by itself the skinny products of k columns are bound by the memory that V is read from; those of all
 * members together are products of a matrix with K = Σ k columns. H and W of the members are copied side by side, P is
 * dealt out to their parts of the message, R is read where it stands. */
#include "base/memory.h"
#include "iterate/state.h"

#include <string.h>

pw_code pw_joint_create(pw_batch *batch, const pw_products_request *request)
{
    pw_joint *joint = &batch->joint;
    const int64_t n = batch->V->cols;
    pw_code code = PW_OK;
    const int64_t most = request->K;
    joint->is_used = true;
    PW_TRY(pw_products_create(&batch->workspace, request, &joint->products));
    PW_TRY(PW_NEW(joint->H, n * most));
    PW_TRY(PW_NEW(joint->W, 2 * batch->source.tile_rows * most));
    PW_TRY(PW_NEW(joint->P, n * most));
    PW_TRY(pw_batch_fit(batch, 0, most));
done:
    return code;
}

void pw_joint_destroy(pw_joint *joint)
{
    pw_products_destroy(&joint->products);
    free(joint->H);
    free(joint->W);
    free(joint->P);
}

/* Rows of a member's factor into its columns of `wide`. */
static void put(int64_t rows, int k, const double *X, int K, double *wide)
{
    for (int64_t i = 0; i < rows; i++)
        memcpy(wide + i * K, X + i * k, (size_t)k * sizeof *X);
}

static void take(int64_t rows, int k, double *X, int K, const double *wide)
{
    for (int64_t i = 0; i < rows; i++)
        memcpy(X + i * k, wide + i * K, (size_t)k * sizeof *X);
}

void pw_joint_begin(pw_batch *batch)
{
    pw_joint *joint = &batch->joint;
    for (int i = 0; i < batch->members; i++) {
        const pw_state *s = batch->member[i];
        put(batch->V->cols, s->k, s->model->replicated, joint->K, joint->H + s->offset);
    }
    pw_products_narrow(&joint->products, joint->K);
    pw_products_begin(&joint->products, joint->H, batch->options->symmetric ? NULL : joint->P,
                      PW_MEASURE_NOT);
}

static double *W_of(const pw_batch *batch, int64_t b)
{
    return batch->joint.W + (b & 1) * batch->source.tile_rows * batch->joint.K;
}

void pw_joint_take_w(pw_batch *batch, int64_t b, const pw_tile *tile, int64_t from, int64_t to)
{
    pw_joint *joint = &batch->joint;
    double *W = W_of(batch, b) + from * joint->K;
    for (int i = 0; i < batch->members; i++) {
        const pw_state *s = batch->member[i];
        put(to - from, s->k, s->model->distributed + (tile->first + from) * s->k, joint->K,
            W + s->offset);
    }
    pw_products_take_w(&joint->products, tile, from, to, W);
}

void pw_joint_times_w(pw_batch *batch, int64_t b, const pw_tile *tile, int thread)
{
    pw_products_times_w(&batch->joint.products, tile, thread, W_of(batch, b));
}

void pw_joint_end(pw_batch *batch, int thread)
{
    pw_joint *joint = &batch->joint;
    const int64_t from = batch->workspace.share[thread].column_from;
    const int64_t to = batch->workspace.share[thread].column_to;
    pw_products_end(&joint->products, thread);
    for (int i = 0; i < batch->members; i++) {
        const pw_state *s = batch->member[i];
        take(to - from, s->k, s->P + from * s->k, joint->K, joint->P + from * joint->K + s->offset);
    }
}
