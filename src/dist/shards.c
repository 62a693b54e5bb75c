#include "dist/shards.h"

#include "dist/collective.h"

#include <string.h>

/* ---- who is in a group ---- */

static int64_t fewer_messages(int64_t ranks, int64_t s, int64_t best)
{
    const int64_t sum = s + ranks / s, least = best + ranks / best;
    return sum < least || (sum == least && s > best) ? s : best;
}

int64_t pw_shards_group(int64_t ranks, int64_t per_node)
{
    const int64_t nodes = ranks / per_node;
    int64_t best = ranks;
    for (int64_t n = 1; n * n <= nodes; n++)
        if (nodes % n == 0) {
            best = fewer_messages(ranks, per_node * n, best);
            best = fewer_messages(ranks, per_node * (nodes / n), best);
        }
    return best;
}

static bool equal_on_all(pw_team *team, int value)
{
    int64_t extremes[] = {value, -value};
    pw_reduce_max_int(team, extremes, 2);
    return extremes[0] == -extremes[1];
}

/* This rank's number where those of a node follow each other; `per_node` of each. Nodes that have different numbers of ranks
 * count as one. */
static int place_of(pw_team *team, MPI_Comm node, int *per_node)
{
    int place;
    MPI_Comm_rank(node, &place);
    MPI_Comm_size(node, per_node);
    int64_t before = pw_scan_before(team, place == 0);
    MPI_Bcast(&before, 1, MPI_INT64_T, 0, node);
    if (!equal_on_all(team, *per_node)) {
        *per_node = team->size;
        return team->rank;
    }
    return (int)before * *per_node + place;
}

static pw_shards_step step_of(const pw_team *team, int color, int key, int first, int each)
{
    pw_shards_step step = {.first = first, .each = each};
    MPI_Comm_split(team->comm, color, key, &step.comm);
    MPI_Comm_set_errhandler(step.comm, MPI_ERRORS_ARE_FATAL);
    MPI_Comm_size(step.comm, &step.members);
    MPI_Comm_rank(step.comm, &step.own);
    return step;
}

/* ---- the whole ---- */

pw_code pw_shards_create_on(pw_team *team, MPI_Comm node, int64_t rows, pw_shards *shards)
{
    int per_node;
    const int place = place_of(team, node, &per_node);
    const int s = (int)pw_shards_group(team->size, per_node), groups = team->size / s;
    const int g = place / s, i = place % s;
    *shards = (pw_shards){.own = i * groups + g};
    const pw_code code = pw_agree(team, pw_layout_even(rows, team->size, &shards->layout));
    if (code != PW_OK) {
        pw_layout_destroy(&shards->layout);
        return code;
    }
    shards->within = step_of(team, g, i, 0, groups);
    shards->across = step_of(team, i, g, i * groups, 1);
    return PW_OK;
}

pw_code pw_shards_create(pw_team *team, int64_t rows, pw_shards *shards)
{
    MPI_Comm node;
    MPI_Comm_split_type(team->comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
    const pw_code code = pw_shards_create_on(team, node, rows, shards);
    MPI_Comm_free(&node);
    return code;
}

void pw_shards_destroy(pw_shards *shards)
{
    if (shards && shards->layout.size > 0) {
        MPI_Comm_free(&shards->within.comm);
        MPI_Comm_free(&shards->across.comm);
        pw_layout_destroy(&shards->layout);
    }
}

int64_t pw_shards_from(const pw_shards *shards)
{
    return pw_layout_first(&shards->layout, shards->own);
}

int64_t pw_shards_to(const pw_shards *shards)
{
    return pw_layout_first(&shards->layout, shards->own + 1);
}

/* ---- sums ---- */

/* The first row of a member's run; that of all members together is begin_of(…, 0) … begin_of(…, members) − 1. */
static int64_t begin_of(const pw_shards *shards, const pw_shards_step *step, int member)
{
    return pw_layout_first(&shards->layout, step->first + member * step->each);
}

static int64_t rows_of(const pw_shards *shards, const pw_shards_step *step, int member)
{
    return begin_of(shards, step, member + 1) - begin_of(shards, step, member);
}

/* Sends `out` doubles to rank `to` and adds `in` doubles of rank `from` to `sums`. */
static void pass_on(MPI_Comm comm, int to, const double *send, int64_t out, int from, double *sums,
                    int64_t in)
{
    enum { SOME = 1 << 14 };
    double room[SOME];
    while (out > 0 || in > 0) {
        const int some_out = out < SOME ? (int)out : SOME, some_in = in < SOME ? (int)in : SOME;
        MPI_Sendrecv(send, some_out, MPI_DOUBLE, out > 0 ? to : MPI_PROC_NULL, 0, room, some_in,
                     MPI_DOUBLE, in > 0 ? from : MPI_PROC_NULL, 0, comm, MPI_STATUS_IGNORE);
        for (int i = 0; i < some_in; i++)
            sums[i] += room[i];
        send += some_out;
        sums += some_in;
        out -= some_out;
        in -= some_in;
    }
}

/* A ring: the sums of each run go round from the member after its own to its own, each of which adds what it has. MPI's own
 * reduce-scatter needs room for all rows once more. */
static void reduce(const pw_shards *shards, const pw_shards_step *step, int64_t width,
                   double *values)
{
    const int s = step->members, next = (step->own + 1) % s, last = (step->own + s - 1) % s;
    for (int turn = 1; turn < s; turn++) {
        const int out = (step->own + s - turn) % s, in = (out + s - 1) % s;
        pass_on(step->comm, next, values + begin_of(shards, step, out) * width,
                rows_of(shards, step, out) * width, last,
                values + begin_of(shards, step, in) * width, rows_of(shards, step, in) * width);
    }
}

void pw_shards_reduce(const pw_shards *shards, int64_t width, double *values)
{
    reduce(shards, &shards->within, width, values);
    reduce(shards, &shards->across, width, values);
}

/* ---- rows ---- */

static void gather(const pw_shards *shards, const pw_shards_step *step, MPI_Datatype row,
                   double *values)
{
    int count[step->members], first[step->members];
    for (int m = 0; m < step->members; m++) {
        count[m] = pw_int(rows_of(shards, step, m));
        first[m] = pw_int(begin_of(shards, step, m));
    }
    MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, values, count, first, row, step->comm);
}

void pw_shards_gather(const pw_shards *shards, int64_t width, double *values)
{
    MPI_Datatype row;
    MPI_Type_contiguous(pw_int(width), MPI_DOUBLE, &row);
    MPI_Type_commit(&row);
    gather(shards, &shards->across, row, values);
    gather(shards, &shards->within, row, values);
    MPI_Type_free(&row);
}
