#include "dist/collective.h"

#include "base/memory.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

enum { PIECE = 1 << 28 }; /* elements or bytes of one MPI call */

int pw_int(int64_t value)
{
    if (value < 0 || value > INT_MAX) {
        fprintf(stderr, "partwise: error: internal: %" PRId64 " does not fit an int\n", value);
        MPI_Abort(MPI_COMM_WORLD, PW_ERROR_INTERNAL);
    }
    return (int)value;
}

static void reduce(pw_team *team, void *values, int64_t count, MPI_Datatype type, MPI_Op operation)
{
    for (int64_t done = 0; done < count; done += PIECE) {
        const int64_t left = count - done;
        MPI_Allreduce(MPI_IN_PLACE, (char *)values + 8 * done, pw_int(left < PIECE ? left : PIECE),
                      type, operation, team->comm);
    }
}

void pw_reduce_sum(pw_team *team, double *values, int64_t count)
{
    reduce(team, values, count, MPI_DOUBLE, MPI_SUM);
}

void pw_reduce_sum_int(pw_team *team, int64_t *values, int64_t count)
{
    reduce(team, values, count, MPI_INT64_T, MPI_SUM);
}

void pw_reduce_max(pw_team *team, double *values, int64_t count)
{
    reduce(team, values, count, MPI_DOUBLE, MPI_MAX);
}

void pw_reduce_max_int(pw_team *team, int64_t *values, int64_t count)
{
    reduce(team, values, count, MPI_INT64_T, MPI_MAX);
}

void pw_reduce_min_at(pw_team *team, double *value, int64_t *index)
{
    struct {
        double value;
        int index;
    } least = {*value, pw_int(*index)};
    MPI_Allreduce(MPI_IN_PLACE, &least, 1, MPI_DOUBLE_INT, MPI_MINLOC, team->comm);
    *value = least.value;
    *index = least.index;
}

int64_t pw_scan_before(pw_team *team, int64_t value)
{
    int64_t before = 0;
    MPI_Exscan(&value, &before, 1, MPI_INT64_T, MPI_SUM, team->comm);
    return team->rank == 0 ? 0 : before;
}

void pw_broadcast(pw_team *team, void *data, int64_t bytes, int root)
{
    for (int64_t done = 0; done < bytes; done += PIECE) {
        const int64_t left = bytes - done;
        MPI_Bcast((char *)data + done, pw_int(left < PIECE ? left : PIECE), MPI_BYTE, root,
                  team->comm);
    }
}

enum { EVERY_RANK = -1 };

static void gather_rows(pw_team *team, const pw_layout *layout, int64_t row_bytes, const void *own,
                        void *all, int root)
{
    int count[team->size], first[team->size];
    MPI_Datatype row;
    for (int r = 0; r < team->size; r++) {
        count[r] = pw_int(pw_layout_count(layout, r));
        first[r] = pw_int(pw_layout_first(layout, r));
    }
    MPI_Type_contiguous(pw_int(row_bytes), MPI_BYTE, &row);
    MPI_Type_commit(&row);
    if (root == EVERY_RANK)
        MPI_Allgatherv(own, count[team->rank], row, all, count, first, row, team->comm);
    else
        MPI_Gatherv(own, count[team->rank], row, all, count, first, row, root, team->comm);
    MPI_Type_free(&row);
}

void pw_gather_rows(pw_team *team, const pw_layout *layout, int64_t row_bytes, const void *own,
                    void *all)
{
    gather_rows(team, layout, row_bytes, own, all, EVERY_RANK);
}

void pw_gather_rows_at(pw_team *team, const pw_layout *layout, int64_t row_bytes, const void *own,
                       void *all, int root)
{
    gather_rows(team, layout, row_bytes, own, all, root);
}

static int64_t total(const int64_t *count, int size)
{
    int64_t sum = 0;
    for (int r = 0; r < size; r++)
        sum += count[r];
    return sum;
}

/* Round `step`: this rank sends to rank + step and receives from rank - step, in pieces. */
static void exchange_with(pw_team *team, int to, const char *send, int64_t send_bytes, int from,
                          char *receive, int64_t receive_bytes)
{
    while (send_bytes > 0 || receive_bytes > 0) {
        const int64_t out = send_bytes < PIECE ? send_bytes : PIECE;
        const int64_t in = receive_bytes < PIECE ? receive_bytes : PIECE;
        MPI_Sendrecv(send, pw_int(out), MPI_BYTE, out ? to : MPI_PROC_NULL, 0, receive, pw_int(in),
                     MPI_BYTE, in ? from : MPI_PROC_NULL, 0, team->comm, MPI_STATUS_IGNORE);
        send += out;
        receive += in;
        send_bytes -= out;
        receive_bytes -= in;
    }
}

void pw_exchange_into(pw_team *team, const void *send, const int64_t *send_count, size_t size,
                      void *receive, const int64_t *receive_count)
{
    for (int step = 0; step < team->size; step++) {
        const int to = (team->rank + step) % team->size;
        const int from = (team->rank - step + team->size) % team->size;
        const int64_t unit = (int64_t)size;
        exchange_with(
            team, to, (const char *)send + unit * total(send_count, to), unit * send_count[to],
            from, (char *)receive + unit * total(receive_count, from), unit * receive_count[from]);
    }
}

pw_code pw_exchange(pw_team *team, const void *send, const int64_t *send_count, size_t size,
                    void **receive, int64_t *receive_count)
{
    MPI_Alltoall(send_count, 1, MPI_INT64_T, receive_count, 1, MPI_INT64_T, team->comm);
    void *in = pw_new(total(receive_count, team->size), size);
    pw_code code = pw_agree(team, in ? PW_OK : PW_ERROR_MEMORY);
    if (code != PW_OK) {
        free(in);
        return code;
    }
    pw_exchange_into(team, send, send_count, size, in, receive_count);
    *receive = in;
    return PW_OK;
}
